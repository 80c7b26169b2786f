package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/terminal"
)

// childTimeoutError is a child process that did not end in time.
type childTimeoutError struct {
	who    string
	after  time.Duration
	stderr string
}

func (e *childTimeoutError) Error() string {
	return fmt.Sprintf("%s did not end within %v (--timeout)%s", e.who, e.after, lastLines(e.stderr))
}

// Unwrap makes the exit code that of any time-out.
func (e *childTimeoutError) Unwrap() error { return &timeoutError{after: e.after} }

// childError is a child process that failed.
type childError struct {
	who    string
	stderr string
	err    error // *exec.ExitError, or why it could not be run
}

func (e *childError) Error() string {
	return fmt.Sprintf("%s failed: %v%s", e.who, e.err, lastLines(e.stderr))
}
func (e *childError) Unwrap() error { return e.err }

// code is the child's exit code, -1 if it has none.
func (e *childError) code() int {
	var exit *exec.ExitError
	if errors.As(e.err, &exit) {
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

// runChild runs a command to its end and returns what it wrote and how long it took, from its start until it and its pipes
// were gone. When timeout has passed or ctx ends, the child and (on Unix) all it started are told to end, killed if they do
// not within the grace, and waited for. The error is a *childError, a *childTimeoutError or context.Cause(ctx).
func runChild(ctx context.Context, who string, timeout time.Duration, argv ...string) (stdout string, elapsed time.Duration, err error) {
	return runChildIn(ctx, nil, who, timeout, argv...)
}

// runChildIn is runChild with more in the child's environment.
func runChildIn(ctx context.Context, env []string, who string, timeout time.Duration, argv ...string) (stdout string, elapsed time.Duration, err error) {
	if ctx.Err() != nil {
		return "", 0, context.Cause(ctx)
	}
	late, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var out, errs output
	cmd := exec.CommandContext(late, argv[0], argv[1:]...)
	cmd.Env = append(append(cmd.Environ(), "PYTHONUTF8=1"), env...) // a pipe on Windows would be in the local code page
	cmd.Stdout, cmd.Stderr = &out, &errs
	ownGroup(cmd)
	var force *time.Timer
	cmd.Cancel = func() error {
		force = time.AfterFunc(grace, func() { killGroup(cmd.Process) })
		return endGroup(cmd.Process)
	}
	cmd.WaitDelay = grace + time.Second
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return "", 0, &childError{who, "", err}
	}
	err = cmd.Wait()
	elapsed = time.Since(start)
	if force != nil {
		force.Stop()
	}
	if err != nil {
		killGroup(cmd.Process) // what it left behind
	}
	switch {
	case err == nil:
		return out.String(), elapsed, nil
	case ctx.Err() != nil:
		return "", elapsed, context.Cause(ctx)
	case late.Err() != nil:
		return "", elapsed, &childTimeoutError{who, timeout, errs.String()}
	}
	return out.String(), elapsed, &childError{who, errs.String(), err}
}

// output keeps the first megabyte of what a child writes.
type output struct{ bytes.Buffer }

func (o *output) Write(b []byte) (int, error) {
	const most = 1 << 20
	if room := most - o.Len(); room > 0 {
		o.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}
