package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

var (
	lengthOf = worker.Register("test.lengthOf", func(ctx context.Context, s shelf) (int, error) { return s.Dict.Len(ctx) })
	repeat   = worker.Register("test.repeat", func(_ context.Context, s string) (string, error) { return s, nil })
)

// shared is how many times a process has memory in which it and another one exchange messages.
func shared(t *testing.T, pid int) int {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(maps), "/memfd:cookbook")
}

func filesOf(t *testing.T, pid int) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	for _, e := range entries {
		files[e.Name()] = true
	}
	return files
}

// spareOneFile lets a process open one more file and no second one.
func spareOneFile(t *testing.T, pid int) {
	t.Helper()
	used, limit := filesOf(t, pid), uint64(0)
	for free := 0; free < 2; limit++ {
		if !used[fmt.Sprint(limit)] {
			free++
		}
	}
	var old unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &old)
	if err == nil {
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit - 1, Max: old.Max}, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestClientAndManagerShareMemory(t *testing.T) {
	m := start(t)
	before := shared(t, m.w.Pid())
	fill(t, m)
	if n := shared(t, m.w.Pid()); n != before+1 {
		t.Errorf("the manager has %d memories and had %d before its one client came", n, before)
	}
}

func TestAClientThatMayOpenNoMoreFilesGoesOnWithoutMemory(t *testing.T) {
	ctx, m, other := t.Context(), start(t), start(t)
	s := fill(t, m)
	w, err := worker.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := worker.Do(ctx, w, lengthOf, fill(t, other)); err != nil { // so that it has what Go needs for a connection
		t.Fatal(err)
	}
	before := shared(t, w.Pid())
	spareOneFile(t, w.Pid())
	if n, err := worker.Do(ctx, w, lengthOf, s); n != 0 || err != nil {
		t.Errorf("%d keys, %v", n, err)
	}
	if n := shared(t, w.Pid()); n != before {
		t.Errorf("it has %d memories and had %d: there was a file for another one", n, before)
	}
}

func TestAManagerThatMayOpenNoMoreFilesGoesOnWithoutMemory(t *testing.T) {
	w, err := worker.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := worker.Do(t.Context(), w, repeat, ""); err != nil { // so that it has what it shares with its parent
		t.Fatal(err)
	}
	before := shared(t, w.Pid())
	if heard, err := worker.Do(t.Context(), w, meetWithoutFiles, "hello"); heard != "hello" || err != nil {
		t.Errorf("the manager heard %q, %v", heard, err)
	}
	if n := shared(t, w.Pid()); n != before {
		t.Errorf("it has %d memories and had %d: there was a file for another one", n, before)
	}
}

// meetWithoutFiles lets manager and client meet in a process that may open no more files, and returns what the manager hears.
var meetWithoutFiles = worker.Register("test.meetWithoutFiles", func(ctx context.Context, say string) (string, error) {
	name := newName()
	l, err1 := net.Listen("unix", name)
	mine, err2 := net.Dial("unix", name)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	defer mine.Close()
	defer l.Close()
	theirs, err := l.Accept()
	if err != nil {
		return "", err
	}
	defer theirs.Close()
	var old unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &old); err != nil {
		return "", err
	}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: old.Max}, nil); err != nil {
		return "", err
	}
	said := make(chan error, 1)
	go func() {
		client, err := accept(mine)
		if err == nil {
			err = client.Send(append(wire.NewFrame(nil), say...))
		}
		said <- err
	}()
	manager, err := offer(theirs)
	if err == nil {
		err = <-said
	}
	if err != nil {
		return "", err
	}
	heard, err := manager.Receive(ctx, nil)
	return string(heard), err
})

// introduced is a connection of a client that knows the secret, up to the manager's offer.
func introduced(t *testing.T, m *Manager) net.Conn {
	t.Helper()
	_, name, _ := strings.Cut(m.client.address.where, " ")
	conn, err := net.Dial("unix", name)
	if err == nil {
		err = wire.Call(conn, []byte(m.client.address.secret), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestClientsThatBreakOffCostAManagerNothing(t *testing.T) {
	m := start(t)
	s := fill(t, m)
	before := len(filesOf(t, m.w.Pid()))
	for name, say := range map[string]func(conn net.Conn, memory *os.File){
		"at once":            func(net.Conn, *os.File) {},
		"after a refusal":    func(conn net.Conn, _ *os.File) { conn.Write([]byte{no}) },
		"in a request":       func(conn net.Conn, _ *os.File) { conn.Write([]byte{no, 9, 0, 0, 0, doLen}) },
		"after an agreement": func(conn net.Conn, _ *os.File) { conn.Write([]byte{yes}) },
		"with memory full of nonsense": func(conn net.Conn, memory *os.File) {
			memory.WriteAt([]byte(strings.Repeat("nonsense", 8<<10)), 0)
			conn.Write([]byte{yes, 0xff, 0xff, 0xff, 0xff})
		},
	} {
		conn := introduced(t, m)
		word, memory, err := receiveFile(conn)
		if word != yes || err != nil {
			t.Fatalf("%s: it is offered %q, %v", name, word, err)
		}
		if err := memory.Truncate(0); err == nil {
			t.Errorf("%s: a client can take the memory from under the manager", name)
		}
		say(conn, memory)
		memory.Close()
		conn.Close()
		if n, err := s.Dict.Len(t.Context()); n != 0 || err != nil {
			t.Errorf("%s: the manager answers %d, %v", name, n, err)
		}
	}
	for len(filesOf(t, m.w.Pid())) > before { // until it has seen that they are gone
		time.Sleep(time.Millisecond)
	}
}

func TestAClientThatBreaksOffLeavesNoLockBehind(t *testing.T) {
	m := start(t)
	lock := fill(t, m).Lock
	acquire := request(t, doAcquire, byte(lock.id))
	for name, x := range map[string]struct {
		held bool // by another client meanwhile
		end  func(*link)
		want error
	}{
		"while it holds it":         {false, func(l *link) { l.hear(t.Context()) }, failure.ErrOwnerDied},
		"in the middle of its next": {false, func(l *link) { l.hear(t.Context()); l.conn.Write([]byte{9, 0, 0, 0, doLen}) }, failure.ErrOwnerDied},
		"while it waits for it":     {true, func(*link) {}, nil},
	} {
		l, err := dial(t.Context(), m.client.address)
		if err != nil {
			t.Fatal(err)
		}
		if x.held {
			err = lock.Acquire(t.Context())
		}
		if err = errors.Join(err, l.way.Send(acquire)); err != nil {
			t.Error(err)
		}
		x.end(l)
		l.close()
		if x.held {
			err = lock.Release()
		}
		if err = errors.Join(err, lock.Acquire(t.Context())); !errors.Is(err, x.want) && !(x.held && errors.Is(err, failure.ErrOwnerDied)) {
			t.Errorf("%s: the next one is told %v, want %v", name, err, x.want)
		}
		if err := lock.Release(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
