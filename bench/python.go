package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// rows returns the pairs as rows, Python's side beside ours.
func rows(pairs []pair) (all []row) {
	for _, p := range pairs {
		all = append(all, row{
			operation: p.operation, once: p.once,
			here:   side{program{path: p.pkg}, p.benchmark, p.metric},
			beside: side{program{path: p.script}, p.key, ""},
		})
	}
	return all
}

type pythonReport struct {
	Python     string      `json:"python"`
	Go         string      `json:"go"`
	CPUs       int         `json:"cpus"`
	Load       *float64    `json:"load"`
	Rounds     int         `json:"rounds"`
	Operations []pythonRow `json:"operations"`
}

// A pythonRow has medians, nil for what could not be measured here; Missing says why.
type pythonRow struct {
	Operation string   `json:"operation"`
	Python    *float64 `json:"python"`
	Go        *float64 `json:"go"`
	Ratio     *float64 `json:"ratio"`
	Metric    string   `json:"metric"`
	Benchmark string   `json:"benchmark"`
	Missing   string   `json:"missing,omitempty"`
}

func runPython(ctx context.Context, o options, all []pair, m machine, stdout io.Writer) error {
	r := pythonReport{Go: runtime.Version(), CPUs: runtime.NumCPU(), Load: m.load(), Rounds: o.rounds}
	if m.lookPath(o.python) != nil {
		return fmt.Errorf("there is no %s: %w", o.python, errNoPython)
	}
	results, python, err := measure(ctx, o, rows(all), m)
	if err != nil {
		return err
	}
	r.Python = python
	for _, w := range results {
		p := pythonRow{Operation: w.operation, Metric: w.here.metric, Benchmark: w.here.path + " " + w.here.name, Missing: w.missing}
		if here := spreadOf(w.hereFigures); here != nil {
			p.Go = &here.Median
		}
		if beside := spreadOf(w.besideFigures); beside != nil {
			p.Python = &beside.Median
		}
		if p.Go != nil && p.Python != nil {
			ratio := *p.Python / *p.Go
			p.Ratio = &ratio
		}
		r.Operations = append(r.Operations, p)
	}
	if o.json {
		return writeJSON(stdout, r)
	}
	return r.write(stdout, m.columns)
}

func (r pythonReport) write(out io.Writer, columns int) error {
	var b strings.Builder
	say := func(text string) { writeText(&b, columns, "", text) }
	say(fmt.Sprintf("%s and %s on %s/%s, %d CPUs, rounds in turn: %d. Medians.", r.Python, r.Go, runtime.GOOS, runtime.GOARCH, r.CPUs, r.Rounds))
	say(describeLoad(r.Load))
	say("PYTHON/GO is Python's figure divided by Go's: a large one is good for Go.")
	b.WriteString("\n")
	t := [][]string{{"OPERATION", "PYTHON ns", "GO ns", "PYTHON/GO", "GO BENCHMARK"}}
	for _, w := range r.Operations {
		t = append(t, []string{w.Operation, w.cell(w.Python), w.cell(w.Go), figure(w.Ratio), w.Benchmark})
	}
	writeTable(&b, columns, t, 1, 2, 3)
	for _, w := range r.Operations {
		if w.Missing != "" {
			say(w.Operation + ": " + w.Missing + ".")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// cell is a figure under a heading that says ns. One of another unit has its own.
func (w pythonRow) cell(v *float64) string {
	if v != nil && strings.HasPrefix(w.Metric, "B/") {
		return figure(v) + " B"
	}
	return figure(v)
}

// figure writes v with three digits at least.
func figure(v *float64) string {
	switch {
	case v == nil:
		return "-"
	case *v < 10:
		return fmt.Sprintf("%.2f", *v)
	case *v < 100:
		return fmt.Sprintf("%.1f", *v)
	}
	return fmt.Sprintf("%.0f", *v)
}
