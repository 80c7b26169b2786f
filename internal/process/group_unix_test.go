//go:build unix

package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"cookbook/internal/process/proctest"
	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// The exit codes after Terminate and Kill.
const ended, killed = -15, -9

// childrenOf returns the processes whose parent is pid, as far as this system tells.
func childrenOf(t *testing.T, pid int) (children []string) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			children = append(children, string(stat[:min(len(stat), 40)]))
		}
	}
	return children
}

// vanished reports whether a process is gone, or is only kept for its parent to look at.
func vanished(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	return strings.HasPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " Z")
}

// deafened takes no notice of SIGTERM.
var deafened = Register("test.deafened", func(ctx context.Context, _ struct{}) (struct{}, error) {
	signal.Ignore(syscall.SIGTERM)
	Log(ctx).Actor(Current(ctx).Name()).Printf("deaf")
	select {}
})

// What misbehaves.
var babble = Register("test.babble", func(_ context.Context, where string) (struct{}, error) {
	for fd := 3; fd < 16; fd++ { // its end of that pipe is the second or the fourth that it inherits
		if where == "answers" && fd == 4 || where == "log" && fd == 6 {
			os.NewFile(uintptr(fd), where).WriteString("GET / HTTP/1.1\r\n\r\n")
		}
	}
	select {}
})

func TestAProcessThatTalksNonsenseIsKilled(t *testing.T) {
	g, _ := loggedGroup(t)
	for _, where := range []string{"answers", "log"} {
		p := afterJoin(t, New(g, babble, where))
		code(t, p, killed)
		if !errors.Is(p.Err(), ErrDied) || !errors.Is(p.Err(), wire.ErrNonsense) {
			t.Errorf("its error is %v", p.Err())
		}
		proctest.Mentions(t, p.Err(), "it did not behave")
	}
}

func TestWhatAProcessStartsInheritsNoneOfItsPipes(t *testing.T) {
	g, _ := loggedGroup(t)
	p := afterJoin(t, New(g, files, struct{}{}))
	open, err := Result[string](p)
	if err != nil || strings.TrimSpace(open) != "0 1 2" {
		t.Errorf("the files of its child are %q, %v", open, err)
	}
}

var files = Register("test.files", func(ctx context.Context, _ struct{}) (string, error) {
	out, err := exec.CommandContext(ctx, "sh", "-c", "for f in 3 4 5 6 7 8 9; do (: >&$f) 2>/dev/null && echo $f; done; echo 0 1 2").Output()
	return string(out), err
})

// generation starts the next one, says who it is, and goes on for ever.
var generation func(context.Context, int) (struct{}, error)

func init() {
	generation = Register("test.generation", func(ctx context.Context, n int) (struct{}, error) {
		if n > 0 {
			if err := New(CurrentGroup(ctx), generation, n-1).Start(); err != nil {
				return struct{}{}, err
			}
		}
		Log(ctx).Printf("%d", os.Getpid())
		for {
			select {} // it takes no notice of its context
		}
	})
}

// family is a process with children and grandchildren. Ctrl-C ends it, and it says what has become of them.
var family = RegisterRole("test.family", func() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log := transcript.New(transcript.Config{Sink: transcript.Plain(os.Stdout)})
	g, err := NewGroup(context.Background(), WithLog(log))
	if err != nil {
		return err
	}
	defer g.Close()
	p := New(g, generation, 2)
	if err := p.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	log.Printf("interrupted, and it is alive: %t", p.IsAlive())
	return g.Close()
})

// begotten starts a family and returns the numbers of its descendants.
func begotten(t *testing.T) (cmd *exec.Cmd, out *bufio.Reader, descendants []int) {
	t.Helper()
	cmd, err := family.Command(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	out = bufio.NewReader(stdout)
	for range 3 {
		line, err := out.ReadString('\n')
		pid, notNumber := strconv.Atoi(strings.TrimSpace(line))
		if err != nil || notNumber != nil {
			t.Fatal(line, err, notNumber)
		}
		descendants = append(descendants, pid)
	}
	return cmd, out, descendants
}

// rests reads what a family says until the last of it that could speak is gone, and checks that all are.
func rests(t *testing.T, cmd *exec.Cmd, out io.Reader, descendants []int) string {
	t.Helper()
	last, err := io.ReadAll(out) // all have its standard output
	if err != nil {
		t.Error(err)
	}
	cmd.Wait()
	if len(slices.Compact(slices.Sorted(slices.Values(descendants)))) != 3 {
		t.Errorf("the descendants are %v", descendants)
	}
	for _, pid := range descendants {
		for !vanished(pid) { // its files are closed a moment before
		}
	}
	return string(last)
}

func TestNobodyOutlivesAParentThatWasKilled(t *testing.T) {
	cmd, out, descendants := begotten(t)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rests(t, cmd, out, descendants)
}

func TestCtrlCIsForTheParentToDecide(t *testing.T) {
	cmd, out, descendants := begotten(t)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if last := rests(t, cmd, out, descendants); last != "interrupted, and it is alive: true\n" {
		t.Errorf("it said %q", last)
	}
	if !cmd.ProcessState.Success() {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
}

func TestAProcessThatLosesItsParentHasAMomentToEnd(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd, err := orphaner.Command(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	in := bufio.NewReader(r)
	if line, err := in.ReadString('\n'); line != "here\n" {
		t.Fatal(line, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	last, _ := io.ReadAll(in)
	if string(last) != ErrParentGone.Error()+"\n" {
		t.Errorf("it said %q", last)
	}
}

var (
	orphaner = RegisterRole("test.orphaner", func() error {
		g, err := NewGroup(context.Background())
		if err != nil {
			return err
		}
		p := New(g, orphanMaker, struct{}{})
		return errors.Join(p.Start(), p.Join(context.Background()))
	})
	orphanMaker = Register("test.orphanMaker", func(ctx context.Context, _ struct{}) (struct{}, error) {
		fmt.Fprintln(os.Stderr, "here")
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, context.Cause(ctx))
		return struct{}{}, nil
	})
)

func TestClosingAGroupEndsAllThatIsLeft(t *testing.T) {
	g, r := loggedGroup(t)
	p, deaf, late := New(g, waits, struct{}{}), New(g, deafened, struct{}{}), New(g, twice, 1)
	started(t, p)
	r.hears(t, "Process-1: here")
	started(t, deaf)
	r.hears(t, "Process-2: deaf")
	for range 2 {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
	code(t, p, ended)
	code(t, deaf, killed)
	if err := late.Start(); !errors.Is(err, ErrClosed) {
		t.Errorf("Start in a group that is closed: %v", err)
	}
	finite(t)
}

// A process that stands still cannot listen to SIGTERM, but dies of SIGKILL.
func TestAProcessThatStandsStillIsKilledInTheEnd(t *testing.T) {
	g, r := loggedGroup(t)
	p := New(g, waits, struct{}{})
	started(t, p)
	r.hears(t, "Process-1: here")
	if err := syscall.Kill(p.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	g.Close()
	code(t, p, killed)
	finite(t)
}

// childAs returns this program as a child that is marked so.
func childAs(t *testing.T, as string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "COOKBOOK_PROCESS="+as)
	return cmd
}

func TestWhatNoProcessInheritsIsRefused(t *testing.T) {
	for as, want := range map[string]string{
		"process ":         "a process inherits more",
		"process 3":        "a process inherits more",
		"process 3 x":      "not what a process inherits",
		"process 3 -4":     "not what a process inherits",
		"process 100 101":  "read the order",
		"process 0 1":      "", // an empty order
		"process 0 1 2 42": "",
	} {
		_, err := childAs(t, as).Output()
		var failed *exec.ExitError
		if !errors.As(err, &failed) || failed.ExitCode() != 1 || !strings.Contains(string(failed.Stderr), want) {
			t.Errorf("as %q it ended with %v, want exit code 1 and %q", as, err, want)
		}
	}
	for order, want := range map[string]string{
		"\x01\x00\x00\x00\xff":                           wire.ErrNonsense.Error(),
		"\xff\xff\xff\xff":                               wire.ErrNonsense.Error(),
		"\x05\x00\x00\x00\x00":                           io.ErrUnexpectedEOF.Error(),
		"\x05\x00\x00\x00\x02\x00\x00\x00\x00":           "inherits 0 files where 1 were announced",
		"\x05\x00\x00\x00\x04\x00\x00\x00\x00":           fmt.Sprintf("inherits 0 files where %d were announced", linesInherit),
		"\x08\x00\x00\x00\x00\x00\x03foo\x00\x00 and so": "",
	} {
		cmd := childAs(t, "process 0 1")
		cmd.Stdin = strings.NewReader(order)
		out, err := cmd.Output()
		var failed *exec.ExitError
		if !errors.As(err, &failed) || failed.ExitCode() != 1 || !strings.Contains(string(failed.Stderr), want) {
			t.Errorf("told %q it ended with %v, %s, want exit code 1 and %q", order, err, out, want)
		}
	}
}
