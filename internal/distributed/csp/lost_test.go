package csp

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestAHomeThatIsGoneIsAnError(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	h := stretch[int](t, e, Any2Any, 0, WithLease(200*time.Millisecond))
	late := h.Reader()
	in := openReader(t, conn, h.Reader())
	errs := make(chan error, 1)
	go func() { _, err := in.Read(t.Context()); errs <- err }()
	h.sub.Unsubscribe() // as if the process had been killed
	if err := <-errs; !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "the one that has made channel A") {
		t.Error(err)
	}
	if _, err := late.Open(t.Context(), conn); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func TestAnEndThatIsNeverOpenedIsLost(t *testing.T) {
	e := enginetest.Open(t)
	h := stretch[int](t, e, One2One, 0, WithLease(100*time.Millisecond), WithStart(100*time.Millisecond))
	h.Reader()
	if err := h.c.Writer().Write(t.Context(), 1); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "was not opened") {
		t.Error(err)
	}
}

func TestAnEndWhoseConnectionIsClosedIsLost(t *testing.T) {
	e := enginetest.Open(t)
	h := stretch[int](t, e, One2One, 0, WithLease(200*time.Millisecond))
	conn, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := openReader(t, conn, h.Reader())
	conn.Close()
	if err := h.c.Writer().Write(t.Context(), 1); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "reading end 0 of channel A has given no sign") {
		t.Error(err)
	}
	if _, err := in.Read(t.Context()); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func TestChannelsOutliveARestartOfTheEngine(t *testing.T) {
	e := enginetest.Open(t)
	h := stretch[int](t, e, One2One, 0, WithLease(5*time.Second))
	in, out := openReader(t, enginetest.Conn(t, e), h.Reader()), openWriter(t, enginetest.Conn(t, e), h.Writer())
	done := make(chan struct{})
	go func() {
		defer close(done)
		checkOnce(t, exchange(t, []Out[int]{out}, []In[int]{in}, 2000), 2000)
	}()
	for range 3 {
		if err := e.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	<-done
}

// relayed is the argument of a process that copies from one channel to another.
type relayed struct {
	At   engine.Address
	From RemoteReader[int]
	To   RemoteWriter[int]
	Die  int // the process kills itself when it has read this value; 0: never
}

var relay = process.Register("test.relay", func(ctx context.Context, a relayed) (struct{}, error) {
	conn, err := engine.Connect(ctx, a.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	in, err := a.From.Open(ctx, conn)
	if err != nil {
		return struct{}{}, err
	}
	out, err := a.To.Open(ctx, conn)
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, failure(func() (err error) {
		defer Leave(&err, in, out)
		for {
			v, err := in.Read(ctx)
			if err != nil {
				return err
			}
			if v == a.Die && v > 0 {
				self, _ := os.FindProcess(os.Getpid())
				self.Kill()
				select {}
			}
			if err := out.Write(ctx, v); err != nil {
				return err
			}
		}
	}())
})

func relays(t *testing.T, die int) (out Out[int], in In[int], wait func() error) {
	t.Helper()
	e := enginetest.Open(t)
	a, b := stretch[int](t, e, One2One, 0), stretch[int](t, e, One2One, 0)
	g, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	p := process.New(g, relay, relayed{e.Address(), a.Reader(), b.Writer(), die})
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return a.c.Writer(), b.c.Reader(), func() error { return errors.Join(p.Join(t.Context()), p.Err()) }
}

func TestAPipelineThroughAnotherProcess(t *testing.T) {
	out, in, wait := relays(t, 0)
	checkOnce(t, exchange(t, []Out[int]{out}, []In[int]{in}, 100), 100)
	if err := wait(); err != nil {
		t.Error(err)
	}
}

func TestAKilledProcessIsAnErrorOfTheOthers(t *testing.T) {
	out, in, wait := relays(t, 3)
	var n Network
	n.Spawn(t.Context(), func(ctx context.Context) (err error) {
		defer Leave(&err, out)
		for i := range 10 {
			if err := out.Write(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
	for want := range 3 {
		if v, err := in.Read(t.Context()); v != want || err != nil {
			t.Error(v, err)
		}
	}
	if _, err := in.Read(t.Context()); !errors.Is(err, ErrLost) {
		t.Error("the reader:", err)
	}
	if err := n.Wait(); !errors.Is(err, ErrLost) {
		t.Error("the writer:", err)
	}
	if err := wait(); err == nil {
		t.Error("it was killed")
	}
}
