package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/child"
	"cookbook/internal/terminal"
)

// ChildTimeoutError is a child process that did not end in time.
type ChildTimeoutError struct {
	Who    string
	After  time.Duration
	Stderr string // what it wrote there
}

func (e *ChildTimeoutError) Error() string {
	return fmt.Sprintf("%s did not end within %v (--timeout)%s", e.Who, e.After, lastLines(e.Stderr))
}

// ChildError is a child process that failed, or could not be started.
type ChildError struct {
	Who    string
	Stderr string // what it wrote there
	Err    error  // *exec.ExitError, or why it could not be started
}

func (e *ChildError) Error() string {
	return fmt.Sprintf("%s failed: %v%s", e.Who, e.Err, lastLines(e.Stderr))
}

// Unwrap returns Err.
func (e *ChildError) Unwrap() error { return e.Err }

// Code is the child's exit code, -1 if it has none.
func (e *ChildError) Code() int {
	var exit *exec.ExitError
	if errors.As(e.Err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// lastLines sets the end of what a child wrote on stderr below a message.
func lastLines(stderr string) string {
	const most = 20
	lines := terminal.SafeLines(stderr)
	if len(lines) == 0 {
		return ""
	}
	if len(lines) > most {
		lines = append([]string{"…"}, lines[len(lines)-most:]...)
	}
	return ":\n  " + strings.Join(lines, "\n  ")
}

// RunChild runs a command to its end, with env beside this process's own environment, and returns what it wrote and how long it
// took, from its start until it and its pipes were gone. When timeout has passed or ctx ends, the child and (on Unix) all it
// started are told to end, killed if they have not ended two seconds later, and waited for. The error is a *[ChildError], a
// *[ChildTimeoutError] or context.Cause(ctx). On Linux the child is told to end, too, if this process is killed meanwhile.
func RunChild(ctx context.Context, who string, timeout time.Duration, env []string, argv ...string) (
	stdout string, elapsed time.Duration, err error) {
	if ctx.Err() != nil {
		return "", 0, context.Cause(ctx)
	}
	late, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var out, errs output
	cmd := exec.CommandContext(late, argv[0], argv[1:]...)
	// A pipe on Windows would be in the local code page. Unbuffered, Python prints text and line break one after the other, and another
	// thread may print in between.
	cmd.Env = append(append(cmd.Environ(), "PYTHONUTF8=1", "PYTHONUNBUFFERED="), env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err = child.Run(cmd)
	elapsed = time.Since(start)
	if cmd.Process == nil && late.Err() == nil {
		return "", 0, &ChildError{who, "", err} // it could not be started
	}
	switch {
	case err == nil:
		return out.String(), elapsed, nil
	case ctx.Err() != nil:
		return "", elapsed, context.Cause(ctx)
	case late.Err() != nil:
		return "", elapsed, &ChildTimeoutError{who, timeout, errs.String()}
	}
	return out.String(), elapsed, &ChildError{who, errs.String(), err}
}

// MaxOutput is how many bytes [RunChild] keeps of what a child writes, the first ones.
const MaxOutput = 1 << 20

// output does not embed its buffer: io.Copy would call the buffer's ReadFrom.
type output struct{ first bytes.Buffer }

func (o *output) Write(b []byte) (int, error) {
	if room := MaxOutput - o.first.Len(); room > 0 {
		o.first.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (o *output) String() string { return o.first.String() }
