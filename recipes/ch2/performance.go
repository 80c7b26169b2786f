package ch2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/chart"
	"cookbook/internal/transcript"
)

var performance = catalog.Recipe{
	ID: "ch2.performance", Section: "2.13", Title: "Measure what threads gain",
	Python: "threading.Thread, timeit", Go: "goroutines, errgroup",
	Needs: []catalog.Need{catalog.Network},
	New: func(f *pflag.FlagSet) catalog.Run {
		repeat := f.Int("repeat", 5, "measure so often and take the best time; the book has 100")
		delay := f.Duration("delay", time.Millisecond, "time the HTTP server takes for an answer, whatever --speed says")
		picture := f.String("plot", "", "draw the ratios in `FILE`, whose name ends in .svg")
		return func(ctx context.Context, out *transcript.Log) error {
			if *repeat < 1 || *delay < 0 {
				return catalog.Usagef("--repeat %d --delay %v: want at least 1, and no time below 0s", *repeat, *delay)
			}
			if *picture != "" {
				if err := chart.CheckFile(*picture); err != nil {
					return catalog.Usagef("--plot %v", err)
				}
			}
			return performanceRun(ctx, out, *repeat, *delay, *picture)
		}
	},
}

// A performanceWork is what one iteration, or one thread, does, and the result it has to come to.
type performanceWork struct {
	name, about, lesson string
	result              int64
	do                  func(ctx context.Context) (int64, error)
}

func performanceRun(ctx context.Context, out *transcript.Log, repeat int, delay time.Duration, picture string) error {
	folder, err := os.MkdirTemp("", "cookbook-performance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "test.dat")
	if err := os.WriteFile(file, make([]byte, 1000<<10), 0o600); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var served atomic.Int64
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		select {
		case <-time.After(delay):
			w.Write(bytes.Repeat([]byte("page"), 1<<10))
		case <-r.Context().Done():
		}
	})}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	defer serving.Wait()
	defer server.Shutdown(context.Background())

	works := []performanceWork{
		{"nothing", "a call does nothing and returns 0",
			"What remains is the price of starting a thread and waiting for its end.",
			0, func(context.Context) (int64, error) { return 0, nil }},
		{"fibonacci", "a call takes 10000 Fibonacci steps and returns the last ten digits",
			"Pure computing: threads gain what the processors allow, and no more.",
			9947366875, performanceFibonacci},
		{"file", "a call reads 1 KiB of a file 1000 times and returns the bytes read",
			"The system holds the file in memory, so this is computing as well, most of it inside the system.",
			1000 << 10, func(context.Context) (int64, error) { return performanceRead(file) }},
		{"http", "a call sends 10 requests, reads 1 KiB of each answer and returns the bytes read",
			"Nearly all of this is waiting, and many can wait at once, even on one processor.",
			10 << 10, func(ctx context.Context) (int64, error) {
				return performanceFetch(ctx, "http://"+listener.Addr().String())
			}},
	}
	out.Printf("Starting tests on %d processors, best of %d", runtime.GOMAXPROCS(0), repeat)
	drawing := chart.Chart{Title: "What threads gain", X: "threads", Y: "times as fast as without threads", Log2: true, Lines: []chart.Line{
		{Name: "ideal: n threads, n times", Points: []chart.Point{{X: 1, Y: 1}, {X: 8, Y: 8}}, Guide: true},
	}}
	var table []string
	for _, w := range works {
		gain, err := performanceMeasure(ctx, out, w, repeat)
		if err != nil {
			return err
		}
		table = append(table, fmt.Sprintf("%-9s  %.2f  %.2f  %.2f  %.2f", w.name, gain[0].Y, gain[1].Y, gain[2].Y, gain[3].Y))
		drawing.Lines = append(drawing.Lines, chart.Line{Name: w.name, Points: gain})
	}
	out.Check("requests that the server answered", served.Load(), int64(10*2*(1+2+4+8)*repeat))
	out.Printf("Iterations complete")
	out.Note("How many times as fast the threads were as the same number of iterations one after another:")
	out.Printf("threads    1     2     4     8")
	for _, row := range table {
		out.Printf("%s", row)
	}
	if picture == "" {
		return nil
	}
	if err := drawing.Save(picture); err != nil {
		return err
	}
	out.Printf("drawn in %s", picture)
	return nil
}

// performanceMeasure times a workload in both forms, and returns how many times as fast the threads were.
func performanceMeasure(ctx context.Context, out *transcript.Log, w performanceWork, repeat int) (gain []chart.Point, err error) {
	var right atomic.Int64
	call := func() error {
		result, err := w.do(ctx)
		if result == w.result {
			right.Add(1)
		}
		return err
	}
	say, round := out.Actor(w.name).Printf, 0
	best := func(form func() error) (time.Duration, error) {
		shortest := time.Duration(math.MaxInt64)
		for range repeat {
			start := time.Now()
			err := form()
			shortest = min(shortest, max(time.Since(start), 1)) // a coarse clock may see no time pass
			if err = errors.Join(err, context.Cause(ctx)); err != nil {
				return 0, err
			}
			round++
			out.Progress(w.name, round, 2*4*repeat)
		}
		return shortest, nil
	}

	say("%s", w.about)
	for _, n := range []int{1, 2, 4, 8} {
		nonThreaded, err1 := best(func() (err error) {
			for range n {
				err = errors.Join(err, call())
			}
			return err
		})
		threaded, err2 := best(func() error {
			var threads errgroup.Group
			for range n {
				threads.Go(call)
			}
			return threads.Wait()
		})
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		say("%-23s %.8f seconds", fmt.Sprintf("non_threaded (%d iters)", n), nonThreaded.Seconds())
		say("%-23s %.8f seconds", fmt.Sprintf("threaded (%d threads)", n), threaded.Seconds())
		gain = append(gain, chart.Point{X: float64(n), Y: nonThreaded.Seconds() / threaded.Seconds()})
	}
	out.Note("%s", w.lesson)
	out.Check(fmt.Sprintf("%s: calls that returned %d", w.name, w.result), right.Load(), int64(2*(1+2+4+8)*repeat))
	return gain, nil
}

// performanceFibonacci has two numbers that swap their roles: a new one in each step costs more than the addition.
func performanceFibonacci(context.Context) (int64, error) {
	a, b := big.NewInt(0), big.NewInt(1)
	for range 10_000 {
		a.Add(a, b)
		a, b = b, a
	}
	return a.Mod(a, big.NewInt(1e10)).Int64(), nil
}

func performanceRead(name string) (read int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for n := int64(0); read < 1000<<10 && err == nil; read += n {
		n, err = io.CopyN(io.Discard, f, 1<<10)
	}
	return read, err
}

// performanceFetch opens a connection for each request, as Python's urllib does.
func performanceFetch(ctx context.Context, url string) (read int64, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 10 {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return read, err
		}
		response, err := client.Do(request)
		if err != nil {
			return read, err
		}
		n, err := io.CopyN(io.Discard, response.Body, 1<<10)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return read, err
		}
		read += n
	}
	return read, nil
}
