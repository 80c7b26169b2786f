package threading

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/waitfor"
)

// taking returns a body that takes the first, tells the others that it has,
// waits for them, and takes the second.
func taking(first, second interface {
	Acquire(context.Context) error
	Release(context.Context) error
}, all *Barrier) func(t *Thread) error {
	return func(t *Thread) error {
		return With(t, first, func() error {
			if _, err := all.Wait(t); err != nil {
				return err
			}
			return With(t, second, func() error { return nil })
		})
	}
}

// resolve frees deadlocked threads by cancelling their context. The first to
// give up lets go of what the next one waits for, who may then have it: some
// fail, but not all need to.
func resolve(t *testing.T, cancel func(), all ...*Thread) {
	t.Helper()
	cancel()
	failed := 0
	for _, th := range all {
		if err := th.Join(context.Background()); err != nil {
			fails(t, err, context.Canceled, "")
			failed++
		}
	}
	if failed == 0 {
		t.Error("all went on, so there was no deadlock")
	}
}

func TestDeadlock(t *testing.T) {
	// deadlocked starts the bodies, awaits the deadlock, checks what is said
	// of it, and frees the threads by cancelling their context.
	deadlocked := func(t *testing.T, main *Thread, cancel func(), want string, bodies ...func(t *Thread) error) {
		t.Helper()
		var all []*Thread
		for i, body := range bodies {
			all = append(all, start(t, main, body, WithName(fmt.Sprintf("Thread-%c", 'A'+i))))
		}
		found, err := AwaitDeadlock(main)
		ok(t, err)
		equal(t, "found", found.Error(), want)
		resolve(t, cancel, all...)
	}
	inBubble(t, "two locks in opposite order", func(t *testing.T, main *Thread, cancel func()) {
		one, two, both := NewLock("lock 1"), NewLock("lock 2"), mustBarrier("both", 2)
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds lock 1, waits for lock 2, held by Thread-B; Thread-B holds lock 2, waits for lock 1, held by Thread-A",
			taking(one, two, both), taking(two, one, both))
	})
	inBubble(t, "a ring of three, of different kinds", func(t *testing.T, main *Thread, cancel func()) {
		lock, rlock, semaphore, all := NewLock("lock"), NewRLock("rlock"), mustSemaphore("semaphore", 1), mustBarrier("all", 3)
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds lock, waits for rlock, held by Thread-B; "+
				"Thread-B holds rlock, waits for semaphore, held by Thread-C; "+
				"Thread-C holds semaphore, waits for lock, held by Thread-A",
			taking(lock, rlock, all), taking(rlock, semaphore, all), taking(semaphore, lock, all))
	})
	inBubble(t, "two semaphores of one", func(t *testing.T, main *Thread, cancel func()) {
		one, two, both := mustSemaphore("s1", 1), mustSemaphore("s2", 1), mustBarrier("both", 2)
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds s1, waits for s2, held by Thread-B; Thread-B holds s2, waits for s1, held by Thread-A",
			taking(one, two, both), taking(two, one, both))
	})
	inBubble(t, "a plain lock taken twice", func(t *testing.T, main *Thread, cancel func()) {
		l := NewLock("lock 1")
		deadlocked(t, main, cancel, "deadlock: Thread-A holds lock 1, waits for lock 1, held by itself",
			func(t *Thread) error {
				return With(t, l, func() error { return l.Acquire(t) })
			})
	})
	inBubble(t, "two that join each other", func(t *testing.T, main *Thread, cancel func()) {
		var a, b *Thread
		started := NewEvent("both started") // who is not started cannot be joined
		joins := func(other **Thread) func(*Thread) error {
			return func(t *Thread) error {
				if err := started.Wait(t); err != nil {
					return err
				}
				return (*other).Join(t)
			}
		}
		a = NewThread(main, joins(&b), WithName("A"))
		b = NewThread(main, joins(&a), WithName("B"))
		ok(t, a.Start())
		ok(t, b.Start())
		started.Set()
		found, err := AwaitDeadlock(main)
		ok(t, err)
		equal(t, "found", found.Error(), "deadlock: A waits for B; B waits for A")
		resolve(t, cancel, a, b)
	})
	inBubble(t, "a semaphore of two, all of whose holders wait", func(t *testing.T, main *Thread, cancel func()) {
		s, l, two := mustSemaphore("pool", 2), NewLock("lock"), mustBarrier("two", 3)
		holder := func(t *Thread) error {
			return With(t, s, func() error {
				if _, err := two.Wait(t); err != nil {
					return err
				}
				return l.Acquire(t)
			})
		}
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds lock, waits for pool, held by Thread-B and Thread-C; Thread-B holds pool, waits for lock, held by Thread-A",
			func(t *Thread) error {
				return With(t, l, func() error {
					if _, err := two.Wait(t); err != nil {
						return err
					}
					return s.Acquire(t)
				})
			}, holder, holder)
	})
	inBubble(t, "a lock that comes back to a notified waiter closes the ring", func(t *testing.T, main *Thread, cancel func()) {
		// A waits on the condition while it holds lock 1. B notifies it, keeps
		// the condition's lock and wants lock 1.
		one, c, gate := NewLock("lock 1"), NewCondition(NewLock("lock 2")), NewEvent("gate")
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds lock 1, waits for lock 2, held by Thread-B; Thread-B holds lock 2, waits for lock 1, held by Thread-A",
			func(t *Thread) error {
				return With(t, one, func() error {
					return With(t, c, func() error {
						gate.Set()
						if err := c.Wait(t); err != nil {
							return err
						}
						return t.Err()
					})
				})
			}, func(t *Thread) error {
				if err := gate.Wait(t); err != nil {
					return err
				}
				return With(t, c, func() error {
					c.Notify(t, 1)
					return one.Acquire(t)
				})
			})
	})
	inBubble(t, "a condition's waiter whose time is up closes the ring when it wants its lock back", func(t *testing.T, main *Thread, cancel func()) {
		one, c, gate := NewLock("lock 1"), NewCondition(NewLock("lock 2")), NewEvent("gate")
		deadlocked(t, main, cancel,
			"deadlock: Thread-A holds lock 1, waits for lock 2, held by Thread-B; Thread-B holds lock 2, waits for lock 1, held by Thread-A",
			func(th *Thread) error {
				return With(th, one, func() error {
					return With(th, c, func() error {
						gate.Set()
						fails(t, c.WaitTimeout(th, time.Second), ErrTimeout, "")
						return th.Err()
					})
				})
			}, func(t *Thread) error {
				if err := gate.Wait(t); err != nil {
					return err
				}
				return With(t, c, func() error { return one.Acquire(t) })
			})
	})
	inBubble(t, "is in the report, before those who only wait for it", func(t *testing.T, _ *Thread, _ func()) {
		ctx, cancel := context.WithCancel(context.Background())
		ctx, board := waitfor.NewContext(ctx)
		main := Main(ctx)
		one, two, both := NewLock("lock 1"), NewLock("lock 2"), mustBarrier("both", 2)
		a := start(t, main, taking(one, two, both))
		b := start(t, main, taking(two, one, both))
		synctest.Wait()
		timed := start(t, main, func(t *Thread) error { return one.AcquireTimeout(t, time.Hour) })
		go a.Join(main)
		synctest.Wait()
		want := []string{
			"Thread-1 holds lock 1, waits for lock 2 (held by Thread-2)",
			"Thread-2 holds lock 2, waits for lock 1 (held by Thread-1)",
			"MainThread waits for Thread-1",
			"Thread-3 waits for lock 1, held by Thread-1 (with a time-out)",
		}
		equal(t, "report", strings.Join(waitfor.Report(board.Waits()), "\n"), strings.Join(want, "\n"))
		resolve(t, cancel, a, b, timed)
		synctest.Wait()
		equal(t, "board", fmt.Sprint(board.Waits()), "[]")
	})
}

// TestDeadlockThatAnotherThreadCanEnd has two threads wait for each other's lock while a third thread goes on.
func TestDeadlockThatAnotherThreadCanEnd(t *testing.T) {
	type lock interface {
		Acquire(context.Context) error
		Release(context.Context) error
	}
	kinds := map[string]func(name string) lock{
		"Lock":      func(name string) lock { return NewLock(name) },
		"Semaphore": func(name string) lock { return mustSemaphore(name, 1) },
		"RLock":     func(name string) lock { return NewRLock(name) },
	}
	// crossed starts the two, and the third, and has AwaitDeadlock called while main joins them, as a watchdog would.
	crossed := func(t *testing.T, main *Thread, kind string, third func(t *Thread, one lock) error) (found chan string, all []*Thread) {
		one, two, both := kinds[kind]("lock 1"), kinds[kind]("lock 2"), mustBarrier("both", 2)
		found = make(chan string, 1)
		all = []*Thread{
			NewThread(main, func(t *Thread) error {
				return errors.Join(one.Acquire(t), rendezvous(t, both), two.Acquire(t), two.Release(t))
			}),
			NewThread(main, func(t *Thread) error {
				return errors.Join(two.Acquire(t), rendezvous(t, both), one.Acquire(t), one.Release(t), two.Release(t))
			}),
			NewThread(main, func(t *Thread) error { return third(t, one) }),
		}
		go func() {
			d, err := AwaitDeadlock(main)
			if d != nil {
				err = d
			}
			found <- err.Error()
		}()
		return found, all
	}
	for _, kind := range []string{"Lock", "Semaphore"} {
		inBubble(t, "is none with a "+kind+" that the third releases", func(t *testing.T, main *Thread, cancel func()) {
			found, all := crossed(t, main, kind, func(t *Thread, one lock) error {
				time.Sleep(time.Hour)
				return one.Release(t)
			})
			ok(t, Run(main, all...))
			cancel()
			equal(t, "found", <-found, "await a deadlock: context canceled")
		})
		inBubble(t, "is one with a "+kind+" when the third has ended without that", func(t *testing.T, main *Thread, cancel func()) {
			begun := time.Now()
			found, all := crossed(t, main, kind, func(*Thread, lock) error { time.Sleep(time.Hour); return nil })
			ran := make(chan error)
			go func() { ran <- Run(main, all...) }()
			equal(t, "found", <-found, "deadlock: Thread-1 holds lock 1, waits for lock 2, held by Thread-2; "+
				"Thread-2 holds lock 2, waits for lock 1, held by Thread-1")
			equal(t, "time", time.Since(begun), time.Hour)
			cancel()
			fails(t, <-ran, context.Canceled, "")
		})
	}
	inBubble(t, "is one at once with an RLock, which only its holder can release", func(t *testing.T, main *Thread, cancel func()) {
		begun := time.Now()
		found, all := crossed(t, main, "RLock", func(*Thread, lock) error { time.Sleep(time.Hour); return nil })
		ran := make(chan error)
		go func() { ran <- Run(main, all...) }()
		if said := <-found; !strings.HasPrefix(said, "deadlock: Thread-1 holds lock 1") {
			t.Error(said)
		}
		equal(t, "time", time.Since(begun), 0)
		cancel()
		fails(t, <-ran, context.Canceled, "")
	})
}

func rendezvous(t *Thread, b *Barrier) error {
	_, err := b.Wait(t)
	return err
}

func TestNoDeadlock(t *testing.T) {
	// alive runs the bodies until all of them wait, checks that nobody calls
	// it a deadlock, and lets them go.
	alive := func(t *testing.T, main *Thread, want string, free func(), bodies ...func(t *Thread) error) {
		t.Helper()
		var all []*Thread
		for _, body := range bodies {
			all = append(all, start(t, main, body))
			synctest.Wait()
		}
		equal(t, "waits", fmt.Sprint(main.group.waits()), want)
		if cycle := waitfor.Cycle(main.group.waits()); cycle != nil {
			t.Errorf("taken for a deadlock: %v", cycle)
		}
		free()
		join(t, main, all...)
	}
	inBubble(t, "a wait with a time-out ends", func(t *testing.T, main *Thread, _ func()) {
		one, two, both := NewLock("lock 1"), NewLock("lock 2"), mustBarrier("both", 2)
		alive(t, main, "[Thread-1 waits for lock 2, held by Thread-2 Thread-2 waits for lock 1, held by Thread-1 (with a time-out)]", func() {},
			taking(one, two, both),
			func(th *Thread) error {
				return With(th, two, func() error {
					both.Wait(th)
					fails(t, one.AcquireTimeout(th, time.Second), ErrTimeout, "")
					return nil
				})
			})
	})
	inBubble(t, "a wait with a deadline of its own ends", func(t *testing.T, main *Thread, _ func()) {
		one, two, both := NewLock("lock 1"), NewLock("lock 2"), mustBarrier("both", 2)
		alive(t, main, "[Thread-1 waits for lock 2, held by Thread-2 Thread-2 waits for lock 1, held by Thread-1 (with a time-out)]", func() {},
			taking(one, two, both),
			func(th *Thread) error {
				return With(th, two, func() error {
					both.Wait(th)
					ctx, cancel := context.WithTimeout(th, time.Second)
					defer cancel()
					fails(t, one.Acquire(ctx), context.DeadlineExceeded, "")
					return nil
				})
			})
	})
	inBubble(t, "a semaphore used as a signal has no holders", func(t *testing.T, main *Thread, _ func()) {
		ping, pong := mustSemaphore("ping", 1), mustSemaphore("pong", 0)
		ok(t, ping.Acquire(main))
		alive(t, main, "[Thread-1 waits for ping Thread-2 waits for pong]", func() { ping.Release(main) },
			func(t *Thread) error { // releases what it never acquired
				pong.Release(t)
				pong.Acquire(t)
				ping.Release(t)
				ping.Acquire(t)
				err := ping.Acquire(t)
				pong.Release(t)
				return err
			}, func(t *Thread) error { return pong.Acquire(t) })
	})
	inBubble(t, "what was handed over is held by the one who got it", func(t *testing.T, main *Thread, _ func()) {
		l, s, gate := NewLock("lock"), mustSemaphore("semaphore", 1), NewEvent("gate")
		ok(t, l.Acquire(main))
		ok(t, s.Acquire(main))
		first := start(t, main, func(t *Thread) error {
			return With(t, l, func() error { return With(t, s, func() error { return gate.Wait(t) }) })
		})
		synctest.Wait()
		ok(t, l.Release(main))
		synctest.Wait()
		ok(t, s.Release(main))
		alive(t, main, "[Thread-1 waits for gate Thread-2 waits for lock, held by Thread-1 Thread-3 waits for semaphore, held by Thread-1]", gate.Set,
			func(t *Thread) error { return l.Acquire(t) }, func(t *Thread) error { return s.Acquire(t) })
		join(t, main, first)
	})
	inBubble(t, "a holder without a thread may be busy elsewhere", func(t *testing.T, main *Thread, _ func()) {
		l, s := NewLock("lock"), mustSemaphore("semaphore", 1)
		l.Acquire(context.Background())
		s.Acquire(context.Background())
		alive(t, main, "[Thread-1 waits for lock, held by a goroutine without a thread Thread-2 waits for semaphore, held by a goroutine without a thread]",
			func() { l.Release(main); s.Release(context.Background()) },
			func(t *Thread) error { return l.Acquire(t) }, func(t *Thread) error { return s.Acquire(t) })
	})
	inBubble(t, "a thread that ended or is in another group is told apart", func(t *testing.T, main *Thread, _ func()) {
		l, m := NewLock("lock 1"), NewLock("lock 2")
		join(t, main, start(t, main, func(t *Thread) error { return l.Acquire(t) }))
		m.Acquire(Main(main))
		alive(t, main, "[Thread-2 waits for lock 1, held by Thread-1 (ended) Thread-3 waits for lock 2, held by MainThread of another group]",
			func() { l.Release(main); m.Release(main) },
			func(t *Thread) error { return l.Acquire(t) }, func(t *Thread) error { return m.Acquire(t) })
	})
	inBubble(t, "two of the same name are told apart", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock")
		body := func(t *Thread) error { return l.Acquire(t) }
		l.Acquire(main)
		a, b := start(t, main, body, WithName("twin")), start(t, main, body, WithName("twin"))
		synctest.Wait()
		equal(t, "waits", fmt.Sprint(main.group.waits()), "[twin (thread 2) waits for lock, held by MainThread twin (thread 3) waits for lock, held by MainThread]")
		l.Release(main)
		synctest.Wait()
		l.Release(main)
		join(t, main, a, b)
	})
	inBubble(t, "what anyone can end says what it is", func(t *testing.T, main *Thread, _ func()) {
		full, empty, c := NewQueue[int]("full", 1), NewQueue[int]("empty", 1), NewCondition(NewLock("lock"))
		full.TryPut(1)
		event, barrier := NewEvent("event"), mustBarrier("barrier", 3)
		alive(t, main, "["+strings.Join([]string{
			"Thread-1 waits for a free place in full",
			"Thread-2 waits for an item in empty",
			"Thread-3 waits for the last TaskDone of full",
			"Thread-4 waits for a notification on lock",
			"Thread-5 waits for event",
			"Thread-6 waits for 2 more at barrier",
		}, " ")+"]", func() {
			full.TryGet()
			full.TaskDone()
			full.TaskDone()
			empty.TryPut(1)
			With(main, c, func() error { return c.Notify(main, 1) })
			event.Set()
			barrier.Abort()
		},
			func(t *Thread) error { return full.Put(t, 2) },
			func(t *Thread) error { _, err := empty.Get(t); return err },
			func(t *Thread) error { return full.Join(t) },
			func(t *Thread) error { return With(t, c, func() error { return c.Wait(t) }) },
			func(t *Thread) error { return event.Wait(t) },
			func(th *Thread) error { _, err := barrier.Wait(th); fails(t, err, ErrBroken, ""); return nil })
	})
	inBubble(t, "awaiting one ends with the context", func(t *testing.T, main *Thread, cancel func()) {
		th := start(t, main, func(t *Thread) error {
			_, err := AwaitDeadlock(t)
			return err
		})
		synctest.Wait()
		ctx, stop := context.WithTimeout(main, time.Second)
		defer stop()
		_, err := AwaitDeadlock(ctx)
		fails(t, err, context.DeadlineExceeded, "await a deadlock: context deadline exceeded")
		cancel()
		fails(t, th.Join(context.Background()), context.Canceled, "")
	})
	t.Run("who moved between two looks is not seen, nor a holder that changed", func(t *testing.T) {
		still, moved, came, left := new(Thread), new(Thread), new(Thread), new(Thread)
		a, b := new(Thread), new(Thread)
		before := map[*Thread]sighting{still: {turn: 1, holders: []*Thread{a}}, moved: {turn: 1}, left: {turn: 1}}
		after := map[*Thread]sighting{still: {turn: 1, holders: []*Thread{a}}, moved: {turn: 2}, came: {turn: 1}}
		for th, want := range map[*Thread]bool{still: true, moved: false, came: false, left: false} {
			_, seen := agreed(before, after, th)
			equal(t, "seen", seen, want)
		}
		s, _ := agreed(before, after, still)
		equal(t, "holders", len(s.holders), 1)
		after[still] = sighting{turn: 1, holders: []*Thread{b}}
		s, _ = agreed(before, after, still)
		equal(t, "holders that changed", len(s.holders), 0)
	})
	t.Run("heavy traffic in a fixed order is no deadlock", func(t *testing.T) {
		// Every kind of hand-over, as fast as it goes, under the eyes of two
		// who await a deadlock and one who asks for a report all the time.
		const threads, rounds = 6, 1500
		ctx, cancel := context.WithCancel(t.Context())
		main := Main(ctx)
		one, two, three := NewLock("lock"), NewRLock("rlock"), mustSemaphore("semaphore", 2)
		c := NewCondition(two)
		var watchers, workers []*Thread
		for range 2 {
			watchers = append(watchers, start(t, main, func(th *Thread) error {
				if found, err := AwaitDeadlock(th); !errors.Is(err, context.Canceled) {
					t.Errorf("found %v, error %v", found, err)
				}
				return nil
			}))
		}
		watchers = append(watchers, start(t, main, func(th *Thread) error {
			for th.Err() == nil {
				if cycle := waitfor.Cycle(th.group.waits()); cycle != nil {
					t.Errorf("taken for a deadlock: %v", cycle)
				}
			}
			return nil
		}))
		for i := range threads {
			workers = append(workers, start(t, main, func(t *Thread) error {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for range rounds {
					err := With(t, one, func() error {
						return With(t, two, func() error {
							if r.IntN(4) == 0 {
								// Out of order, but only for a while.
								if three.AcquireTimeout(t, time.Microsecond) == nil {
									three.Release(t)
								}
							}
							if r.IntN(4) == 0 {
								return c.NotifyAll(t)
							}
							return With(t, three, func() error { return nil })
						})
					})
					if err == nil && r.IntN(4) == 0 {
						err = With(t, two, func() error {
							if err := c.WaitTimeout(t, 50*time.Microsecond); !errors.Is(err, ErrTimeout) {
								return err
							}
							return nil
						})
					}
					if err == nil && r.IntN(4) == 0 && two.TryAcquire(t) {
						if one.TryAcquire(t) { // out of order, but without waiting
							one.Release(t)
						}
						two.Release(t)
					}
					if err != nil {
						return err
					}
				}
				return nil
			}))
		}
		join(t, main, workers...)
		cancel()
		join(t, context.Background(), watchers...)
	})
}
