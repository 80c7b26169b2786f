package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Pager starts the user's pager on out, which should be a terminal, and returns where to write what it shows.
// Close ends the text and waits until the user has read it. The caller must call it.
//
// The pager is the command in $COOKBOOK_PAGER, else in $PAGER, else less; lookup is os.LookupEnv. If the variable
// is empty or says "cat", or there is no such program, or $TERM is dumb, on which less stops to complain, the text goes to out
// directly: it is always shown.
//
// A user who leaves the pager before the end has read enough: what is written after that is dropped without an error.
// When ctx is done, the pager is ended and Close returns the cause.
func Pager(ctx context.Context, out io.Writer, lookup func(string) (string, bool)) (io.WriteCloser, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	args := pagerCommand(lookup)
	if args == nil {
		return direct{ctx, out}, nil
	}
	p := &pager{ctx: ctx, name: strings.Join(args, " ")}
	p.cmd = exec.CommandContext(ctx, args[0], args[1:]...)
	p.cmd.Env = append(os.Environ(), pagerEnv(lookup)...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Cancel = p.cancel
	p.cmd.WaitDelay = 2 * time.Second
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("cannot make a pipe to the pager: %w", err)
	}
	p.stdin = stdin
	if err := p.cmd.Start(); err != nil {
		stdin.Close()
		return direct{ctx, out}, nil
	}
	return p, nil
}

// pagerCommand returns the command line of the pager, nil if there is none.
func pagerCommand(lookup func(string) (string, bool)) []string {
	if term, _ := lookup("TERM"); term == "dumb" {
		return nil
	}
	command, ok := lookup("COOKBOOK_PAGER")
	if !ok {
		command, ok = lookup("PAGER")
	}
	if !ok {
		command = "less -FRX"
	}
	args := strings.Fields(command)
	if len(args) == 0 || args[0] == "cat" {
		return nil
	}
	const special = "|&;<>()$`\\\"'*?[#~=%" // what only a shell understands
	if _, err := exec.LookPath(args[0]); err != nil && !strings.ContainsAny(args[0], special) {
		return nil
	}
	if runtime.GOOS == "windows" || !strings.ContainsAny(command, special) {
		return args
	}
	if sh, err := exec.LookPath("sh"); err == nil {
		return []string{sh, "-c", command}
	}
	return args
}

// pagerEnv makes a pager that is started without options show colours and UTF-8, unless the user chose otherwise.
func pagerEnv(lookup func(string) (string, bool)) []string {
	var env []string
	for _, kv := range [...][2]string{{"LESS", "FRX"}, {"LESSCHARSET", "utf-8"}, {"LV", "-c"}} {
		if _, ok := lookup(kv[0]); !ok {
			env = append(env, kv[0]+"="+kv[1])
		}
	}
	return env
}

// pager is a running pager.
type pager struct {
	ctx   context.Context
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	left  atomic.Bool // nobody reads any more

	once sync.Once
	err  error // of Close
}

// Write fails only if it was interrupted. The other end of the pipe is the user, who may leave when he likes.
func (p *pager) Write(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	if !p.left.Load() {
		if _, err := p.stdin.Write(b); err != nil {
			p.left.Store(true)
			if p.ctx.Err() != nil {
				return 0, context.Cause(p.ctx)
			}
		}
	}
	return len(b), nil
}

// Close ends the text and waits for the user to leave the pager. Calling it again returns the same.
func (p *pager) Close() error {
	p.once.Do(func() {
		p.stdin.Close()
		err := p.cmd.Wait()
		var exit *exec.ExitError
		switch {
		case p.ctx.Err() != nil:
			p.err = context.Cause(p.ctx)
		case errors.As(err, &exit) && exit.ExitCode() != 126 && exit.ExitCode() != 127:
			// However the user left, he has read. Only a shell that found no pager is worth telling.
		case err != nil:
			p.err = fmt.Errorf("the pager %q failed: %w; set PAGER=cat to do without", p.name, err)
		}
	})
	return p.err
}

// cancel asks the pager to leave, so that it puts the terminal in order first. The pipe is closed because a shell
// that dies leaves its children reading, and a Write would wait for them.
func (p *pager) cancel() error {
	p.stdin.Close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return p.cmd.Process.Kill()
	}
	return nil
}

// direct writes without a pager.
type direct struct {
	ctx context.Context
	out io.Writer
}

func (d direct) Write(b []byte) (int, error) {
	if d.ctx.Err() != nil {
		return 0, context.Cause(d.ctx)
	}
	return d.out.Write(b)
}

func (d direct) Close() error { return nil }
