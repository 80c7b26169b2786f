package async

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
)

// What a loop's operations take stands beside plain Go and Python in package bench/primitive.

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
