package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A command runs a program and returns what it printed.
type command func(ctx context.Context, name string, args ...string) ([]byte, error)

// goRound returns the figures of one run of the pairs' benchmarks.
func goRound(ctx context.Context, cmd command, pkg string, of []pair, benchtime string) ([]float64, error) {
	var patterns []string
	for _, p := range of {
		parts := strings.Split("Benchmark"+p.benchmark, "/")
		for i, part := range parts {
			parts[i] = "^" + regexp.QuoteMeta(part) + "$"
		}
		patterns = append(patterns, strings.Join(parts, "/"))
	}
	out, err := cmd(ctx, "go", "test", "-run", "^$", "-bench", strings.Join(patterns, "|"), "-benchtime", benchtime, "./"+pkg)
	if err != nil {
		return nil, err
	}
	figures, got := parse(string(out), runtime.GOMAXPROCS(0)), make([]float64, len(of))
	for i, p := range of {
		v, ok := figures[p.benchmark+" "+p.metric]
		if !ok {
			return nil, fmt.Errorf("%s has no Benchmark%s that reports %s, which stands beside %q of %s: mend bench/pairs.go",
				pkg, p.benchmark, p.metric, p.key, p.script)
		}
		got[i] = v
	}
	return got, nil
}

// parse reads what go test -bench prints on that many CPUs, lines like
//
//	BenchmarkTimers/loop-2   44   2469861 ns/op   247.0 ns/timer
//
// and returns the figures by name and unit: "Timers/loop ns/timer".
func parse(out string, cpus int) map[string]float64 {
	figures := map[string]float64{}
	for line := range strings.Lines(out) {
		name, isBenchmark := strings.CutPrefix(line, "Benchmark")
		fields := strings.Fields(name)
		if !isBenchmark || len(fields) < 4 {
			continue
		}
		name = fields[0]
		if cpus > 1 { // on one, go test adds no number
			name = strings.TrimSuffix(name, fmt.Sprintf("-%d", cpus))
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				figures[name+" "+fields[i+1]] = v
			}
		}
	}
	return figures
}

// pythonRound returns the interpreter and the figures of one run of the script, nil for what cannot be measured here.
func pythonRound(ctx context.Context, cmd command, o options, script string, of []pair) (string, []*float64, error) {
	path := "bench/python/" + script
	args := []string{path, "--rounds", "1"}
	if o.quick {
		args = append(args, "--quick")
	}
	for _, p := range of {
		args = append(args, p.key)
	}
	out, err := cmd(ctx, o.python, args...)
	if errors.Is(err, exec.ErrNotFound) {
		return "", nil, fmt.Errorf("%w: install Python 3, or name an interpreter with --python", err)
	}
	if err != nil {
		return "", nil, err
	}
	var said struct {
		Python    string
		NS, Bytes map[string]*float64
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return "", nil, fmt.Errorf("what %s printed is not JSON: %w", path, err)
	}
	times := make([]*float64, len(of))
	for i, p := range of {
		ns, isNS := said.NS[p.key]
		size, isSize := said.Bytes[p.key]
		if !isNS && !isSize {
			return "", nil, fmt.Errorf("%s printed no figure %q, which stands beside Benchmark%s of %s: mend bench/pairs.go",
				path, p.key, p.benchmark, p.pkg)
		}
		times[i] = cmp.Or(ns, size)
	}
	return said.Python, times, nil
}

// output runs a program. Its error has what the program said.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	var stderr strings.Builder
	c.Stderr = &stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) } // go test ends the benchmarks, Python its workers
	c.WaitDelay = 5 * time.Second
	out, err := c.Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if errors.As(err, new(*exec.ExitError)) {
		said := strings.TrimSpace(stderr.String() + "\n" + string(out))
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, said)
	}
	return out, err
}
