package csp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// full are channels with n values each, with their ends.
func full(t *testing.T, channels, n int) (ins []*Reader[int], outs []*Writer[int]) {
	t.Helper()
	for i := range channels {
		c := NewChannel[int](One2One, fmt.Sprint(i), n)
		w := c.Writer()
		for range n {
			if err := w.Write(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		ins, outs = append(ins, c.Reader()), append(outs, w)
	}
	return ins, outs
}

func TestPriorityTakesTheFirstThatIsReady(t *testing.T) {
	ins, _ := full(t, 3, 50)
	var v [3]int
	a := Alternate(Input(ins[0], &v[0]), Input(ins[1], &v[1]), Input(ins[2], &v[2]), Skip())
	var order []int
	for range 152 {
		i, err := a.PriSelect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, i)
	}
	if !slices.IsSorted(order) || order[149] != 2 || order[150] != 3 || order[151] != 3 {
		t.Error(order)
	}
}

func TestFairnessTakesEachThatStaysReadyWithinSoManyCalls(t *testing.T) {
	const n, turns = 4, 100
	ins, _ := full(t, n, turns)
	var v [n]int
	var guards []Guard
	for i, in := range ins {
		guards = append(guards, Input(in, &v[i]))
	}
	a := Alternate(guards...)
	var count, last [n]int
	for turn := range n * turns {
		i, err := a.FairSelect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if wait := turn - last[i]; turn >= n && wait > n {
			t.Errorf("guard %d waited %d calls", i, wait)
		}
		count[i]++
		last[i] = turn
	}
	if count != [n]int{turns, turns, turns, turns} {
		t.Error(count)
	}
}

func TestAnAlternationReadsWhatComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ins, outs := full(t, 2, 0)
		var v [2]int
		a := Alternate(Input(ins[0], &v[0]), Input(ins[1], &v[1]), Timeout(time.Second))
		start := time.Now()
		if i, err := a.PriSelect(t.Context()); i != 2 || err != nil || time.Since(start) != time.Second {
			t.Error(i, err, time.Since(start))
		}
		for want := range 2 {
			go outs[want].Write(t.Context(), 7+want)
			if i, err := a.FairSelect(t.Context()); i != want || err != nil || v[want] != 7+want {
				t.Error(i, err, v)
			}
		}
		if i, err := Alternate(Input(ins[0], &v[0]), Timeout(0)).PriSelect(t.Context()); i != 1 || err != nil {
			t.Error("no time at all:", i, err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if i, err := Alternate().FairSelect(ctx); i != -1 || !errors.Is(err, context.DeadlineExceeded) {
			t.Error("no guards:", i, err)
		}
	})
}

func TestAnAlternationWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := NewChannel[int](One2One, "C", 0), NewChannel[any](One2One, "D", 1)
		cr, cw, dr, dw := c.Reader(), c.Writer(), d.Reader(), d.Writer()
		v, none := 3, any(nil)
		a := Alternate(Output(cw, &v), Output(dw, &none))
		if i, err := a.PriSelect(t.Context()); i != 1 || err != nil {
			t.Error("there is room in D only:", i, err)
		}
		go func() {
			if i, err := a.PriSelect(t.Context()); i != 0 || err != nil {
				t.Error(i, err)
			}
			v = 4
			if i, err := a.PriSelect(t.Context()); i != 0 || err != nil {
				t.Error(i, err)
			}
		}()
		var got int
		for _, want := range []int{3, 4} {
			synctest.Wait() // both sides are alternations
			if i, err := Alternate(Input(cr, &got)).FairSelect(t.Context()); i != 0 || err != nil || got != want {
				t.Error(i, err, got)
			}
		}
		synctest.Wait()
		if x, err := dr.Read(t.Context()); x != nil || err != nil {
			t.Error(x, err)
		}
		var x any = 1
		go dw.Write(t.Context(), nil)
		if i, err := Alternate(Input(dr, &x)).FairSelect(t.Context()); i != 0 || err != nil || x != nil {
			t.Error(i, err, x)
		}
	})
}

func TestAnAlternationHearsOfTheEnd(t *testing.T) {
	for _, late := range []bool{false, true} { // whether it waits already
		synctest.Test(t, func(t *testing.T) {
			soon := func(f func()) {
				if late {
					go func() { time.Sleep(time.Second); f() }()
				} else {
					f()
				}
			}
			ins, outs := full(t, 3, 1)
			ins[0].Read(t.Context())
			ins[1].Read(t.Context())
			var v int
			a := Alternate(Input(ins[0], &v), Input(ins[1], &v))
			soon(outs[1].Retire)
			if i, err := a.PriSelect(t.Context()); i != 1 || !errors.Is(err, ErrRetired) {
				t.Error(i, err)
			}
			a.Enable(1, false)
			soon(outs[0].Poison)
			if i, err := a.FairSelect(t.Context()); i != 0 || !errors.Is(err, ErrPoisoned) {
				t.Error(i, err)
			}
			if i, err := Alternate(Input(ins[2], &v), Input(ins[0], &v)).PriSelect(t.Context()); i != 1 || !errors.Is(err, ErrPoisoned) {
				t.Error("poison goes first:", i, err)
			}
			b := Alternate(Output(outs[2], &v)) // full
			soon(ins[2].Retire)
			if i, err := b.PriSelect(t.Context()); i != 0 || !errors.Is(err, ErrRetired) {
				t.Error(i, err)
			}
			c := NewChannel[int](One2One, "C", 0)
			soon(c.Poison)
			if i, err := Alternate(Output(c.Writer(), &v)).PriSelect(t.Context()); i != 0 || !errors.Is(err, ErrPoisoned) {
				t.Error(i, err)
			}
		})
	}
}
