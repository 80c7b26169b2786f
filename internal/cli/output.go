package cli

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

// output is the stream that a command prints on. It keeps the first error of a write, so that commands need not look at each:
// [Main] asks once, at the end. After an error nothing more is written.
//
// A pipe that nobody reads any more is not an error. The reader has read enough, as head has, and the rest is dropped. What the
// command has begun is told to end, so that it cleans up.
type output struct {
	w io.Writer

	mu   sync.Mutex
	err  error  // of the first write that failed
	done bool   // the reader has left
	left func() // to be called when it does; nil: nothing
}

// onLeft has f called when the reader of the output has left.
func (o *output) onLeft(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = f
}

// Write writes, or returns the error of the first write that failed.
func (o *output) Write(b []byte) (int, error) {
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

// failed returns the error of the first write that failed.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// screen is the output for a program that shows a page there: the terminal itself, so that the program can ask it for its size.
// What is no terminal, but was forced to count as one, stays watched.
func (s Streams) screen() io.Writer {
	if o, ok := s.Out.(*output); ok {
		if f, ok := o.w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return f
		}
	}
	return s.Out
}

// outputError is a write on a command's output that failed.
type outputError struct{ err error }

func (e outputError) Error() string {
	return fmt.Sprintf("cannot write the output: %v", withoutPath(e.err)) // the name of the stream is not that of the file behind it
}

func (e outputError) Unwrap() error { return e.err }

// withoutPath is an error of a file without the file's name, for what names it itself.
func withoutPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
