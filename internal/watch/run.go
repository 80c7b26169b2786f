package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"cookbook/internal/child"
	"cookbook/internal/terminal"
)

// codeLate is the exit code of a program that its --timeout has ended.
const codeLate = 124

// buildAndRun is the judge that builds the program in a folder, which it may fill, and runs it.
func (o *Options) buildAndRun(folder string) (func(context.Context, string) Result, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, ErrNoGo
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = time.Minute
	}
	return func(ctx context.Context, saved string) Result {
		program, r := Build(ctx, o.Dir, o.Package, folder)
		if program == "" {
			return r
		}
		argv, about := []string{program}, ""
		if o.Command != nil {
			words := o.Command(saved)
			argv, about = append(argv, words...), words[len(words)-1]
		}
		r = Run(ctx, o.Dir, timeout, slices.Concat(argv, []string{"--json", fmt.Sprintf("--timeout=%v", timeout)}, o.Args))
		if about != "" {
			r.What = strings.TrimSuffix(about+": "+r.What, ": ")
		}
		return r
	}, nil
}

// Build builds a package ("": that in dir) into a folder, in which go build keeps all that is temporary, too, and returns the
// program's path. If that is "", the result says what the compiler says, with paths as seen from dir.
func Build(ctx context.Context, dir, pkg, folder string) (program string, r Result) {
	program = filepath.Join(folder, "program")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	out := bounded{most: mostText}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program)
	if pkg != "" {
		cmd.Args = append(cmd.Args, pkg)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(cmd.Environ(), "GOTMPDIR="+folder)
	if err := child.Run(cmd); err != nil {
		return "", Result{State: Unbuilt, At: -1, Below: out.linesOr(err)}
	}
	return program, Result{}
}

// Run runs a program that prints events, as --json has it, in a folder, and returns the result. The program is to heed --timeout
// itself; a little later than timeout it is ended with all it has started, as it is when ctx ends.
func Run(ctx context.Context, dir string, timeout time.Duration, argv []string) Result {
	const more = 5 * time.Second
	within, cancel := context.WithTimeout(ctx, timeout+more)
	defer cancel()
	out, errs := bounded{most: mostEvents}, bounded{most: mostText}
	cmd := exec.CommandContext(within, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	err := child.Run(cmd)
	r := Read(&out.first)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Result{State: Unjudged, At: -1}
	case within.Err() != nil:
		r.State, r.What = Late, ""
		r.Below = append(r.Below, fmt.Sprintf("It did not end within %v, nor %v later, and was killed.", timeout, more))
	case errors.As(err, &exit) && exit.ExitCode() == codeLate:
		r.State, r.What = Late, ""
	case err != nil && r.State == Kept:
		r.State = Failed // after its last line, as the race detector has it
	case err == nil && r.State == Failed && len(r.Rows) == 0:
		r.Below = append(r.Below, "It printed no events: the program has to know --json.")
	}
	if r.State != Kept {
		said := errs.linesOr(nil)
		if len(said) == 0 && err != nil && len(r.Below) == 0 {
			said = []string{err.Error()}
		}
		// The program says its error there, too, behind its name.
		if _, after, ok := strings.Cut(terminal.OneLine(strings.Join(said, " ")), ": "); !ok || after != terminal.OneLine(strings.Join(r.Below, " ")) {
			r.Below = append(r.Below, said...)
		}
	}
	return r
}

// What is kept of the events of a run, and of what is shown as it is, in bytes.
const (
	mostEvents = 8 << 20
	mostText   = 32 << 10
)

// bounded keeps the first bytes that a program writes, so that one that writes for ever costs no more. It does not embed its
// buffer: io.Copy would call the buffer's ReadFrom.
type bounded struct {
	most  int
	first bytes.Buffer
}

func (b *bounded) Write(text []byte) (int, error) {
	b.first.Write(text[:min(len(text), b.most-b.first.Len())])
	return len(text), nil
}

// linesOr are the lines that were written, or an error if there are none.
func (b *bounded) linesOr(err error) []string {
	lines := terminal.SafeLines(b.first.String())
	if len(lines) == 0 && err != nil {
		lines = []string{err.Error()}
	}
	return lines
}
