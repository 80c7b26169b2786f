package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A program prints figures: the benchmarks of a Go package, or a script.
type program struct {
	path      string // the folder of the package; or of a script its name in bench/python
	tags      string // with which the package is built
	benchtime string // for how long, or how many times, each benchmark runs; 200ms if it is empty
}

func (p program) script() bool { return strings.HasSuffix(p.path, ".py") }

// String names a side, for errors.
func (s side) String() string {
	if s.script() {
		return fmt.Sprintf("%q of %s", s.name, s.path)
	}
	return fmt.Sprintf("Benchmark%s of %s", s.name, s.path)
}

// lacking says that a side's program has no such figure.
func (s side) lacking() string {
	if s.script() {
		return fmt.Sprintf("bench/python/%s printed no figure %q", s.path, s.name)
	}
	return fmt.Sprintf("%s has no Benchmark%s that reports %s", s.path, s.name, s.metric)
}

// An invocation is a program to be run, in a folder.
type invocation struct {
	dir  string
	env  []string // beside what is there
	argv []string
}

// builder builds programs and runs them.
type builder struct {
	machine
	dir     string   // for what is built
	env     []string // of what builds and runs
	binary  map[program]string
	missing map[program]string // why a program cannot be run here
}

// newBuilder returns a builder, and what removes all that it and its programs leave behind.
func newBuilder(m machine) (*builder, func(), error) {
	dir, err := os.MkdirTemp("", "cookbook-bench-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { os.RemoveAll(dir) }
	// A program that a signal ends leaves its temporary files. The name is short: a path of a socket has a limit.
	temp := filepath.Join(dir, "t")
	if err := os.Mkdir(temp, 0o700); err != nil {
		remove()
		return nil, nil, err
	}
	return &builder{machine: m, dir: dir, env: []string{"TMPDIR=" + temp, "TMP=" + temp}}, remove, nil
}

// prepare builds a program, once.
func (b *builder) prepare(ctx context.Context, o options, p program) error {
	if b.binary == nil {
		b.binary, b.missing = map[program]string{}, map[program]string{}
	}
	p.benchtime = ""
	if _, known := b.binary[p]; known {
		return nil
	}
	b.binary[p] = ""
	if p.script() {
		if b.lookPath(o.python) != nil {
			b.missing[p] = fmt.Sprintf("there is no %s: %v", o.python, errNoPython)
		}
		return nil
	}
	cgo := "0" // as released: with it every child process has libc to load
	if p.tags == "mpi" {
		cgo = "1"
		for _, tool := range []string{"mpicc", "pkg-config"} {
			if b.lookPath(tool) != nil {
				b.missing[p] = "there is no " + tool + ": apt install libopenmpi-dev openmpi-bin pkg-config"
				return nil
			}
		}
	}
	b.progress.say("building the benchmarks of " + p.path)
	binary := filepath.Join(b.dir, strings.ReplaceAll(p.path, "/", "-")+p.tags+".test.exe")
	b.binary[p] = binary
	_, err := b.output(ctx, invocation{env: append([]string{"CGO_ENABLED=" + cgo}, b.env...), argv: []string{"go", "test", "-c", "-tags", p.tags, "-o", binary, "./" + p.path}})
	return err
}

// figures runs the program for these names.
func (b *builder) figures(ctx context.Context, o options, p program, once bool, names []string) (figures, error) {
	built := p
	built.benchtime = ""
	if why := b.missing[built]; why != "" {
		return figures{missing: why}, nil
	}
	if p.script() {
		return b.scriptFigures(ctx, o, p, names)
	}
	benchtime := "200ms"
	switch {
	case once:
		benchtime = "1x"
	case p.benchtime != "":
		benchtime = p.benchtime
	case o.quick:
		benchtime = "100ms" // in less, a benchmark of 10,000 tasks runs once, and the first costs more
	}
	argv := []string{b.binary[built], "-test.run", "^$", "-test.bench", pattern(names), "-test.benchtime", benchtime, "-test.timeout", "2m", "-test.v"}
	if o.quick {
		argv = append(argv, "-test.short")
	}
	out, err := b.output(ctx, invocation{dir: filepath.FromSlash(p.path), env: b.env, argv: argv})
	return parse(string(out), runtime.GOMAXPROCS(0)), err
}

// pattern is what go test -bench is told so that it runs these benchmarks alone.
func pattern(names []string) string {
	var patterns []string
	for _, name := range names {
		parts := strings.Split("Benchmark"+name, "/")
		for i, part := range parts {
			parts[i] = "^" + regexp.QuoteMeta(part) + "$"
		}
		patterns = append(patterns, strings.Join(parts, "/"))
	}
	return strings.Join(patterns, "|")
}

// parse reads what go test -bench -v prints on that many CPUs, lines like
//
//	BenchmarkTimers/loop-2   44   2469861 ns/op   247.0 ns/timer
//	    bench_test.go:150: there is no mpicc
//	--- SKIP: BenchmarkMessages/bcast/C
//
// and returns the figures by name and unit, "Timers/loop ns/timer", and why others were skipped.
func parse(out string, cpus int) figures {
	f := figures{values: map[string]float64{}, skipped: map[string]string{}}
	plain := func(name string) string {
		if cpus > 1 { // on one, go test adds no number
			name = strings.TrimSuffix(name, fmt.Sprintf("-%d", cpus))
		}
		return name
	}
	said, skipped := "", "" // what a benchmark said before it was skipped; one that may say it behind that
	for line := range strings.Lines(out) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- SKIP: Benchmark"); ok {
			skipped = plain(strings.Fields(name)[0])
			f.skipped[skipped] = cmp.Or(said, "it was skipped, and does not say why")
			if said != "" {
				said, skipped = "", ""
			}
			continue
		}
		if strings.HasPrefix(line, "    ") {
			said = saidMore(said, line)
			if skipped != "" {
				f.skipped[skipped] = said
			}
			continue
		}
		said, skipped = "", ""
		name, isBenchmark := strings.CutPrefix(line, "Benchmark")
		fields := strings.Fields(name)
		if !isBenchmark || len(fields) < 4 {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				f.values[plain(fields[0])+" "+fields[i+1]] = v
			}
		}
	}
	return f
}

// saidMore adds a line that a benchmark said to those before. One that begins with a line of the source is said anew.
func saidMore(said, line string) string {
	text := strings.TrimSpace(line)
	if source, rest, ok := strings.Cut(text, ": "); ok && strings.Contains(source, ".go:") && !strings.Contains(source, " ") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(said + " " + text)
}

var errNoPython = errors.New("install Python 3, or name an interpreter with --python")

// scriptFigures runs a script.
func (b *builder) scriptFigures(ctx context.Context, o options, p program, keys []string) (figures, error) {
	file := path.Join("bench/python", p.path)
	argv := []string{o.python, file, "--rounds", "1"}
	if o.quick {
		argv = append(argv, "--quick")
	}
	out, err := b.output(ctx, invocation{env: b.env, argv: append(argv, keys...)})
	if err != nil {
		return figures{}, err
	}
	var said struct {
		Python    string
		NS, Bytes map[string]*float64
		Missing   map[string]string
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return figures{}, fmt.Errorf("what %s printed is not JSON: %w", file, err)
	}
	f := figures{values: map[string]float64{}, skipped: map[string]string{}, python: said.Python}
	for _, some := range []map[string]*float64{said.NS, said.Bytes} {
		for key, v := range some {
			if v == nil {
				f.skipped[key] = cmp.Or(said.Missing[key], fmt.Sprintf("%s has not what it takes (%s says what that is)", said.Python, file))
			} else {
				f.values[key] = *v
			}
		}
	}
	return f, nil
}

// output runs a program and returns what it printed. Its error has what the program said.
func output(ctx context.Context, i invocation) ([]byte, error) {
	c := exec.CommandContext(ctx, i.argv[0], i.argv[1:]...)
	c.Dir = i.dir
	c.Env = append(os.Environ(), i.env...)
	var stderr strings.Builder
	c.Stderr = &stderr
	c.WaitDelay = 5 * time.Second
	inGroup(c)
	out, err := c.Output()
	if ctx.Err() != nil {
		endGroup(c, c.WaitDelay)
		return nil, context.Cause(ctx)
	}
	if errors.As(err, new(*exec.ExitError)) {
		said := strings.TrimSpace(stderr.String() + "\n" + string(out))
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, said)
	}
	return out, err
}
