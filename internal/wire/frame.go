package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	// HeaderSize is what a frame takes beside its body.
	HeaderSize = 4
	// MaxFrame is the bound of a frame wherever a protocol does not need another one. What a peer announces takes no more
	// memory than that.
	MaxFrame = 64 << 20
)

var (
	// ErrTooLarge is what one process wants to say to another and that takes more than 64 MiB.
	ErrTooLarge = errors.New("more than 64 MiB in one call")

	// ErrNonsense is what no process of this program says at that place.
	ErrNonsense = errors.New("that is not what the other process has to say")
)

// NewFrame returns an empty frame in buf's place: room for the header. What is appended to it is the body.
func NewFrame(buf []byte) []byte { return append(buf[:0], 0, 0, 0, 0) }

// WriteFrame sends a frame, which [NewFrame] began, in one piece. If its body takes more than bound bytes, nothing is sent
// and the error wraps [ErrTooLarge]. The bound must be less than 4 GiB.
func WriteFrame(w io.Writer, frame []byte, bound int) error {
	n := len(frame) - HeaderSize
	if n > bound {
		return fmt.Errorf("%d bytes: %w", n, ErrTooLarge)
	}
	binary.LittleEndian.PutUint32(frame, uint32(n))
	_, err := w.Write(frame)
	return err
}

// ReadFrame returns the body of the next frame, in buf's place if there is room. The error is io.EOF if the stream ends
// before it, and wraps [ErrNonsense] if the body takes more than bound bytes.
func ReadFrame(r *bufio.Reader, buf []byte, bound int) ([]byte, error) {
	n, err := ReadHeader(r, bound)
	if err != nil {
		return nil, err
	}
	return ReadBody(r, n, buf)
}

// ReadHeader is the first half of [ReadFrame]: it returns the length of the next body.
func ReadHeader(r *bufio.Reader, bound int) (int, error) {
	header, err := r.Peek(HeaderSize)
	if err != nil {
		if len(header) > 0 && err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	n := binary.LittleEndian.Uint32(header)
	if uint64(n) > uint64(bound) {
		return 0, fmt.Errorf("%w: it announces %d bytes", ErrNonsense, n)
	}
	_, err = r.Discard(HeaderSize)
	return int(n), err
}

// ReadBody is the second half of [ReadFrame]. It takes memory as the bytes come, not as they were announced.
func ReadBody(r io.Reader, n int, buf []byte) ([]byte, error) {
	const step = 1 << 20
	buf = buf[:0]
	for len(buf) < n {
		have := len(buf)
		more := min(n-have, max(step, have))
		if cap(buf)-have < more {
			buf = append(make([]byte, 0, have+more), buf...)
		}
		buf = buf[:have+more]
		if _, err := io.ReadFull(r, buf[have:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return buf, nil
}

// Keep returns a buffer for the next frame: this one, unless it is too large to be kept for small ones.
func Keep(buf []byte) []byte {
	if cap(buf) > maxBuffer {
		return nil
	}
	return buf
}
