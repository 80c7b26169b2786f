// Package proctest is what the tests of package process, and of the packages below it, share. Only tests import it.
package proctest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Mentions checks that there is an error which says all of that.
func Mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want it to say %q", err, part)
		}
	}
}

// Kill9 kills a process from outside.
func Kill9(pid int) {
	if child, err := os.FindProcess(pid); err == nil {
		child.Kill()
	}
}

// Relay starts cmd, whose process calls [SendBack], and lets it send back what it gets, size bytes at a time.
func Relay(b *testing.B, cmd *exec.Cmd, size int) (stdin io.WriteCloser, stdout io.ReadCloser, end func()) {
	b.Helper()
	cmd.Args = append(cmd.Args, fmt.Sprint(size))
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return stdin, stdout, func() {
		stdin.Close()
		cmd.Wait()
	}
}

// SendBack sends back what this process gets on its standard input, as many bytes at a time as its argument says: what a round
// trip costs at least.
func SendBack() error {
	size, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	b := make([]byte, size)
	for {
		if _, err := io.ReadFull(os.Stdin, b); err != nil {
			return nil
		}
		if _, err := os.Stdout.Write(b); err != nil {
			return err
		}
	}
}
