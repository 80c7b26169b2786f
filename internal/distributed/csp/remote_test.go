package csp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

// stretch makes a channel with a home, on a connection of its own.
func stretch[T any](t *testing.T, e *engine.Engine, kind Kind, capacity int, options ...Option) *Home[T] {
	t.Helper()
	h, err := Stretch(enginetest.Conn(t, e), NewChannel[T](kind, "A", capacity), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func openReader[T any](t *testing.T, conn *engine.Conn, r RemoteReader[T]) In[T] {
	t.Helper()
	in, err := r.Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.Retire)
	return in
}

func openWriter[T any](t *testing.T, conn *engine.Conn, w RemoteWriter[T]) Out[T] {
	t.Helper()
	out, err := w.Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Retire)
	return out
}

func TestEveryValueIsReadOnceElsewhere(t *testing.T) {
	e := enginetest.Open(t)
	near, far := enginetest.Conn(t, e), enginetest.Conn(t, e)
	for kind := One2One; kind <= Any2Any; kind++ {
		for _, capacity := range []int{0, 3} {
			t.Run(fmt.Sprintf("%s of %d", kind, capacity), func(t *testing.T) {
				const each = 50
				writers, readers := endsOf(kind, 4, 3)
				h := stretch[int](t, e, kind, capacity)
				var outs []Out[int]
				var ins []In[int]
				for i := range writers {
					if i == 2 { // one is at home
						outs = append(outs, h.c.Writer())
						continue
					}
					outs = append(outs, openWriter(t, near, h.Writer()))
				}
				for i := range readers {
					if i == 2 {
						ins = append(ins, h.c.Reader())
						continue
					}
					ins = append(ins, openReader(t, far, h.Reader()))
				}
				checkOnce(t, exchange(t, outs, ins, each), writers*each)
			})
		}
	}
}

func TestAWriteElsewhereWaitsForItsRead(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	for capacity := range 3 {
		h := stretch[int](t, e, One2One, capacity, WithLease(100*time.Millisecond)) // short, so that it asks several times
		r, w := h.c.Reader(), openWriter(t, conn, h.Writer())
		for i := range capacity {
			if err := w.Write(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		written := make(chan error, 1)
		go func() { written <- w.Write(t.Context(), capacity) }()
		select {
		case err := <-written:
			t.Error("it did not wait:", err)
		case <-time.After(200 * time.Millisecond):
		}
		for i := range capacity + 1 {
			if v, err := r.Read(t.Context()); v != i || err != nil {
				t.Error(v, err)
			}
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	}
}

func TestAnEndElsewhereKeepsToItsKind(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	h := stretch[int](t, e, One2Any, 0)
	handle := h.Writer()
	mustPanic(t, "its only writing end is taken", func() { h.Writer() })
	mustPanic(t, "its only writing end is taken", func() { h.c.Writer() })
	openWriter(t, conn, handle)
	if _, err := handle.Open(t.Context(), conn); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "open in another process") {
		t.Error("it is open:", err)
	}
	twisted := RemoteReader[int](handle)
	if _, err := twisted.Open(t.Context(), conn); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	free := h.Reader()
	if in, err := RemoteWriter[int](free).Open(t.Context(), conn); err != nil {
		t.Error(err)
	} else if err := in.Write(t.Context(), 1); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "reading end") {
		t.Error("a reading end writes:", err)
	} else {
		in.Retire()
	}
	free.End = 99
	if _, err := free.Open(t.Context(), conn); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

func TestPoisonAndRetiringReachOtherProcesses(t *testing.T) {
	e := enginetest.Open(t)
	near, far := enginetest.Conn(t, e), enginetest.Conn(t, e)
	for _, test := range []struct {
		name string
		end  func(in In[int], out Out[int])
		want error
	}{
		{"the writer poisons", func(_ In[int], out Out[int]) { out.Poison() }, ErrPoisoned},
		{"the reader poisons", func(in In[int], _ Out[int]) { in.Poison() }, ErrPoisoned},
		{"the writer retires", func(_ In[int], out Out[int]) { out.Retire(); out.Retire() }, ErrRetired},
		{"the reader retires", func(in In[int], _ Out[int]) { in.Retire() }, ErrRetired},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := stretch[int](t, e, Any2Any, 0)
			in, out := openReader(t, near, h.Reader()), openWriter(t, far, h.Writer())
			reads, writes := make(chan error, 1), make(chan error, 1)
			if strings.HasPrefix(test.name, "the writer") {
				go func() { _, err := in.Read(t.Context()); reads <- err }()
				test.end(in, out)
				if err := <-reads; !errors.Is(err, test.want) {
					t.Error("the reader waits:", err)
				}
			} else {
				go func() { writes <- out.Write(t.Context(), 1) }()
				test.end(in, out)
				if err := <-writes; !errors.Is(err, test.want) {
					t.Error("the writer waits:", err)
				}
			}
			if err := out.Write(t.Context(), 1); !errors.Is(err, test.want) {
				t.Error("a write afterwards:", err)
			}
			if _, err := in.Read(t.Context()); !errors.Is(err, test.want) {
				t.Error("a read afterwards:", err)
			}
		})
	}
}

func TestAReadThatIsGivenUpLosesNoValue(t *testing.T) {
	e := enginetest.Open(t)
	h := stretch[int](t, e, One2One, 0)
	in, out := openReader(t, enginetest.Conn(t, e), h.Reader()), openWriter(t, enginetest.Conn(t, e), h.Writer())
	const n = 200
	var net Network
	net.Spawn(t.Context(), func(ctx context.Context) (err error) {
		defer Leave(&err, out)
		for i := 0; i < n; {
			ctx, stop := context.WithTimeout(ctx, time.Duration(rand.IntN(300))*time.Microsecond)
			err := out.Write(ctx, i)
			stop()
			switch {
			case err == nil:
				i++
			case !errors.Is(err, context.DeadlineExceeded):
				return err
			}
		}
		return nil
	})
	for want := 0; ; {
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(rand.IntN(300))*time.Microsecond)
		v, err := in.Read(ctx)
		stop()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			continue
		case errors.Is(err, ErrRetired):
			if want != n {
				t.Errorf("%d values of %d", want, n)
			}
			if err := net.Wait(); err != nil {
				t.Error(err)
			}
			return
		case err != nil || v != want:
			t.Fatal(v, want, err)
		}
		want++
	}
}

func TestWhatCannotTravelIsAnError(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	h := stretch[[]byte](t, e, One2One, 1)
	in, out := openReader(t, conn, h.Reader()), openWriter(t, conn, h.Writer())
	most := int(conn.NC.MaxPayload()) - requestHead - itemHead - 1
	if err := out.Write(t.Context(), make([]byte, most+1)); !errors.Is(err, engine.ErrTooLarge) {
		t.Error(err)
	}
	if err := out.Write(t.Context(), make([]byte, most)); err != nil {
		t.Fatal(err)
	}
	if b, err := in.Read(t.Context()); len(b) != most || err != nil {
		t.Error(len(b), err)
	}
	local := stretch[[]byte](t, e, One2One, 1)
	local.c.Writer().Write(t.Context(), make([]byte, most+1))
	if _, err := openReader(t, conn, local.Reader()).Read(t.Context()); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "bytes") {
		t.Error(err)
	}
}
