package csp

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestTheFirstFailureEndsTheOthers(t *testing.T) {
	why := errors.New("why")
	c := NewChannel[int](One2One, "A", 0)
	r := c.Reader()
	err := Parallel(t.Context(),
		func(ctx context.Context) error { _, err := r.Read(ctx); return err },
		func(context.Context) error { return why })
	if !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestProcessesThatEndInGoodOrderHaveNotFailed(t *testing.T) {
	c := NewChannel[int](One2One, "A", 0)
	r, w := c.Reader(), c.Writer()
	for _, last := range []func(){w.Retire, w.Poison} {
		err := Parallel(t.Context(),
			func(ctx context.Context) error { _, err := r.Read(ctx); return err },
			func(context.Context) error { last(); return nil })
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSequenceStopsAtAFailure(t *testing.T) {
	var ran []int
	step := func(i int, err error) Process {
		return func(context.Context) error { ran = append(ran, i); return err }
	}
	why := errors.New("why")
	if err := Sequence(t.Context(), step(0, nil), step(1, ErrRetired), step(2, why), step(3, nil)); err != why {
		t.Error(err)
	}
	if !slices.Equal(ran, []int{0, 1, 2}) {
		t.Error(ran)
	}
}

func TestAProcessLeavesItsEndsAsItEnds(t *testing.T) {
	for name, test := range map[string]struct {
		process func() error
		want    error
	}{
		"its work is done":         {func() error { return nil }, ErrRetired},
		"its input has ended":      {func() error { return ErrRetired }, ErrRetired},
		"it has met poison":        {func() error { return ErrPoisoned }, ErrPoisoned},
		"it fails":                 {func() error { return errors.New("why") }, ErrPoisoned},
		"its input's peer is lost": {func() error { return ErrLost }, ErrPoisoned},
		"it panics":                {func() error { panic("why") }, ErrPoisoned},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := NewChannel[int](One2One, "in", 0), NewChannel[int](One2One, "out", 0)
			r, w := in.Reader(), out.Writer()
			func() {
				defer func() {
					if p := recover(); p != nil && p != "why" {
						t.Error(p)
					}
				}()
				func() (err error) {
					defer Leave(&err, r, w)
					return test.process()
				}()
			}()
			if err := in.Writer().Write(t.Context(), 1); !errors.Is(err, test.want) {
				t.Error("before it:", err)
			}
			if _, err := out.Reader().Read(t.Context()); !errors.Is(err, test.want) {
				t.Error("behind it:", err)
			}
		})
	}
}

func TestCopyPassesOnValuesAndTheirEnd(t *testing.T) {
	a, b := NewChannel[int](One2One, "A", 0), NewChannel[int](One2One, "B", 0)
	ar, aw, br, bw := a.Reader(), a.Writer(), b.Reader(), b.Writer()
	var n Network
	n.Spawn(t.Context(),
		func(ctx context.Context) error { return Copy(ctx, ar, bw) },
		func(ctx context.Context) (err error) { defer Leave(&err, aw); return aw.Write(ctx, 5) })
	if v, err := br.Read(t.Context()); v != 5 || err != nil {
		t.Error(v, err)
	}
	if _, err := br.Read(t.Context()); !errors.Is(err, ErrRetired) {
		t.Error(err)
	}
	if err := n.Wait(); err != nil {
		t.Error(err)
	}
}
