package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// Output is the stream that a command prints on. It keeps the first error of a write, so that commands need not look at each:
// [Output.Settle] tells at the end. After an error nothing more is written.
//
// A pipe that nobody reads any more is not an error. The reader has read enough, as head has, and the rest is dropped. What the
// command has begun is told to end, so that it cleans up.
type Output struct {
	w io.Writer

	mu   sync.Mutex
	err  error  // of the first write that failed
	done bool   // the reader has left
	left func() // to be called when it does; nil: nothing
}

// NewOutput returns an output that writes to w.
func NewOutput(w io.Writer) *Output { return &Output{w: w} }

// onLeft has f called when the reader of the output has left.
func (o *Output) onLeft(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = f
}

// Write writes, or returns the error of the first write that failed.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
		return 0, o.err
	case o.done:
		return len(b), nil
	}
	n, err := o.w.Write(b)
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		o.done = true
		if o.left != nil {
			o.left()
		}
		return len(b), nil
	case err != nil:
		o.err = outputError{err}
	}
	return n, o.err
}

// Settle returns what became of a command whose work ended with err: the first write that failed, if there is no other error.
// If there is another one, complain is called with that of the write.
func (o *Output) Settle(err error, complain func(error)) error {
	o.mu.Lock()
	failed := o.err
	o.mu.Unlock()
	switch {
	case failed == nil:
	case err == nil, errors.Is(err, failed):
		return failed
	default:
		complain(failed)
	}
	return err
}

// Screen is the output for a program that shows a page there: the terminal itself, so that the program can ask it for its size.
// What is no terminal, but was forced to count as one, stays watched.
func (s Streams) Screen() io.Writer {
	if o, ok := s.Out.(*Output); ok {
		if f, ok := o.w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return f
		}
	}
	return s.Out
}

// Size tells the columns and rows of the terminal that Out is, each time it is asked; nil if Out is none. One that was forced to count
// as a terminal has no end of rows.
func (s Streams) Size() func() (columns, rows int) {
	if !s.OutTTY {
		return nil
	}
	return func() (int, int) {
		if f, ok := s.Screen().(*os.File); ok {
			if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
				return columns, rows
			}
		}
		return s.Width, 0
	}
}

// outputError is a write on a command's output that failed.
type outputError struct{ err error }

func (e outputError) Error() string {
	return fmt.Sprintf("cannot write the output: %v", WithoutPath(e.err)) // the name of the stream is not that of the file behind it
}

func (e outputError) Unwrap() error { return e.err }

// WithoutPath is an error of a file without the file's name, for what names it itself.
func WithoutPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
