package manager

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/wire"
)

// newcomer returns what a process knows of a manager in which it has not yet been.
func newcomer(m *Manager) *client {
	return &client{address: m.client.address, held: map[uint64]*link{}}
}

// takePlace listens under the name of a manager that has died, and returns what is said to it.
func takePlace(t *testing.T, m *Manager, answer func(net.Conn) []byte) <-chan []byte {
	proctest.Kill9(m.w.Pid())
	<-m.w.Done()
	_, name, _ := strings.Cut(m.client.address.where, " ")
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	said := make(chan []byte, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		said <- answer(conn)
	}()
	return said
}

func TestNothingIsSaidToWhoTookThePlaceOfADeadManager(t *testing.T) {
	for name, answer := range map[string]func(net.Conn) []byte{
		"silent": func(conn net.Conn) []byte { b, _ := io.ReadAll(conn); return b },
		"echo": func(conn net.Conn) []byte {
			var b bytes.Buffer
			io.Copy(conn, io.TeeReader(conn, &b))
			return b.Bytes()
		},
	} {
		m := start(t)
		said := takePlace(t, m, answer)
		_, err := newcomer(m).do(context.Background(), doLen, 0)
		if err != ErrGone {
			t.Errorf("%s: %v", name, err)
		}
		if b := <-said; len(b) != 0 {
			t.Errorf("%s: it heard %d bytes", name, len(b))
		}
	}
}

func TestACrowdedManagerIsWaitedFor(t *testing.T) {
	m := start(t)
	s := fill(t, m)
	_, name, _ := strings.Cut(m.client.address.where, " ")
	proctest.Stop(t, m.w.Pid())
	for full := false; !full; {
		conn, err := net.Dial("unix", name)
		switch {
		case errors.Is(err, syscall.EAGAIN):
			full = true
		case err != nil:
			t.Skip("this process has too few files to crowd it:", err)
		default:
			defer conn.Close()
		}
	}
	short, cancel := context.WithCancelCause(t.Context())
	ends := make(chan error)
	go func() {
		_, err := newcomer(m).do(short, doLen, 0)
		ends <- err
	}()
	cancel(failure.ErrTimeout)
	if err := <-ends; !errors.Is(err, failure.ErrTimeout) {
		t.Errorf("the end of the context: %v", err)
	}
	waits := make(chan error)
	go func() {
		_, err := newcomer(m).do(t.Context(), doLen, s.Dict.id)
		waits <- err
	}()
	if err := syscall.Kill(m.w.Pid(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := <-waits; err != nil {
		t.Errorf("it lives: %v", err)
	}
}

func TestWhyThereIsNoConnectionIsSaidInPlainWords(t *testing.T) {
	for number, want := range map[syscall.Errno]string{
		syscall.ECONNREFUSED: "the manager is gone",
		syscall.ENOENT:       "the manager is gone",
		syscall.EMFILE:       "connect to the manager: too many open files",
	} {
		err := whyNot(&net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", number)})
		if err.Error() != want || errors.Is(err, ErrGone) != (want == ErrGone.Error()) {
			t.Errorf("%v: %v", number, err)
		}
	}
}

// A frame of 64 MiB can announce and hold a great many things that take more memory than they take on the way.
func TestAManagerTakesNotMuchMoreMemoryThanItIsSent(t *testing.T) {
	empty := func(what byte, n int) []byte { return append([]byte{what, 0}, make([]byte, n)...) }
	var requests bytes.Buffer
	for _, body := range [][]byte{
		empty(doAppend, wire.MaxFrame-2), empty(doAppend, 1<<20), empty(doMake, 1<<20),
		append([]byte{doAppend, 0}, "\xff\xff\xff\xff\x0f"...),
	} {
		requests.Reset()
		requests.Write(request(t, doMake, 0, ofList))
		wire.WriteFrame(&requests, append(wire.NewFrame(nil), body...), wire.MaxFrame)
		k := new(keeper)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := k.talk(stored(t, bytes.NewReader(requests.Bytes()), io.Discard))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, wire.ErrNonsense) || len(k.objects[0].order) > 0 {
			t.Errorf("%q with %d bytes: %v", body[0], len(body), err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 6*wire.MaxFrame {
			t.Errorf("%q with %d bytes took %d MiB", body[0], len(body), took>>20)
		}
	}
}
