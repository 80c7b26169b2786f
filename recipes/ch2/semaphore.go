package ch2

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A semaphore is a number that cannot fall below 0: Acquire takes 1 away and waits while it is 0, Release adds 1.

// # As a signal

// signalItems is the book's program. The semaphore counts the items that are ready, so it begins at 0.
func signalItems(main *threading.Thread, out *transcript.Log, rounds int) error {
	semaphore, err := threading.NewSemaphore("semaphore", 0)
	if err != nil {
		return err
	}
	var (
		producer, consumer = out.Actor("producer"), out.Actor("consumer")
		random             = producer.Rand()
		item               int // shared without a lock: written before a Release, read after the Acquire it ends
		produced, consumed []int
	)
	out.Note("The consumer may come long before the item; it cannot pass Acquire before the producer's Release.")
	for range rounds {
		t1 := threading.NewThread(main, func(t *threading.Thread) error {
			if err := out.Sleep(t, 10*time.Second); err != nil {
				return err
			}
			item = random.IntN(1001)
			produced = append(produced, item)
			producer.Printf("producer notify : produced item number %d", item)
			return semaphore.Release(t)
		}, threading.WithName("producer"))
		t2 := threading.NewThread(main, func(t *threading.Thread) error {
			consumer.Printf("consumer is waiting.")
			if err := semaphore.Acquire(t); err != nil {
				return err
			}
			consumer.Printf("Consumer notify : consumed item number %d", item)
			consumed = append(consumed, item)
			return nil
		}, threading.WithName("consumer"))
		if err := threading.Run(main, t1, t2); err != nil {
			return err
		}
	}
	out.Printf("program terminated")
	out.Check("the numbers consumed are the numbers produced", consumed, produced)

	_, err = threading.NewSemaphore("semaphore", -1)
	out.Printf("%v", err)
	out.Check("a negative initial value is an error", errors.Is(err, threading.ErrNegative), true)
	return nil
}

// # As a mutex

// shutOthersOut begins at 1: the second to come waits until the first has gone. A mutex is never above 1, so it is bounded.
func shutOthersOut(main *threading.Thread, out *transcript.Log) error {
	mutex, err := threading.NewBoundedSemaphore("mutex", 1)
	if err != nil {
		return err
	}
	var inside, most atomic.Int32
	visit := func(t *threading.Thread) error {
		return threading.With(t, mutex, func() error {
			most.Store(max(most.Load(), inside.Add(1)))
			defer inside.Add(-1)
			out.Actor(t.Name()).Printf("is inside; would another be let in? %t", mutex.TryAcquire(t))
			return out.Sleep(t, time.Second)
		})
	}
	out.Note("A semaphore of 1 serves as a mutex: the thread that acquires it is alone until it releases it.")
	err = threading.Run(main,
		threading.NewThread(main, visit, threading.WithName("guest 1")),
		threading.NewThread(main, visit, threading.WithName("guest 2")),
		threading.NewThread(main, visit, threading.WithName("guest 3")),
	)
	if err != nil {
		return err
	}
	out.Check("most guests inside at a time", int(most.Load()), 1)

	err = mutex.Release(main)
	out.Printf("%v", err)
	out.Note("A plain semaphore accepts one release too many, and from then on lets in two guests at a time.")
	out.Check("a bounded semaphore refuses one release too many", errors.Is(err, threading.ErrTooManyReleases), true)
	return nil
}

// # In a deadlock

// crossSemaphores has t1 take s1 and then s2, and t2 take s2 and then s1.
func crossSemaphores(main *threading.Thread, out *transcript.Log) error {
	s1, err1 := threading.NewSemaphore("s1", 1)
	s2, err2 := threading.NewSemaphore("s2", 1)
	eachHoldsOne, err3 := threading.NewBarrier("each holds one", 2)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	var hadBoth []string
	takeBoth := func(first, second *threading.Semaphore) func(t *threading.Thread) error {
		return func(t *threading.Thread) error {
			return threading.With(t, first, func() error {
				if _, err := eachHoldsOne.Wait(t); err != nil { // makes the deadlock certain
					return err
				}
				return threading.With(t, second, func() error {
					out.Actor(t.Name()).Printf("has both")
					hadBoth = append(hadBoth, t.Name())
					return nil
				})
			})
		}
	}
	calledOff := errors.New("called off")
	ctx, callOff := context.WithCancelCause(main)
	t1 := threading.NewThread(main, takeBoth(s1, s2), threading.WithName("t1"))
	t2 := threading.NewThread(ctx, takeBoth(s2, s1), threading.WithName("t2"))
	watch := threading.NewThread(main, func(t *threading.Thread) error {
		deadlock, err := threading.AwaitDeadlock(t)
		if err == nil {
			out.Printf("%v", deadlock)
			out.Note("Each holds what the other wants, and no wait can end. So t2 is called off, and t1 can go on.")
		}
		callOff(calledOff)
		return err
	})
	if err := threading.Run(main, t1, t2, watch); main.Err() != nil || !errors.Is(err, calledOff) {
		return err // the run was called off, not t2
	}
	out.Printf("t2 gave up: %v", t2.Join(main))
	out.Check("who had both in the end", hadBoth, []string{"t1"})
	return nil
}

var semaphore = catalog.Recipe{
	ID: "ch2.semaphore", Section: "2.8", Title: "Signal a finished item with a Semaphore",
	Python: "threading.Semaphore", Go: "threading.Semaphore, chan",
	New: func(f *pflag.FlagSet) catalog.Run {
		rounds := catalog.Int(f, "rounds", 5, 1, 100_000, "items to produce and consume, one in each round")
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			if err := signalItems(main, out, *rounds); err != nil {
				return err
			}
			if err := shutOthersOut(main, out); err != nil {
				return err
			}
			return crossSemaphores(main, out)
		}
	},
	Wrong: semaphoreWrong,
	Bare:  semaphoreBare,
}
