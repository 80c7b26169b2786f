package async

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Each benchmark has its limit, what plain Go takes for the same, beside it. Python's figures for the same work come from
// make bench-python.

func BenchmarkCallSoon(b *testing.B) {
	b.Run("loop", func(b *testing.B) {
		l, n := NewLoop(), 0
		var again func()
		again = func() {
			if n++; n >= b.N {
				l.Stop()
			} else {
				l.CallSoon(again)
			}
		}
		l.CallSoon(again)
		mustRun(b, l)
	})
	b.Run("limit=channel", func(b *testing.B) { // a queue of functions, and one goroutine that calls them
		calls, n := make(chan func(), 1), 0
		var again func()
		again = func() {
			if n++; n < b.N {
				calls <- again
			} else {
				close(calls)
			}
		}
		calls <- again
		for f := range calls {
			f()
		}
	})
}

func BenchmarkTaskSwitch(b *testing.B) {
	for _, bench := range []struct {
		name  string
		tasks int
	}{{"loop/tasks=1", 1}, {"loop/tasks=100", 100}} {
		b.Run(bench.name, func(b *testing.B) {
			l := NewLoop()
			for range bench.tasks {
				CreateTask(l, func(t *Task) (int, error) {
					for range b.N/bench.tasks + 1 {
						if err := t.Sleep(0); err != nil {
							return 0, err
						}
					}
					l.Stop()
					return 0, nil
				})
			}
			mustRun(b, l)
		})
	}
	b.Run("limit=iter.Pull", func(b *testing.B) {
		next, stop := iter.Pull(func(yield func(struct{}) bool) {
			for yield(struct{}{}) {
			}
		})
		defer stop()
		for range b.N {
			next()
		}
	})
	b.Run("beside=goroutines", func(b *testing.B) { // to and fro between two goroutines
		to, fro := make(chan struct{}), make(chan struct{})
		go func() {
			for range to {
				fro <- struct{}{}
			}
			close(fro)
		}()
		for range b.N {
			to <- struct{}{}
			<-fro
		}
		close(to)
		<-fro
	})
}

// A future is made, awaited, and set by a callback in a later turn.
func BenchmarkFuture(b *testing.B) {
	b.Run("loop", func(b *testing.B) {
		_, err := Run(context.Background(), func(t *Task) (int, error) {
			for range b.N {
				f := CreateFuture[int](t)
				t.Loop().CallSoon(func() { f.SetResult(1) })
				if _, err := f.Result(t); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("beside=goroutine+channel", func(b *testing.B) {
		for range b.N {
			result := make(chan int, 1)
			go func() { result <- 1 }()
			<-result
		}
	})
}

func BenchmarkTimers(b *testing.B) {
	const timers = 10_000
	b.Run("loop", func(b *testing.B) {
		for range b.N {
			l, fired := NewLoop(), 0
			for range timers {
				l.CallLater(time.Microsecond, func() {
					if fired++; fired == timers {
						l.Stop()
					}
				})
			}
			mustRun(b, l)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/timers, "ns/timer")
	})
	b.Run("limit=time.AfterFunc", func(b *testing.B) {
		for range b.N {
			var fired sync.WaitGroup
			fired.Add(timers)
			for range timers {
				time.AfterFunc(time.Microsecond, fired.Done)
			}
			fired.Wait()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/timers, "ns/timer")
	})
}

func BenchmarkGather(b *testing.B) {
	const tasks = 10_000
	for range b.N {
		_, err := Run(context.Background(), func(t *Task) (int, error) {
			all := make([]Awaitable[int], tasks)
			for i := range all {
				all[i] = CreateTask(t, func(*Task) (int, error) { return i, nil })
			}
			v, err := Gather(t, all...).Result(t)
			return len(v), err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tasks, "ns/task")
}

// BenchmarkParkedTasks counts what a million tasks take that all wait for one future. It is the one benchmark with a bound:
// memory, unlike time, is the same on every machine.
func BenchmarkParkedTasks(b *testing.B) {
	const tasks, most = 1_000_000, 3_500
	for range b.N {
		before := memory()
		l := NewLoop()
		gate := CreateFuture[int](l)
		for range tasks {
			CreateTask(l, func(t *Task) (int, error) { return gate.Result(t) })
		}
		l.CallSoon(l.Stop)
		mustRunOpen(b, l)
		each := (memory() - before) / tasks
		b.ReportMetric(float64(each), "B/task")
		if each > most {
			b.Errorf("a parked task takes %d bytes, want at most %d", each, most)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// memory is what the runtime has in use, stacks included, after a collection.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse + m.GCSys + m.OtherSys + m.MSpanInuse
}

func mustRun(b *testing.B, l *Loop) {
	mustRunOpen(b, l)
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

func mustRunOpen(b *testing.B, l *Loop) {
	b.Helper()
	if err := l.RunForever(context.Background()); err != nil {
		b.Fatal(err)
	}
}
