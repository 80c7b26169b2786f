package ch2

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/chart"
	"cookbook/internal/transcript"
)

// Four workloads, each called 1, 2, 4 and 8 times: first one call after another, and then in as many goroutines.

// A workload is what one iteration, or one thread, does, and the result it has to come to.
type workload struct {
	name, about, lesson string
	result              int64
	do                  func(ctx context.Context) (int64, error)
}

// measure times a workload in both forms, and returns how many times as fast the threads were.
func (w workload) measure(ctx context.Context, out *transcript.Log, repeat int) (gain []chart.Point, err error) {
	var right atomic.Int64
	call := func() error {
		result, err := w.do(ctx)
		if result == w.result {
			right.Add(1)
		}
		return err
	}
	say, rounds := out.Actor(w.name).Printf, 0
	best := func(form func() error) (time.Duration, error) {
		var times []time.Duration
		for range repeat {
			start := time.Now()
			err := form()
			times = append(times, max(time.Since(start), 1)) // a coarse clock may see no time pass
			if err = errors.Join(err, context.Cause(ctx)); err != nil {
				return 0, err
			}
			rounds++
			out.Progress(w.name, rounds, 2*4*repeat)
		}
		return slices.Min(times), nil
	}

	say("%s", w.about)
	for _, n := range []int{1, 2, 4, 8} {
		nonThreaded, err := best(func() (err error) {
			for i := 0; i < n && err == nil; i++ {
				err = call()
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		threaded, err := best(func() error {
			var threads errgroup.Group // without a context: the calls end by themselves, or with ctx
			for range n {
				threads.Go(call)
			}
			return threads.Wait()
		})
		if err != nil {
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

// # The workloads

// workloads returns all four. The file has 1000 KiB, and url is that of a server.
func workloads(file, url string) []workload {
	return []workload{
		{"nothing", "a call does nothing and returns 0",
			"There is no work to share: this is the price of starting a thread and waiting for its end.",
			0, func(context.Context) (int64, error) { return 0, nil }},
		{"fibonacci", "a call takes 10000 Fibonacci steps and returns the last ten digits",
			"Pure computing: threads gain what the processors allow, and no more.",
			9947366875, func(context.Context) (int64, error) { return fibonacciDigits(), nil }},
		{"file", "a call reads 1 KiB of a file 1000 times and returns the bytes read",
			"The system holds the file in memory, so this is computing as well, most of it inside the system.",
			1000 << 10, func(context.Context) (int64, error) { return readFile(file) }},
		{"http", "a call sends 10 requests, reads 1 KiB of each answer and returns the bytes read",
			"With a delay of a millisecond nearly all of this is waiting, and many threads can wait at once, even on one processor.",
			10 << 10, func(ctx context.Context) (int64, error) { return fetch(ctx, url) }},
	}
}

// fibonacciDigits has two numbers that swap their roles: a new one in each step costs more than the addition.
func fibonacciDigits() int64 {
	a, b := big.NewInt(0), big.NewInt(1)
	for range 10_000 {
		a.Add(a, b)
		a, b = b, a
	}
	return a.Mod(a, big.NewInt(1e10)).Int64()
}

func readFile(name string) (read int64, err error) {
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

// fetch opens a connection for each request, as Python's urllib does.
func fetch(ctx context.Context, url string) (read int64, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	for range 10 {
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

// servePage answers requests for one page, and counts them. All users of this machine can reach the port, so the path is
// random: a stranger's request finds no page and is not counted.
func servePage(delay time.Duration) (url string, served *atomic.Int64, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	path, served, pages, serving := "/"+rand.Text(), new(atomic.Int64), http.NewServeMux(), new(sync.WaitGroup)
	pages.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		select {
		case <-time.After(delay):
			w.Write(bytes.Repeat([]byte("page"), 1<<10))
		case <-r.Context().Done():
		}
	})
	server := http.Server{Handler: pages, ReadTimeout: 5 * time.Second} // for a request; its answer may take longer
	serving.Go(func() { server.Serve(listener) })
	return "http://" + listener.Addr().String() + path, served, func() {
		server.Close() // Shutdown would wait for requests, and a stranger's may never end
		serving.Wait()
	}, nil
}

// # The run

func measureAll(ctx context.Context, out *transcript.Log, repeat int, delay time.Duration, picture string) error {
	folder, err := os.MkdirTemp("", "cookbook-performance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "test.dat")
	if err := os.WriteFile(file, make([]byte, 1000<<10), 0o600); err != nil {
		return err
	}
	url, served, stop, err := servePage(delay)
	if err != nil {
		return err
	}
	defer stop()

	out.Printf("Starting tests on %d processors, best of %d", runtime.GOMAXPROCS(0), repeat)
	ideal := chart.Line{Name: "ideal: n threads, n times", Points: []chart.Point{{X: 1, Y: 1}, {X: 8, Y: 8}}, Guide: true}
	drawing := chart.Chart{Title: "What threads gain", X: "threads", Y: "times as fast as without threads", Log2: true,
		Lines: []chart.Line{ideal}}
	for _, w := range workloads(file, url) {
		gain, err := w.measure(ctx, out, repeat)
		if err != nil {
			return err
		}
		drawing.Lines = append(drawing.Lines, chart.Line{Name: w.name, Points: gain})
	}
	out.Check("requests that the server answered", served.Load(), int64(10*2*(1+2+4+8)*repeat))
	out.Printf("Iterations complete")
	out.Note("How many times as fast the threads were as the same number of iterations one after another:")
	out.Printf("threads    1     2     4     8")
	for _, l := range drawing.Lines[1:] {
		out.Printf("%-9s  %.2f  %.2f  %.2f  %.2f", l.Name, l.Points[0].Y, l.Points[1].Y, l.Points[2].Y, l.Points[3].Y)
	}
	if picture != "" {
		if err := drawing.Save(picture); err != nil {
			return err
		}
		out.Printf("drawn in %s", picture)
	}
	return nil
}

var performance = catalog.Recipe{
	ID: "ch2.performance", Section: "2.13", Title: "Measure what threads gain",
	Python: "threading.Thread, timeit", Go: "goroutines, errgroup",
	Needs: []catalog.Need{catalog.Network},
	New: func(f *pflag.FlagSet) catalog.Run {
		repeat := catalog.Int(f, "repeat", 5, 1, 1_000, "measure this many times and take the best time; the book has 100")
		delay := catalog.Duration(f, "delay", time.Millisecond, 0, 10*time.Second,
			"time that the HTTP server takes for an answer, whatever --speed says")
		picture := catalog.File(f, "plot", "picture.svg", "draw the ratios in `FILE`, whose name ends in .svg")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := chart.CheckFile(*picture); *picture != "" && err != nil {
				return catalog.Usagef("--plot %v", err)
			}
			return measureAll(ctx, out, *repeat, *delay, *picture)
		}
	},
	Bare: performanceBare,
}
