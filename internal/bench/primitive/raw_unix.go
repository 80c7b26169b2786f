//go:build unix

package primitive

import (
	"context"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// readRaw reads the standard input to its end, in pieces of a size.
func readRaw(size string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	for b := make([]byte, n); ; {
		if n, err := unix.Read(0, b); n <= 0 {
			return err
		}
	}
}

// throughRawPipe writes messages of a size to another process by the system's own calls.
func throughRawPipe(size int) Body {
	return func(ctx context.Context, n int) (time.Duration, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return 0, err
		}
		defer w.Close()
		defer r.Close()
		cmd, err := swallow.Command(ctx)
		if err != nil {
			return 0, err
		}
		cmd.Stdin = r
		cmd.Env = append(cmd.Env, "SIZE="+strconv.Itoa(size))
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		r.Close()
		fd, message := int(w.Fd()), make([]byte, size) // Fd makes it block
		took, err := timed(n, func() error {
			_, err := unix.Write(fd, message)
			return err
		})
		w.Close()
		if waited := cmd.Wait(); err == nil {
			err = waited
		}
		return took, err
	}
}
