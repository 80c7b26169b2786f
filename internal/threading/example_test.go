package threading_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cookbook/internal/threading"
	"cookbook/internal/waitfor"
)

func Example() {
	main := threading.Main(context.Background())
	lock := threading.NewLock("lock 1")
	sum := 0
	var threads []*threading.Thread
	for i := range 4 {
		t := threading.NewThread(main, func(t *threading.Thread) error {
			if err := lock.Acquire(t); err != nil {
				return err
			}
			defer lock.Release(t)
			sum += i
			return nil
		})
		t.Start()
		threads = append(threads, t)
	}
	for _, t := range threads {
		if err := t.Join(main); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("sum", sum)
	// Output: sum 6
}

func ExampleThread() {
	main := threading.Main(context.Background())
	first := threading.NewThread(main, func(t *threading.Thread) error {
		fmt.Println("function called by", t.Name())
		return errors.New("no luck")
	})
	second := threading.NewThread(main, func(t *threading.Thread) error {
		fmt.Println("function called by", threading.Current(t))
		return nil
	}, threading.WithName("second_function"))

	first.Start()
	fmt.Println("result:", first.Join(main))
	second.Start()
	fmt.Println("result:", second.Join(main))
	fmt.Println(second.Start())
	// Output:
	// function called by Thread-1
	// result: no luck
	// function called by second_function
	// result: <nil>
	// start second_function: already started; a thread runs once, make a new one
}

func ExamplePanicError() {
	main := threading.Main(context.Background())
	t := threading.NewThread(main, func(*threading.Thread) error { panic("boom") })
	t.Start()
	err := t.Join(main)
	var p *threading.PanicError
	fmt.Println(err, errors.As(err, &p), len(p.Stack) > 0)
	// Output: Thread-1 panicked: boom true true
}

func ExampleEnumerate() {
	main := threading.Main(context.Background())
	gate := threading.NewEvent("gate")
	t := threading.NewThread(main, func(t *threading.Thread) error { return gate.Wait(t) })
	t.Start()
	fmt.Println(threading.Enumerate(main))
	gate.Set()
	t.Join(main)
	fmt.Println(threading.Enumerate(main))
	// Output:
	// [MainThread Thread-1]
	// [MainThread]
}

func ExampleLock() {
	main := threading.Main(context.Background())
	lock := threading.NewLock("lock 1")
	lock.Acquire(main)
	fmt.Println(lock)
	fmt.Println(lock.TryAcquire(main), lock.AcquireTimeout(main, time.Millisecond))
	fmt.Println(lock.Release(main))
	fmt.Println(lock.Release(main))
	// Output:
	// lock 1 (held by MainThread)
	// false acquire lock 1: timed out
	// <nil>
	// release lock 1: not locked
}

func ExampleRLock() {
	main := threading.Main(context.Background())
	box := threading.NewRLock("box")
	box.Acquire(main)
	box.Acquire(main)
	fmt.Println("depth", box.Depth())

	t := threading.NewThread(main, func(t *threading.Thread) error { return box.Release(t) })
	t.Start()
	fmt.Println(t.Join(main))

	box.Release(main)
	box.Release(main)
	fmt.Println(box)
	// Output:
	// depth 2
	// release box: not the owner, MainThread is
	// box (free)
}

func ExampleSemaphore() {
	main := threading.Main(context.Background())
	items, _ := threading.NewSemaphore("items", 0)
	item := 0
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := items.Acquire(t); err != nil {
			return err
		}
		fmt.Println("consumed item number", item)
		return nil
	})
	consumer.Start()
	item = 42
	fmt.Println("produced item number", item)
	items.Release(main)
	consumer.Join(main)

	_, err := threading.NewSemaphore("items", -1)
	fmt.Println(err)
	// Output:
	// produced item number 42
	// consumed item number 42
	// make items: initial value -1: the value must not be negative
}

func ExampleCondition() {
	main := threading.Main(context.Background())
	items := threading.NewCondition(threading.NewLock("items"))
	var buffer []string
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		return threading.With(t, items, func() error {
			if err := items.WaitUntil(t, func() bool { return len(buffer) > 0 }); err != nil {
				return err
			}
			fmt.Println("consumed", buffer[0])
			return nil
		})
	})
	consumer.Start()
	threading.With(main, items, func() error {
		buffer = append(buffer, "an item")
		return items.Notify(main, 1)
	})
	consumer.Join(main)
	fmt.Println(items.Notify(main, 1))
	// Output:
	// consumed an item
	// notify the waiters on items: not the owner; acquire it first
}

func ExampleEvent() {
	main := threading.Main(context.Background())
	ready := threading.NewEvent("ready")
	fmt.Println(ready.WaitTimeout(main, time.Millisecond))
	t := threading.NewThread(main, func(t *threading.Thread) error {
		ready.Set()
		return nil
	})
	t.Start()
	fmt.Println(ready.Wait(main), ready.IsSet())
	t.Join(main)
	// Output:
	// wait for ready: timed out
	// <nil> true
}

func ExampleBarrier() {
	main := threading.Main(context.Background())
	var mu sync.Mutex
	arrived := 0
	finish, _ := threading.NewBarrier("finish", 3, threading.WithAction(func() error {
		fmt.Println("all", arrived, "are here")
		return nil
	}))
	body := func(t *threading.Thread) error {
		mu.Lock()
		arrived++
		mu.Unlock()
		_, err := finish.Wait(t)
		return err
	}
	a, b := threading.NewThread(main, body), threading.NewThread(main, body)
	a.Start()
	b.Start()
	body(main)
	fmt.Println(a.Join(main), b.Join(main))

	finish.Abort()
	fmt.Println(body(main))
	// Output:
	// all 3 are here
	// <nil> <nil>
	// wait at finish: broken
}

func ExampleQueue() {
	main := threading.Main(context.Background())
	jobs := threading.NewQueue[int]("jobs", 2)
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		for {
			job, err := jobs.Get(t)
			if errors.Is(err, threading.ErrClosed) {
				return nil
			}
			if err != nil {
				return err
			}
			fmt.Println("job", job)
			jobs.TaskDone()
		}
	})
	consumer.Start()
	for i := range 3 {
		jobs.Put(main, i)
	}
	jobs.Join(main)
	fmt.Println("all done")
	jobs.Close()
	fmt.Println(consumer.Join(main), jobs.TryPut(3))
	// Output:
	// job 0
	// job 1
	// job 2
	// all done
	// <nil> put into jobs: closed
}

func ExampleTimer() {
	main := threading.Main(context.Background())
	alarm := threading.NewTimer(main, time.Millisecond, func(t *threading.Thread) error {
		fmt.Println("time is up")
		return nil
	})
	never := threading.NewTimer(main, time.Hour, func(t *threading.Thread) error {
		fmt.Println("never")
		return nil
	})
	alarm.Start()
	never.Start()
	never.Cancel()
	fmt.Println(never.Join(main))
	alarm.Join(main)
	// Unordered output:
	// <nil>
	// time is up
}

func ExampleLocal() {
	main := threading.Main(context.Background())
	var user threading.Local[string]
	user.Set(main, "root")
	t := threading.NewThread(main, func(t *threading.Thread) error {
		_, found := user.Get(t)
		fmt.Println("found in the other thread:", found)
		return user.Set(t, "guest")
	})
	t.Start()
	t.Join(main)
	fmt.Println(user.Get(main))
	// Output:
	// found in the other thread: false
	// root true
}

func ExampleWith() {
	main := threading.Main(context.Background())
	lock := threading.NewLock("lock 1")
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		threading.With(main, lock, func() error {
			fmt.Println(lock)
			panic("boom")
		})
	}()
	fmt.Println(lock)
	// Output:
	// lock 1 (held by MainThread)
	// recovered: boom
	// lock 1 (free)
}

func ExampleAwaitDeadlock() {
	ctx, cancel := context.WithCancel(context.Background())
	main := threading.Main(ctx)
	one, two := threading.NewLock("lock 1"), threading.NewLock("lock 2")
	both, _ := threading.NewBarrier("both", 2)
	taking := func(first, second *threading.Lock) func(t *threading.Thread) error {
		return func(t *threading.Thread) error {
			return threading.With(t, first, func() error {
				both.Wait(t) // now each has its first
				return second.Acquire(t)
			})
		}
	}
	a := threading.NewThread(main, taking(one, two), threading.WithName("Thread-A"))
	b := threading.NewThread(main, taking(two, one), threading.WithName("Thread-B"))
	a.Start()
	b.Start()

	deadlock, _ := threading.AwaitDeadlock(main)
	for _, line := range waitfor.Report(deadlock.Cycle) {
		fmt.Println(line)
	}
	cancel()
	a.Join(context.Background())
	b.Join(context.Background())
	// Output:
	// Thread-A holds lock 1, waits for lock 2 (held by Thread-B)
	// Thread-B holds lock 2, waits for lock 1 (held by Thread-A)
}

func ExampleRun() {
	main := threading.Main(context.Background())
	sum := 0
	lock := threading.NewLock("sum")
	add := func(t *threading.Thread) error {
		return threading.With(t, lock, func() error { sum++; return nil })
	}
	err := threading.Run(main, threading.NewThread(main, add), threading.NewThread(main, add))
	fmt.Println(sum, err)
	// Output: 2 <nil>
}
