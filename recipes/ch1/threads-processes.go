package ch1

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A goroutine, a thread of the system and a process: what each shares with main, and what it costs.

// # What they share

// A seen says what the function below saw, and in which process.
type seen struct{ Value, Process int }

// changeVariable is an ordinary function. It is registered so that another process can find it.
var changeVariable = process.Register("ch1.changeVariable", func(_ context.Context, variable *int) (seen, error) {
	*variable++
	return seen{*variable, os.Getpid()}, nil
})

func shareVariable(ctx context.Context, out *transcript.Log) error {
	out.Printf("in process %d a variable is 1", os.Getpid())
	out.Note("One function adds 1 to the variable that a pointer points to. Before each of three calls it is 1.")
	for _, who := range []struct {
		name string
		call func(variable *int) (seen, error)
		sees int    // main, afterwards
		ran  string // where
	}{
		{"goroutine", func(v *int) (seen, error) { return inGoroutine(ctx, v, func() {}) }, 2, "in this process"},
		{"OS thread", func(v *int) (seen, error) { return inGoroutine(ctx, v, runtime.LockOSThread) }, 2, "in this process"},
		{"process", func(v *int) (seen, error) { return process.Call(ctx, changeVariable, v) }, 1, "in another one"},
	} {
		variable := 1
		changed, err := who.call(&variable)
		if err != nil {
			return err
		}
		where := "in another one"
		if changed.Process == os.Getpid() {
			where = "in this process"
		}
		out.Actor(who.name).Printf("in process %d I have made it %d", changed.Process, changed.Value)
		out.Printf("here it is %d", variable)
		out.Check("what main sees after the "+who.name, variable, who.sees)
		out.Check("where the "+who.name+" ran", where, who.ran)
	}
	out.Note("The other process got a copy. The same address means different memory in another process.")
	return nil
}

// inGoroutine calls changeVariable in a goroutine, and returns when it has ended. A goroutine that has locked its thread and
// not unlocked it takes the thread with it when it ends.
func inGoroutine(ctx context.Context, variable *int, first func()) (changed seen, err error) {
	var wg sync.WaitGroup
	wg.Go(func() {
		first()
		changed, err = changeVariable(ctx, variable)
	})
	wg.Wait()
	return changed, err
}

// # What they cost

func compareCosts(ctx context.Context, out *transcript.Log, rounds, goroutines, threads int) error {
	// One goroutine ends too soon to be timed, so many are timed together.
	const manyGoroutines, someThreads = 1000, 20
	var ran int
	start := func(times int, first func()) func() error {
		return func() error {
			for range times {
				changed, err := inGoroutine(ctx, new(int), first)
				if err != nil {
					return err
				}
				ran += changed.Value
			}
			return nil
		}
	}
	one := 1
	startProcess := func() error {
		changed, err := process.Call(ctx, changeVariable, &one)
		ran += changed.Value - one
		return err
	}
	took, err := measure.Medians(ctx, rounds,
		start(manyGoroutines, func() {}), start(someThreads, runtime.LockOSThread), startProcess)
	if err != nil {
		return err
	}
	out.Check("all that were started have run", ran == (rounds+1)*(manyGoroutines+someThreads+1), true)
	resident, err := residentProcess(ctx)
	if err != nil {
		return err
	}
	starts := []time.Duration{took[0] / manyGoroutines, took[1] / someThreads, took[2]}
	weights := []string{stackOfEach(goroutines, func() {}), stackOfEach(threads, runtime.LockOSThread), resident}

	out.Note("What one of each costs, from its start to its end, and the memory it holds while it lives:")
	out.Printf("                 start  × goroutine         memory")
	for i, name := range []string{"goroutine", "OS thread", "process"} {
		out.Printf("%-9s  %8.1f µs %12d %14s", name, float64(starts[i])/1e3, starts[i]/starts[0], weights[i])
	}
	out.Note("Look at the steps from row to row. Start goroutines by the thousand, hardly ever a thread, and few processes.")
	out.Check("a process costs more to start than a goroutine", starts[2] > starts[0], true)
	return nil
}

// stackOfEach lets n goroutines wait at once and returns how much stack each of them adds. If each has a thread for
// itself, the stacks that Go gives to a thread are counted; those that the system gives to it are not.
func stackOfEach(n int, first func()) string {
	var (
		before, after runtime.MemStats
		ready, ended  sync.WaitGroup
		release       = make(chan struct{})
	)
	runtime.GC() // so that no stack that is free counts
	runtime.ReadMemStats(&before)
	ready.Add(n)
	for range n {
		ended.Go(func() {
			first()
			ready.Done()
			<-release
		})
	}
	ready.Wait()
	runtime.ReadMemStats(&after)
	close(release)
	ended.Wait()
	return kibibytes(max(0, float64(after.StackInuse)-float64(before.StackInuse)) / float64(n) / 1024)
}

func kibibytes(n float64) string { return fmt.Sprintf("%.1f KiB", n) }

// residentProcess starts a process and asks Linux how much of its memory is really there.
func residentProcess(ctx context.Context) (string, error) {
	w, err := process.StartWorker(ctx)
	if err != nil {
		return "", err
	}
	defer w.Close()
	one := 1
	if _, err := process.Do(ctx, w, changeVariable, &one); err != nil {
		return "", err
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.Pid())) // other systems have no such file
	_, size, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(size, &kib); err != nil {
		return "not known here", nil
	}
	return kibibytes(kib), nil
}

var threadsProcesses = catalog.Recipe{
	ID: "ch1.threads-processes", Section: "1.9", Title: "Weigh threads against processes",
	Python: "threading.Thread, multiprocessing.Process", Go: "goroutine, runtime.LockOSThread, process.Call",
	Needs: []catalog.Need{catalog.Processes}, Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		rounds := catalog.Int(f, "rounds", 7, 1, 1_000, "measure each start this many times and take the median")
		goroutines := catalog.Int(f, "goroutines", 10_000, 1, 1_000_000, "goroutines that wait at once, to measure their memory")
		threads := catalog.Int(f, "threads", 50, 1, 5_000, "threads of the system that wait at once, to measure their memory")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := shareVariable(ctx, out); err != nil {
				return err
			}
			return compareCosts(ctx, out, *rounds, *goroutines, *threads)
		}
	},
}
