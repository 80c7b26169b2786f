package ch2

import (
	"context"
	"fmt"
	"sync"

	"cookbook/internal/transcript"
)

// defer releases a lock however the function ends: by a return, by an error, by a panic.

// tryLocker is what all that can be held have in common.
type tryLocker interface {
	sync.Locker
	TryLock() bool
}

// places lets in as many at a time as the channel has room for.
type places chan struct{}

func (p places) Lock()   { p <- struct{}{} }
func (p places) Unlock() { <-p }

func (p places) TryLock() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

// holding is Python's with: it runs f with the lock held.
func holding(lock sync.Locker, f func()) {
	lock.Lock()
	defer lock.Unlock()
	f()
}

// recovered runs f and returns its panic as an error. Without that, a panic in any goroutine ends the program.
func recovered(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panicked: %v", r)
		}
	}()
	f()
	return nil
}

func withBare(_ context.Context, out *transcript.Log) error {
	all := []struct {
		name string
		lock tryLocker
	}{{"Mutex", &sync.Mutex{}}, {"RWMutex", &sync.RWMutex{}}, {"Semaphore", make(places, 1)}}

	out.Note("Two hold each of them, one with a function that does it, one with a defer of its own.")
	visits := 0
	for _, held := range all {
		var both sync.WaitGroup
		visit := func(name, how string) {
			before := visits
			out.Actor(name).Printf("(%s) %s acquired %s", name, held.name, how)
			visits = before + 1 // right only if no other was here meanwhile
		}
		both.Go(func() {
			holding(held.lock, func() { visit("Thread-1", "via with") })
		})
		both.Go(func() {
			held.lock.Lock()
			defer held.lock.Unlock()
			visit("Thread-2", "directly")
		})
		both.Wait()
	}
	out.Check("every visitor was alone", visits, 2*len(all))

	out.Note("A panic runs the deferred calls of each function that it leaves. The release is one of them.")
	free := 0
	for _, held := range all {
		err := recovered(func() {
			holding(held.lock, func() { panic("dropped a plate") })
		})
		isFree := held.lock.TryLock()
		if isFree {
			free++
			held.lock.Unlock()
		}
		out.Printf("%v; %s is free: %t", err, held.name, isFree)
	}
	out.Check("each is free after a panic", free, len(all))

	out.Note("A defer belongs to the function, not to the block: in a loop, make the body a function.")
	var mu sync.Mutex
	turns := 0
	for range 2 {
		func() {
			mu.Lock()
			defer mu.Unlock()
			turns++
		}()
	}
	out.Check("both turns of the loop got the mutex", turns, 2)
	return nil
}
