package csp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// ends are those of a network: several on each side where the kind allows that.
func endsOf(kind Kind, writers, readers int) (int, int) {
	if kind.oneWriter() {
		writers = 1
	}
	if kind.oneReader() {
		readers = 1
	}
	return writers, readers
}

// exchange lets writers write 0, 1, … and readers read until all writers have retired, and returns what was read.
func exchange(t *testing.T, writers []Out[int], readers []In[int], each int) []int {
	t.Helper()
	var all []Process
	for i, w := range writers {
		all = append(all, func(ctx context.Context) (err error) {
			defer Leave(&err, w)
			for k := range each {
				if err := w.Write(ctx, i*each+k); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var mu sync.Mutex
	var got []int
	for _, r := range readers {
		all = append(all, func(ctx context.Context) (err error) {
			defer Leave(&err, r)
			last := make([]int, len(writers))
			for {
				v, err := r.Read(ctx)
				if err != nil {
					return err
				}
				mu.Lock()
				got = append(got, v)
				mu.Unlock()
				if at := v % each; at < last[v/each] {
					return fmt.Errorf("writer %d: %d came after %d", v/each, at, last[v/each])
				}
				last[v/each] = v % each
			}
		})
	}
	if err := Parallel(t.Context(), all...); err != nil {
		t.Error(err)
	}
	slices.Sort(got)
	return got
}

// checkOnce tells what is missing or there twice.
func checkOnce(t *testing.T, got []int, n int) {
	t.Helper()
	if len(got) != n {
		t.Errorf("%d values of %d", len(got), n)
	}
	for i, v := range got {
		if v != i {
			t.Errorf("value %d stands at place %d", v, i)
			return
		}
	}
}

func TestEveryValueIsReadOnce(t *testing.T) {
	for kind := One2One; kind <= Any2Any; kind++ {
		for _, capacity := range []int{0, 1, 7} {
			t.Run(fmt.Sprintf("%s of %d", kind, capacity), func(t *testing.T) {
				const each = 300
				writers, readers := endsOf(kind, 4, 3)
				c := NewChannel[int](kind, "A", capacity)
				var outs []Out[int]
				var ins []In[int]
				for range writers {
					outs = append(outs, c.Writer())
				}
				for range readers {
					ins = append(ins, c.Reader())
				}
				checkOnce(t, exchange(t, outs, ins, each), writers*each)
			})
		}
	}
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, want) {
			t.Errorf("%q, want %q", p, want)
		}
	}()
	f()
}

func TestAKindHasSoManyEnds(t *testing.T) {
	for kind := One2One; kind <= Any2Any; kind++ {
		c := NewChannel[int](kind, "A", 0)
		c.Writer()
		c.Reader()
		if kind.oneWriter() {
			mustPanic(t, "channel A is of kind "+kind.String()+" and its only writing end is taken", func() { c.Writer() })
		} else {
			c.Writer()
		}
		if kind.oneReader() {
			mustPanic(t, "channel A is of kind "+kind.String()+" and its only reading end is taken", func() { c.Reader() })
		} else {
			c.Reader()
		}
	}
	mustPanic(t, "no channel of kind 9", func() { NewChannel[int](9, "A", 0) })
	mustPanic(t, "capacity -1", func() { NewChannel[int](One2One, "A", -1) })
}

func TestTheOnlyEndIsForOneProcessAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChannel[int](Any2One, "A", 0)
		r, w := c.Reader(), c.Writer()
		go r.Read(t.Context())
		synctest.Wait()
		mustPanic(t, "two processes use its only reading end at once", func() { r.Read(t.Context()) })
		var v int
		mustPanic(t, "two processes use its only reading end at once", func() { Alternate(Input(r, &v)).PriSelect(t.Context()) })
		w.Write(t.Context(), 1)
		synctest.Wait()
		for range 2 {
			go w.Write(t.Context(), 1) // a side of several
		}
		for range 2 {
			if _, err := r.Read(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAWriteWaitsForItsRead(t *testing.T) {
	for capacity := range 3 {
		synctest.Test(t, func(t *testing.T) {
			c := NewChannel[int](One2One, "A", capacity)
			r, w := c.Reader(), c.Writer()
			written := 0
			go func() {
				for range 5 {
					w.Write(t.Context(), 1)
					written++
				}
			}()
			for read := range 5 {
				synctest.Wait()
				if want := min(read+capacity, 5); written != want {
					t.Errorf("capacity %d: after %d reads %d writes have returned, want %d", capacity, read, written, want)
				}
				r.Read(t.Context())
			}
			synctest.Wait()
		})
	}
}

func TestRetiringEndsAChannelWhenTheLastEndOfASideHas(t *testing.T) {
	ctx := t.Context()
	c := NewChannel[int](Any2Any, "A", 2)
	w1, w2, r1, r2 := c.Writer(), c.Writer(), c.Reader(), c.Reader()
	w1.Write(ctx, 1)
	w1.Retire()
	w1.Retire()
	if err := w1.Write(ctx, 1); !errors.Is(err, ErrRetired) {
		t.Error("a retired end writes:", err)
	}
	if err := w2.Write(ctx, 2); err != nil {
		t.Error("one of two has retired:", err)
	}
	w2.Retire()
	for i, r := range []*Reader[int]{r1, r2} {
		if v, err := r.Read(ctx); v != i+1 || err != nil {
			t.Error("what is in the buffer is read:", v, err)
		}
	}
	if _, err := r1.Read(ctx); !errors.Is(err, ErrRetired) || !strings.Contains(err.Error(), "channel A") {
		t.Error(err)
	}
	c = NewChannel[int](One2Any, "B", 0)
	w, r1, r2 := c.Writer(), c.Reader(), c.Reader()
	r1.Retire()
	go r2.Retire()
	if err := w.Write(ctx, 1); !errors.Is(err, ErrRetired) {
		t.Error("no reader is left:", err)
	}
}

func TestARetiredEndWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChannel[int](Any2Any, "A", 0)
		r, w, rest := c.Reader(), c.Writer(), c.Writer()
		errs := make(chan error, 1)
		go func() { _, err := r.Read(t.Context()); errs <- err }()
		synctest.Wait()
		r.Retire()
		if err := <-errs; !errors.Is(err, ErrRetired) {
			t.Error(err)
		}
		rest.Retire()
		r2 := c.Reader()
		go func() { errs <- w.Write(t.Context(), 1) }()
		synctest.Wait()
		w.Retire()
		if err := <-errs; !errors.Is(err, ErrRetired) {
			t.Error(err)
		}
		if _, err := r2.Read(t.Context()); !errors.Is(err, ErrRetired) {
			t.Error(err)
		}
	})
}

func TestPoisonEndsEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChannel[int](Any2Any, "A", 1)
		w, r := c.Writer(), c.Reader()
		w.Write(t.Context(), 1)
		errs := make(chan error)
		go func() { errs <- w.Write(t.Context(), 2) }()
		synctest.Wait()
		r.Poison()
		r.Poison()
		if err := <-errs; !errors.Is(err, ErrPoisoned) {
			t.Error("a write that waits:", err)
		}
		if _, err := r.Read(t.Context()); !errors.Is(err, ErrPoisoned) {
			t.Error("a read, with a value in the buffer:", err)
		}
		if err := c.Writer().Write(t.Context(), 3); !errors.Is(err, ErrPoisoned) {
			t.Error("a new end:", err)
		}
	})
}

func TestTheEndOfTheContextEndsAWait(t *testing.T) {
	why := errors.New("why")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(why)
	c := NewChannel[int](One2One, "A", 1)
	w, r := c.Writer(), c.Reader()
	if err := w.Write(ctx, 1); err != nil {
		t.Error("there is room:", err)
	}
	if err := w.Write(ctx, 2); !errors.Is(err, why) || !strings.Contains(err.Error(), "write to channel A") {
		t.Error(err)
	}
	if v, err := r.Read(ctx); v != 1 || err != nil {
		t.Error("there is a value:", v, err)
	}
	if _, err := r.Read(ctx); !errors.Is(err, why) || !strings.Contains(err.Error(), "read from channel A") {
		t.Error(err)
	}
}
