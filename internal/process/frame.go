package process

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A worker and its parent exchange frames: the length in four bytes, then so many bytes. One is
//
//	a request  a byte of flags, the function's name with its length before it, the argument
//	an answer  a byte that says what it is, and that
//
// Requests and answers take turns, so neither bears a number.

// maxFrame bounds what one end makes the other remember.
const maxFrame = 64 << 20

// ErrTooLarge is an argument or a result of more than 64 MiB.
var ErrTooLarge = errors.New("more than 64 MiB in one call")

// errNonsense is what no worker and no parent of one says.
var errNonsense = errors.New("that is not what the other process has to say")

const headerSize = 4

// The flags of a request.
const (
	restartResults = 1 << iota // the parent stumbled over the last result: begin a new stream
	forEach                    // the argument is a slice: call the function for each of its items
)

// What an answer is.
const (
	answerResult  = 'r' // a value
	answerError   = 'e' // the text of the error that the function returned
	answerBadCall = 'b' // why there was nothing to call, or nothing to call it with: the argument was not read to its end
	answerPanic   = 'p' // the text of the panic, with its length before it, and the stack
)

// newFrame returns an empty frame in buf's place: room for the header.
func newFrame(buf []byte) []byte { return append(buf[:0], 0, 0, 0, 0) }

// writeFrame sends a frame, which newFrame began, in one piece.
func writeFrame(w io.Writer, frame []byte) error {
	n := len(frame) - headerSize
	if n > maxFrame {
		return fmt.Errorf("%d bytes: %w", n, ErrTooLarge)
	}
	binary.LittleEndian.PutUint32(frame, uint32(n))
	_, err := w.Write(frame)
	return err
}

// readHeader returns the length of the next frame. The error is io.EOF if the stream ends before it.
func readHeader(r *bufio.Reader) (int, error) {
	header, err := r.Peek(headerSize)
	if err != nil {
		if len(header) > 0 && err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	n := binary.LittleEndian.Uint32(header)
	if n > maxFrame {
		return 0, fmt.Errorf("%w: it announces %d bytes", errNonsense, n)
	}
	_, err = r.Discard(headerSize)
	return int(n), err
}

// readBody reads the n bytes behind a header, in buf's place if there is room. A frame that lies about its length gets no
// memory for bytes that do not come.
func readBody(r io.Reader, n int, buf []byte) ([]byte, error) {
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

// keep returns a buffer for the next frame: this one, unless it is too large to be kept for small ones.
func keep(buf []byte) []byte {
	if cap(buf) > 64<<10 {
		return nil
	}
	return buf
}

// appendText appends a text with its length before it.
func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// cutText reads what appendText wrote.
func cutText(from []byte) (text string, rest []byte, err error) {
	n, size := binary.Uvarint(from)
	if size <= 0 || n > uint64(len(from)-size) {
		return "", nil, errNonsense
	}
	from = from[size:]
	return string(from[:n]), from[n:], nil
}
