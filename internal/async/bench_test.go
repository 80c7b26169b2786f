package async

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"strconv"
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

// BenchmarkParkedTasks counts what a million tasks take that all wait for one future, and beside it what their coroutines take
// alone, what goroutines take that wait for one channel, and what a goroutine takes with nothing to wait for. Each is counted in
// a process of its own: only there a stack has the size that Go gives to begin with, 2 KiB, and not that which the last
// collection found to be the average. It is the one benchmark with a bound: memory, unlike time, is the same on every machine.
func BenchmarkParkedTasks(b *testing.B) {
	const most = 3_100
	for _, side := range []string{"loop", "limit=goroutines", "beside=coroutines", "beside=goroutines that wait for nothing"} {
		b.Run(side, func(b *testing.B) {
			var each float64
			for range b.N {
				c := exec.Command(os.Args[0])
				c.Env = append(os.Environ(), parkedVariable+"="+side)
				c.Stderr = os.Stderr
				out, err := c.Output()
				if err == nil {
					each, err = strconv.ParseFloat(string(out), 64)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(each, "B/task")
			if side == "loop" && each > most {
				b.Errorf("a parked task takes %.0f bytes, want at most %d", each, most)
			}
		})
	}
}

// parkedVariable says what the test binary is to park in place of running tests.
const parkedVariable = "COOKBOOK_PARKED"

// park parks a million of one side, prints the bytes that each takes, and leaves without an end of them.
func park(side string) {
	const tasks = 1_000_000
	var keep any
	waiting := make(chan struct{})
	goroutines := func(wait func()) {
		for range tasks {
			go func() {
				waiting <- struct{}{}
				wait()
			}()
			<-waiting
		}
	}
	before := memory()
	switch side {
	case "loop":
		l := NewLoop()
		gate := CreateFuture[int](l)
		for range tasks {
			CreateTask(l, func(t *Task) (int, error) { return gate.Result(t) })
		}
		l.CallSoon(l.Stop)
		if err := l.RunForever(context.Background()); err != nil {
			panic(err)
		}
		keep = l
	case "limit=goroutines":
		gate := make(chan struct{})
		goroutines(func() { <-gate })
		keep = gate
	case "beside=goroutines that wait for nothing":
		goroutines(func() { select {} })
	case "beside=coroutines":
		all := make([]func() (struct{}, bool), tasks)
		before = memory()
		for i := range all {
			all[i], _ = iter.Pull(func(yield func(struct{}) bool) { yield(struct{}{}) })
			all[i]()
		}
		keep = all
	default:
		panic("park " + side)
	}
	fmt.Print(float64(memory()-before) / tasks)
	runtime.KeepAlive(keep)
	os.Exit(0)
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
