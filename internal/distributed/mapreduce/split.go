package mapreduce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Split is a piece of a source: whole lines, each with the line end it has there.
type Split struct {
	Source string // the source's name
	Offset int64  // of the first byte in the source
	Number int    // among all splits of the job, from 0
	Data   []byte // Map may change it
}

// ErrLongLine is a line that does not fit into a message of the engine.
var ErrLongLine = errors.New("a line is longer than a split may be; break it up")

// readBlock is how much is read at once to find the end of a line that is longer than a split.
const readBlock = 64 << 10

// eachSplit cuts the sources of an input into splits of at most size bytes, at line ends, and hands them to take, whose the
// data is until it returns. A line that is longer than size is a split of its own, up to most bytes. The last line of a
// source needs no line end. An empty source gives no split.
func eachSplit(ctx context.Context, in Input, size, most int, take func(Split) error) error {
	number := 0
	buf := make([]byte, 0, size)
	for source, err := range in {
		if err != nil {
			return err
		}
		if buf, err = cut(ctx, source, buf, size, most, func(s Split) error {
			s.Number = number
			number++
			return take(s)
		}); err != nil {
			return err
		}
	}
	return nil
}

// cut cuts one source. It reads into buf, which it may replace by a larger one.
func cut(ctx context.Context, source Source, buf []byte, size, most int, take func(Split) error) ([]byte, error) {
	r, err := source.Open()
	if err != nil {
		return buf, fmt.Errorf("read the input: %w", err)
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { r.Close() })() // ends a read that waits
	data, offset, end := buf[:0], int64(0), false
	for {
		n := splitEnd(data, size, end)
		switch {
		case n > most, n == 0 && len(data) > most:
			return data, fmt.Errorf("%s, at byte %d, more than %d bytes: %w", source.Name, offset, most, ErrLongLine)
		case n > 0:
			if err := take(Split{Source: source.Name, Offset: offset, Data: data[:n]}); err != nil {
				return data, err
			}
			offset += int64(n)
			data = data[:copy(data, data[n:])]
			continue
		case end:
			return data, nil
		}
		want := size
		if len(data) >= size {
			want = min(len(data)+readBlock, most+1)
		}
		data, err = fill(r, data, want)
		if end = err == io.EOF; err != nil && !end {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return data, fmt.Errorf("read %s at byte %d: %w", source.Name, offset+int64(len(data)), err)
		}
	}
}

// splitEnd is where the first split of data ends. It is 0 if more has to be read to know. With end there is no more.
func splitEnd(data []byte, size int, end bool) int {
	if len(data) <= size && end {
		return len(data)
	}
	if len(data) < size {
		return 0
	}
	if n := bytes.LastIndexByte(data[:size], '\n'); n >= 0 {
		return n + 1
	}
	if n := bytes.IndexByte(data[size:], '\n'); n >= 0 {
		return size + n + 1
	}
	if end {
		return len(data)
	}
	return 0
}

// fill reads until data has want bytes. The error is io.EOF if there are no more.
func fill(r io.Reader, data []byte, want int) ([]byte, error) {
	data = slices.Grow(data, want-len(data))
	n, err := io.ReadFull(r, data[len(data):want])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return data[:len(data)+n], err
}
