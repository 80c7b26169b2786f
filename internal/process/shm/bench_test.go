//go:build linux

package shm

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// contend does as the benchmark does until it is told to stop, by a word in shared memory.
var (
	contendLock = scene("contend for a lock", func(ctx context.Context, s stage, x *shared) error {
		s.say("ready")
		for x.Count.Load() == 0 {
			if err := x.Lock.Acquire(ctx); err != nil {
				return err
			}
			x.Lock.Release()
		}
		return nil
	})
	contendSemaphore = scene("contend for a semaphore", func(ctx context.Context, s stage, x *shared) error {
		s.say("ready")
		for x.Count.Load() == 0 {
			if err := x.Sem.Acquire(ctx); err != nil {
				return err
			}
			x.Sem.Release()
		}
		return nil
	})
	contendFile = scene("contend for a file", func(ctx context.Context, s stage, x *shared) error {
		f, err := os.OpenFile(s.hear(), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		s.say("ready")
		for x.Count.Load() == 0 {
			if err := lockFile(f, unix.F_WRLCK); err != nil {
				return err
			}
			if err := lockFile(f, unix.F_UNLCK); err != nil {
				return err
			}
		}
		return nil
	})
	meetAgain = scene("meet again", func(ctx context.Context, s stage, x *shared) error {
		s.say("ready")
		for {
			if _, err := x.Barrier.Wait(ctx); err != nil {
				return nil // aborted: the benchmark is over
			}
		}
	})
)

func lockFile(f *os.File, kind int16) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLKW, &unix.Flock_t{Type: kind})
}

// BenchmarkLock is Acquire and Release that nobody contends, beside a compare-and-swap there and one back.
func BenchmarkLock(b *testing.B) {
	g := space(b)
	l := must[*Lock](b)(NewLock(g, "l"))
	b.Run("uncontended", func(b *testing.B) {
		ctx := b.Context()
		for b.Loop() {
			if l.Acquire(ctx) != nil || l.Release() != nil {
				b.Fatal("it fails")
			}
		}
	})
	b.Run("limit compare-and-swap pair", func(b *testing.B) {
		var word atomic.Uint32
		for b.Loop() {
			if !word.CompareAndSwap(0, 1) || !word.CompareAndSwap(1, 0) {
				b.Fatal("it fails")
			}
		}
	})
	b.Run("rlock uncontended", func(b *testing.B) {
		r := must[*RLock](b)(NewRLock(g, "r"))
		ctx := b.Context()
		for b.Loop() {
			if r.Acquire(ctx) != nil || r.Release() != nil {
				b.Fatal("it fails")
			}
		}
	})
}

// BenchmarkLockOfTwo is Acquire and Release while another process does the same all the time, beside locks of an open file.
func BenchmarkLockOfTwo(b *testing.B) {
	g := space(b)
	b.Run("lock", func(b *testing.B) {
		x := &shared{Lock: must[*Lock](b)(NewLock(g, "l")), Count: must[*Value[int64]](b)(NewValue[int64](g, 0))}
		p := start(b, g, contendLock, x)
		p.wants("ready")
		ctx := b.Context()
		for b.Loop() {
			if x.Lock.Acquire(ctx) != nil || x.Lock.Release() != nil {
				b.Fatal("it fails")
			}
		}
		x.Count.Store(1)
		p.ends()
	})
	b.Run("limit open file description", func(b *testing.B) {
		f := must[*os.File](b)(os.CreateTemp(b.TempDir(), "lock"))
		defer f.Close()
		x := &shared{Count: must[*Value[int64]](b)(NewValue[int64](g, 0))}
		p := start(b, g, contendFile, x)
		p.tell(f.Name())
		p.wants("ready")
		for b.Loop() {
			if lockFile(f, unix.F_WRLCK) != nil || lockFile(f, unix.F_UNLCK) != nil {
				b.Fatal("it fails")
			}
		}
		x.Count.Store(1)
		p.ends()
	})
}

// BenchmarkSemaphore is Acquire and Release, alone and while another process does the same, with one and two to have.
func BenchmarkSemaphore(b *testing.B) {
	g := space(b)
	both := func(b *testing.B, x *shared) {
		ctx := b.Context()
		for b.Loop() {
			if x.Sem.Acquire(ctx) != nil || x.Sem.Release() != nil {
				b.Fatal("it fails")
			}
		}
	}
	b.Run("uncontended", func(b *testing.B) {
		both(b, &shared{Sem: must[*Semaphore](b)(NewSemaphore(g, "s", 1))})
	})
	for n := 1; n <= 2; n++ {
		b.Run("of two processes, value "+strconv.Itoa(n), func(b *testing.B) {
			x := &shared{Sem: must[*Semaphore](b)(NewSemaphore(g, "s", n)), Count: must[*Value[int64]](b)(NewValue[int64](g, 0))}
			p := start(b, g, contendSemaphore, x)
			p.wants("ready")
			both(b, x)
			x.Count.Store(1)
			p.ends()
		})
	}
}

// BenchmarkBarrier is a round of two processes.
func BenchmarkBarrier(b *testing.B) {
	g := space(b)
	x := &shared{Barrier: must[*Barrier](b)(NewBarrier(g, "b", 2))}
	p := start(b, g, meetAgain, x)
	p.wants("ready")
	ctx := b.Context()
	for b.Loop() {
		if _, err := x.Barrier.Wait(ctx); err != nil {
			b.Fatal(err)
		}
	}
	x.Barrier.Abort()
	p.ends()
}

// BenchmarkValue is one update of a shared number.
func BenchmarkValue(b *testing.B) {
	g := space(b)
	v := must[*Value[int64]](b)(NewValue[int64](g, 0))
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			v.Add(1)
		}
	})
	b.Run("limit atomic add", func(b *testing.B) {
		var n atomic.Int64
		for b.Loop() {
			n.Add(1)
		}
	})
}
