//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWhatAProgramStartedEndsWithIt(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error)
	go func() {
		_, err := output(ctx, invocation{argv: []string{"sh", "-c", `sh -c 'exec 3<"$0"; exec sleep 20' "$0"; :`, fifo}})
		ended <- err
	}()
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // opens when the inner one does
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cancel(stoppedError{syscall.SIGTERM})
	if err := <-ended; exitCode(err) != 143 {
		t.Errorf("got %v", err)
	}
	if _, err := w.WriteString("x"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("what the program started still reads: %v", err)
	}
}
