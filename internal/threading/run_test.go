package threading

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestRunReturnsTheErrorsOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		main := Main(t.Context())
		one, two := errors.New("one"), errors.New("two")
		failing := func(err error) *Thread { return NewThread(main, func(*Thread) error { return err }) }
		err := Run(main, failing(one), failing(nil), failing(two))
		if !errors.Is(err, one) || !errors.Is(err, two) {
			t.Errorf("got %v", err)
		}
		if err := Run(main); err != nil {
			t.Errorf("of no threads: %v", err)
		}
		used := failing(nil)
		if err := Run(main, used); err != nil {
			t.Error(err)
		}
		if err := Run(main, used, failing(nil)); !errors.Is(err, ErrStarted) {
			t.Errorf("of a used thread: %v", err)
		}
	})
}

func TestRunLeavesNoThreadBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		main := Main(ctx)
		ended := 0
		waiting := NewThread(main, func(t *Thread) error {
			<-t.Done()
			ended++
			return context.Cause(t)
		})
		cancel()
		if err := Run(main, waiting); !errors.Is(err, context.Canceled) || ended != 1 || waiting.IsAlive() {
			t.Errorf("%v, ended %d, alive %v", err, ended, waiting.IsAlive())
		}
	})
}
