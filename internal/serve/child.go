package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cookbook/internal/child"
	"cookbook/internal/command"
	"cookbook/internal/site/live"
	"cookbook/internal/temp"
	"cookbook/internal/terminal"
	"cookbook/internal/timeline"
	"cookbook/internal/transcript"
)

const (
	maxOutput   = 8 << 20 // bytes of events that a run may write
	maxStderr   = 16 << 10
	maxTimeline = 32 << 20
	slack       = 15 * time.Second // behind the run's own time-out, to end and to make the timeline
)

// perform has a recipe run in a child process and shows it. When ctx ends, the child and what it has started are ended, and waited
// for. The child lives in a folder of its own, which is removed.
func perform(ctx context.Context, c Config, run *live.Run, sink *live.Sink) {
	begun := time.Now()
	folder, err := temp.Make("serve")
	if err != nil {
		sink.End(command.ExitFailed, fmt.Errorf("no folder for the run: %w", command.WithoutPath(err)), 0) // what is where is not the page's business
		return
	}
	defer folder.Remove()
	dir := folder.Path
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late, stop := context.WithTimeoutCause(ctx, run.Timeout+slack, &command.TimeoutError{Recipe: run.Entry.ID, After: run.Timeout, Stuck: true})
	defer stop()
	picture := filepath.Join(dir, "run.timeline")
	cmd := exec.CommandContext(late, c.Exe)
	cmd.Args = slices.Concat([]string{"cookbook", "run", run.Entry.ID, "--json", "--timeline=" + picture}, run.Args)
	cmd.Dir, cmd.Env = dir, environment(c.Env, dir)
	said, end, stderr := hear(cmd, sink, cancel)
	err = child.Run(cmd)
	end()
	if cause := context.Cause(late); cause != nil && err != nil {
		err = cause
	}
	drawTimeline(sink, picture, run.Entry.ID)
	code := exitCode(err)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		if err = said(); err == nil {
			err = complaint(stderr.String(), failed)
		}
	}
	sink.End(code, err, time.Since(begun))
}

// hear shows what a child will write. End waits until all of it was shown; then said is the error with which the run ended. A child that
// writes too much, or what is no event, is ended.
func hear(cmd *exec.Cmd, sink *live.Sink, cancel context.CancelCauseFunc) (said func() error, end func(), stderr *limited) {
	reader, writer := io.Pipe()
	stderr = &limited{room: maxStderr}
	cmd.Stdout, cmd.Stderr = writer, stderr
	done := make(chan struct{})
	var last error
	go func() {
		defer close(done)
		for e, err := range transcript.ReadJSON(&bounded{reader, maxOutput, cancel}) {
			switch {
			case err == nil:
				sink.Event(e)
				last = e.Err
			case !errors.Is(err, io.ErrUnexpectedEOF):
				cancel(err)
			}
		}
		io.Copy(io.Discard, reader)
	}()
	return func() error { return last }, func() { writer.Close(); <-done }, stderr
}

// drawTimeline shows the timeline that a child has left in a file. A run that was ended early has left none.
func drawTimeline(sink *live.Sink, file, title string) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	var t timeline.Timeline
	if json.NewDecoder(io.LimitReader(f, maxTimeline)).Decode(&t) != nil {
		return
	}
	if picture, err := t.SVG(timeline.Look{Title: title, Embed: true}); err == nil {
		sink.Timeline(picture)
	}
}

// exitCode is that of a child that ended with err.
func exitCode(err error) int {
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() > 0 {
		return failed.ExitCode()
	}
	return command.ExitCode(err)
}

// complaint is what a child that has said nothing else wrote of its failure.
func complaint(stderr string, err error) error {
	text := strings.Join(terminal.SafeLines(stderr), "\n")
	if text == "" {
		return err
	}
	return errors.New(strings.TrimPrefix(text, "cookbook: "))
}

// errTooMuch is a run that does not stop talking.
var errTooMuch = fmt.Errorf("it says more than %d MB", maxOutput>>20)

// bounded ends when room bytes have been read, and cancels the run.
type bounded struct {
	r      io.Reader
	room   int
	cancel context.CancelCauseFunc
}

func (b *bounded) Read(p []byte) (n int, err error) {
	if b.room == 0 {
		b.cancel(errTooMuch)
		return 0, io.EOF
	}
	n, err = b.r.Read(p[:min(len(p), b.room)])
	b.room -= n
	return n, err
}

// limited keeps the first bytes that are written to it.
type limited struct {
	text bytes.Buffer
	room int
}

func (l *limited) Write(b []byte) (int, error) {
	l.text.Write(b[:min(len(b), l.room-l.text.Len())])
	return len(b), nil
}

func (l *limited) String() string { return l.text.String() }

// environment is what a run gets of this process's environment: where programs, libraries and drivers are, and what language people
// speak. Its temporary files are in its own folder.
func environment(all []string, dir string) []string {
	var kept []string
	for _, variable := range all {
		name, _, _ := strings.Cut(variable, "=")
		switch name = strings.ToUpper(name); {
		case name == "PATH", name == "LANG", strings.HasPrefix(name, "LC_"), name == "TZ",
			name == "SYSTEMROOT", name == "WINDIR", name == "COMSPEC", name == "PATHEXT", // without which Windows starts little
			name == "GOMAXPROCS", name == "GOMEMLIMIT", name == "GORACE", name == "GOCOVERDIR",
			name == "LD_LIBRARY_PATH", name == "OCL_ICD_VENDORS", strings.HasPrefix(name, "POCL_"), strings.HasPrefix(name, "CUDA_"):
			kept = append(kept, variable)
		}
	}
	return append(kept, "TMPDIR="+dir, "TMP="+dir, "TEMP="+dir, "HOME="+dir, "USERPROFILE="+dir)
}
