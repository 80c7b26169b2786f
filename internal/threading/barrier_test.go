package threading

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestBarrier(t *testing.T) {
	inBubble(t, "holds everyone until the last has come, round after round", func(t *testing.T, main *Thread, _ func()) {
		const parties, rounds = 4, 50
		b := mustBarrier("barrier", parties)
		var arrived [rounds]int
		l := NewLock("count")
		var all []*Thread
		for range parties {
			all = append(all, start(t, main, func(th *Thread) error {
				for r := range rounds {
					With(th, l, func() error { arrived[r]++; return nil })
					if _, err := b.Wait(th); err != nil {
						return err
					}
					With(th, l, func() error {
						if arrived[r] != parties {
							t.Errorf("round %d: one went on when %d of %d had come", r, arrived[r], parties)
						}
						return nil
					})
				}
				return nil
			}))
		}
		join(t, main, all...)
	})
	inBubble(t, "says in which place one came", func(t *testing.T, main *Thread, _ func()) {
		b := mustBarrier("barrier", 3)
		var all []*Thread
		for i := range 3 {
			equal(t, "waiting", b.Waiting(), i)
			equal(t, "text", b.String(), fmt.Sprintf("barrier (%d of 3)", i))
			all = append(all, start(t, main, func(th *Thread) error {
				index, err := b.WaitTimeout(th, time.Second)
				equal(t, "index", index, i)
				return err
			}))
			synctest.Wait()
		}
		join(t, main, all...)
		equal(t, "waiting", b.Waiting(), 0)
		equal(t, "parties", b.Parties(), 3)
	})
	inBubble(t, "a party of one never waits", func(t *testing.T, main *Thread, cancel func()) {
		acted := 0
		b := mustBarrier("", 1, WithAction(func() error { acted++; return nil }))
		cancel()
		for range 3 {
			index, err := b.WaitTimeout(main, 0)
			ok(t, err)
			equal(t, "index", index, 0)
		}
		equal(t, "acted", acted, 3)
	})
	inBubble(t, "needs a party", func(t *testing.T, main *Thread, _ func()) {
		for _, n := range []int{0, -1} {
			_, err := NewBarrier("", n)
			fails(t, err, ErrNoParties, fmt.Sprintf("make a barrier: %d parties: needs at least one party", n))
		}
	})

	// two starts two threads that wait, one more would fill the barrier.
	two := func(t *testing.T, main *Thread, b *Barrier) [2]*Thread {
		var all [2]*Thread
		for i := range all {
			all[i] = start(t, main, func(t *Thread) error { _, err := b.Wait(t); return err })
		}
		synctest.Wait()
		return all
	}
	broken := func(t *testing.T, main *Thread, all [2]*Thread) {
		t.Helper()
		for _, th := range all {
			fails(t, th.Join(main), ErrBroken, "wait at barrier: broken")
		}
	}
	inBubble(t, "one who gives up breaks it for all", func(t *testing.T, main *Thread, _ func()) {
		b := mustBarrier("barrier", 4)
		gone, cancel := context.WithCancel(main)
		cancel()
		for name, giveUp := range map[string]func() error{
			"time-out": func() error { _, err := b.WaitTimeout(main, time.Second); return err },
			"no time":  func() error { _, err := b.WaitTimeout(main, 0); return err },
			"deadline": func() error {
				ctx, cancel := context.WithTimeout(main, time.Second)
				defer cancel()
				_, err := b.Wait(ctx)
				return err
			},
			"ended before": func() error { _, err := b.Wait(gone); return err },
		} {
			all := two(t, main, b)
			err := giveUp()
			fails(t, err, ErrBroken, "")
			if !errors.Is(err, ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error does not say why: %v", name, err)
			}
			broken(t, main, all)
			equal(t, name+": broken", b.Broken(), true)
			equal(t, name+": waiting", b.Waiting(), 0)
			equal(t, name+": text", b.String(), "barrier (broken)")
			index, err := b.Wait(main)
			fails(t, err, ErrBroken, "")
			equal(t, name+": index", index, -1)
			b.Reset()
			equal(t, name+": broken after reset", b.Broken(), false)
		}
	})
	inBubble(t, "abort breaks it, reset empties it", func(t *testing.T, main *Thread, _ func()) {
		b := mustBarrier("barrier", 3)
		all := two(t, main, b)
		b.Abort()
		broken(t, main, all)
		equal(t, "broken", b.Broken(), true)
		b.Reset()
		all = two(t, main, b)
		b.Reset()
		broken(t, main, all)
		equal(t, "broken", b.Broken(), false)
		all = two(t, main, b)
		_, err := b.Wait(main)
		ok(t, err)
		join(t, main, all[:]...)
	})
	inBubble(t, "the action runs once a round, before anyone goes on", func(t *testing.T, main *Thread, _ func()) {
		acted := 0
		b := mustBarrier("barrier", 3, WithAction(func() error {
			time.Sleep(time.Second)
			acted++
			return nil
		}))
		for round := 1; round <= 3; round++ {
			all := two(t, main, b)
			_, err := b.Wait(main)
			ok(t, err)
			join(t, main, all[:]...)
			equal(t, "acted", acted, round)
		}
	})
	inBubble(t, "a time-out during the action comes too late", func(t *testing.T, main *Thread, _ func()) {
		b := mustBarrier("barrier", 2, WithAction(func() error { time.Sleep(time.Minute); return nil }))
		th := start(t, main, func(t *Thread) error { _, err := b.WaitTimeout(t, time.Second); return err })
		synctest.Wait()
		_, err := b.Wait(main)
		ok(t, err)
		join(t, main, th)
		equal(t, "broken", b.Broken(), false)
	})
	inBubble(t, "an action that fails, panics or exits breaks it", func(t *testing.T, main *Thread, _ func()) {
		boom := errors.New("boom")
		for name, action := range map[string]func() error{
			"fails":  func() error { return boom },
			"panics": func() error { panic(boom) },
			"exits":  func() error { runtime.Goexit(); return nil },
		} {
			b := mustBarrier("barrier", 3, WithAction(action))
			all := two(t, main, b)
			last := start(t, main, func(t *Thread) error { _, err := b.Wait(t); return err })
			want := boom
			if name == "exits" {
				want = ErrGoexit
			}
			fails(t, last.Join(main), want, "")
			broken(t, main, all)
			equal(t, name+": broken", b.Broken(), true)
		}
	})
	inBubble(t, "an action that fails in the next round is no failure of this one", func(t *testing.T, main *Thread, _ func()) {
		boom, acted := errors.New("boom"), 0
		b := mustBarrier("barrier", 2, WithAction(func() error {
			time.Sleep(time.Second)
			if acted++; acted == 2 {
				return boom
			}
			return nil
		}))
		var all []*Thread
		for range 4 {
			all = append(all, start(t, main, func(t *Thread) error { _, err := b.Wait(t); return err }))
			synctest.Wait()
		}
		join(t, main, all[:2]...)
		for _, th := range all[2:] {
			fails(t, th.Join(main), ErrBroken, "")
		}
	})
	inBubble(t, "those who come during the action wait for the next round", func(t *testing.T, main *Thread, _ func()) {
		acted := 0
		b := mustBarrier("barrier", 2, WithAction(func() error { acted++; time.Sleep(time.Second); return nil }))
		var indices []int
		l := NewLock("indices")
		var all []*Thread
		for range 8 {
			all = append(all, start(t, main, func(th *Thread) error {
				index, err := b.Wait(th)
				With(th, l, func() error { indices = append(indices, index); return nil })
				return err
			}))
		}
		join(t, main, all...)
		slices.Sort(indices)
		equal(t, "indices", fmt.Sprint(indices), "[0 0 0 0 1 1 1 1]")
		equal(t, "acted", acted, 4)
		equal(t, "waiting", b.Waiting(), 0)
	})
}
