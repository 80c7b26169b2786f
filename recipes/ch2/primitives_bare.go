package ch2

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/transcript"
)

// What a Go program uses where Python has an object of module threading: channels, and package sync.

// countTrue runs f in n goroutines, waits until all have ended, and returns how many said true.
func countTrue(n int, f func(i int) bool) int {
	var threads sync.WaitGroup
	var yes atomic.Int64
	for i := range n {
		threads.Go(func() {
			if f(i) {
				yes.Add(1)
			}
		})
	}
	threads.Wait()
	return int(yes.Load())
}

// nameKey is the key of a value that a context carries: no other package can have the same one.
type nameKey struct{}

func primitivesBare(ctx context.Context, out *transcript.Log) error {
	const n = 5

	out.Printf("Thread     go, WaitGroup     %d threads run", n)
	out.Check("Thread: all have run when Wait returns", countTrue(n, func(int) bool { return true }), n)

	out.Printf("Lock       sync.Mutex        %d threads add 1 each", n)
	var mu sync.Mutex
	sum := 0
	countTrue(n, func(int) bool {
		mu.Lock()
		defer mu.Unlock()
		sum++
		return true
	})
	out.Check("Lock: no addition is lost", sum, n)

	out.Printf("Semaphore  buffered channel  %d threads try for 2 places", n)
	places := make(chan struct{}, 2)
	got := countTrue(n, func(int) bool {
		select {
		case places <- struct{}{}:
			return true
		default:
			return false
		}
	})
	out.Check("Semaphore: 2 of them get one", got, 2)

	out.Printf("Condition  sync.Cond         %d threads wait for their turns", n)
	turn, changed := 0, sync.NewCond(&mu)
	countTrue(n, func(i int) bool {
		mu.Lock()
		defer mu.Unlock()
		for turn != i {
			changed.Wait()
		}
		turn++
		changed.Broadcast()
		return true
	})
	out.Check("Condition: each has had its turn", turn, n)

	out.Printf("Event      closed channel    %d threads wait, one sets it", n)
	event, set := make(chan struct{}), false
	saw := countTrue(n, func(i int) bool {
		if i == 0 {
			set = true
			close(event)
		}
		<-event
		return set
	})
	out.Check("Event: none goes on before it is set", saw, n)

	out.Printf("Barrier    sync.WaitGroup    %d threads wait for each other", n)
	arriving, there := new(sync.WaitGroup), new(atomic.Int64)
	arriving.Add(n)
	met := countTrue(n, func(int) bool {
		there.Add(1)
		arriving.Done()
		arriving.Wait()
		return there.Load() == n
	})
	out.Check("Barrier: none goes on before all are there", met, n)

	out.Printf("Queue      channel           %d threads put and get a number", n)
	queue, total := make(chan int, n), new(atomic.Int64)
	countTrue(n, func(i int) bool {
		queue <- i
		total.Add(int64(<-queue))
		return true
	})
	out.Check("Queue: the sum stays the same", total.Load(), int64(0+1+2+3+4))

	out.Printf("Timer      time.AfterFunc    %d threads set two and stop one", n)
	stopped := countTrue(n, func(int) bool {
		fired := make(chan struct{})
		time.AfterFunc(time.Millisecond, func() { close(fired) })
		late := time.AfterFunc(time.Hour, func() {})
		<-fired
		return late.Stop()
	})
	out.Check("Timer: the other one fires", stopped, n)

	out.Printf("local      context.Value     %d threads have their own", n)
	own := countTrue(n, func(i int) bool {
		ctx := context.WithValue(ctx, nameKey{}, i) // passed on to all that this thread calls
		return ctx.Value(nameKey{}) == i
	})
	out.Check("local: each finds what it has set", own, n)
	return nil
}
