//go:build linux

package shm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"cookbook/internal/process/worker"
)

// A shared is what the tests send to the other processes of a group.
type shared struct {
	Lock    *Lock
	RLock   *RLock
	Sem     *Semaphore
	Tools   *Semaphore
	Event   *Event
	Cond    *Condition
	Barrier *Barrier
	Count   *Value[int64]
	Other   *Value[int64]
	Numbers *Array[int32]
	Items   *JoinableQueue[int]
	N       int
}

// A stage is where a party says lines to the test, and hears them.
type stage struct{ in *bufio.Reader }

func (stage) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// hear waits for a line.
func (s stage) hear() string {
	text, err := s.in.ReadString('\n')
	if err != nil {
		os.Exit(9) // the test is gone
	}
	return strings.TrimSpace(text)
}

// scenes is what a party can do, by name.
var scenes = map[string]func(ctx context.Context, s stage, x *shared) error{}

// scene makes a scene known; it is called at package level.
func scene(name string, f func(ctx context.Context, s stage, x *shared) error) string {
	scenes[name] = f
	return name
}

// partyRole is another process of the group, which plays one scene.
var partyRole = worker.RegisterRole("test.party", func() error {
	slot, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	a, err := openArena(os.NewFile(3, "arena"))
	if err != nil {
		return err
	}
	if err := a.join(slot, os.Getpid()); err != nil {
		return err
	}
	go func() { // the test is gone when this pipe ends, whatever the scene waits for
		os.NewFile(4, "life").Read(make([]byte, 1))
		os.Exit(9)
	}()
	(&Space{ctx: context.Background(), arena: a, self: slot}).enter()
	in := bufio.NewReader(os.Stdin)
	length, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(length))
	if err != nil {
		return err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(in, body); err != nil {
		return err
	}
	var x shared
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(&x); err != nil {
		return err
	}
	return scenes[os.Args[2]](context.Background(), stage{in}, &x)
})

// A party is such a process, as the test sees it.
type party struct {
	t    testing.TB
	a    *arena
	slot int
	cmd  *exec.Cmd
	in   io.WriteCloser
	life *os.File // it ends when this is closed
	out  *bufio.Reader
	done bool
	err  error // how it ended
}

func space(t testing.TB) *Space {
	t.Helper()
	g, err := NewSpace(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// start starts a party in a scene. It is killed at the end of the test, if it is there still.
func start(t testing.TB, g *Space, name string, x *shared) *party {
	t.Helper()
	slot, err := g.arena.reserve()
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := partyRole.Command(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = append(cmd.Args, strconv.Itoa(slot), name)
	life, alive, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer life.Close()
	cmd.ExtraFiles = []*os.File{g.File(), life}
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	var body bytes.Buffer
	err3 := gob.NewEncoder(&body).Encode(x)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		alive.Close()
		t.Fatal(err)
	}
	p := &party{t: t, a: g.arena, slot: slot, cmd: cmd, in: in, life: alive, out: bufio.NewReader(out)}
	t.Cleanup(func() { p.kill() })
	if err := g.arena.join(slot, cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in, body.Len())
	in.Write(body.Bytes())
	return p
}

// wants waits for a line from the party.
func (p *party) wants(want string) {
	p.t.Helper()
	if got, err := p.out.ReadString('\n'); err != nil || strings.TrimSpace(got) != want {
		p.t.Fatalf("the other process says %q, %v, want %q", got, err, want)
	}
}

func (p *party) tell(text string) { fmt.Fprintln(p.in, text) }

// reap waits until the process has ended; the others are told only when the space is, by died.
func (p *party) reap() {
	if !p.done {
		p.err, p.done = p.cmd.Wait(), true
		p.life.Close()
	}
}

// kill ends it by kill -9 and tells the group.
func (p *party) kill() {
	if !p.done {
		p.cmd.Process.Kill()
		p.reap()
		p.a.died(p.slot)
	}
}

// ends waits until it has ended by itself, well.
func (p *party) ends() {
	p.t.Helper()
	p.in.Close()
	p.reap()
	p.a.died(p.slot)
	if p.err != nil {
		p.t.Errorf("the other process ended with %v", p.err)
	}
}

// eventually waits until ready returns true.
func eventually(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for !ready() {
		time.Sleep(100 * time.Microsecond)
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: not yet, and the test ends", what)
		default:
		}
	}
}

func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// is checks an error.
func is(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error %v, want %v", got, want)
	}
}
