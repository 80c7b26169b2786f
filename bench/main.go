// Bench sets what operations cost in Python beside what they cost here: it runs Go benchmarks and the scripts in bench/python
// in turn, several rounds, and prints the medians as one table. Run it in the root of the repository:
//
//	make bench-python
//	go run ./bench --only 'gather|future' --rounds 9 --python python3.13
//
// Which Go benchmark belongs to which figure of which script is said by the table in pairs.go. A script takes --rounds,
// --quick and the names of what to measure, and prints JSON: the interpreter under "python", and figures by name under "ns"
// and "bytes", null for what cannot be measured there.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

type options struct {
	rounds int
	quick  bool
	json   bool
	python string
	only   *regexp.Regexp
}

type report struct {
	Python     string `json:"python"`
	Go         string `json:"go"`
	CPUs       int    `json:"cpus"`
	Rounds     int    `json:"rounds"`
	Operations []row  `json:"operations"`
}

// A row has medians. What Python cannot measure here is nil.
type row struct {
	Operation string   `json:"operation"`
	Python    *float64 `json:"python"`
	Go        float64  `json:"go"`
	Ratio     *float64 `json:"ratio"`
	Metric    string   `json:"metric"`
	Benchmark string   `json:"benchmark"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, o, pairs, output, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "rounds", 5, "take the median of `N` rounds")
	f.BoolVar(&o.quick, "quick", false, "less work, and nothing that takes long")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.StringVar(&o.python, "python", "python3", "the `interpreter`")
	only := f.String("only", "", "only the operations that match this `regexp`")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; operations are chosen with --only", f.Arg(0))
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("--rounds %d: want at least 1", o.rounds)
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("--only: %w", err)
	}
	return o, nil
}

func run(ctx context.Context, o options, all []pair, cmd command, stdout, stderr io.Writer) error {
	// What is measured by the same script and the same package is measured by one process of each.
	type group struct {
		script, pkg string
		once        bool
	}
	groups, members := []group{}, map[group][]pair{}
	for _, p := range all {
		if o.only.MatchString(p.operation) && !(p.once && o.quick) {
			g := group{p.script, p.pkg, p.once}
			if members[g] == nil {
				groups = append(groups, g)
			}
			members[g] = append(members[g], p)
		}
	}
	if len(groups) == 0 {
		return fmt.Errorf("no operation to measure matches --only %q", o.only)
	}
	r := report{Go: runtime.Version(), CPUs: runtime.NumCPU(), Rounds: o.rounds}
	goes, pythons := map[string][]float64{}, map[string][]float64{}
	for round := range o.rounds {
		fmt.Fprintf(stderr, "round %d of %d\n", round+1, o.rounds)
		for _, g := range groups {
			if g.once && round > 0 {
				continue
			}
			benchtime := "200ms"
			if g.once {
				benchtime = "1x"
			} else if o.quick {
				benchtime = "100ms" // in less, a benchmark of 10,000 tasks runs once, and the first costs more
			}
			got, err := goRound(ctx, cmd, g.pkg, members[g], benchtime)
			if err != nil {
				return err
			}
			version, times, err := pythonRound(ctx, cmd, o, g.script, members[g])
			if err != nil {
				return err
			}
			r.Python = version
			for i, p := range members[g] {
				goes[p.operation] = append(goes[p.operation], got[i])
				if times[i] != nil {
					pythons[p.operation] = append(pythons[p.operation], *times[i])
				}
			}
		}
	}
	for _, p := range all {
		if goes[p.operation] == nil {
			continue
		}
		w := row{Operation: p.operation, Go: median(goes[p.operation]), Metric: p.metric, Benchmark: p.pkg + " " + p.benchmark}
		if times := pythons[p.operation]; times != nil {
			m := median(times)
			ratio := m / w.Go
			w.Python, w.Ratio = &m, &ratio
		}
		r.Operations = append(r.Operations, w)
	}
	if o.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.write(stdout)
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func (r report) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s and %s on %s/%s, %d CPUs, rounds in turn: %d. Medians.\n\n", r.Python, r.Go, runtime.GOOS, runtime.GOARCH, r.CPUs, r.Rounds)
	wide := len("OPERATION")
	for _, w := range r.Operations {
		wide = max(wide, len(w.Operation))
	}
	fmt.Fprintf(&b, "%-*s  %9s  %9s  %9s  %s\n", wide, "OPERATION", "PYTHON ns", "GO ns", "PYTHON/GO", "GO BENCHMARK")
	for _, w := range r.Operations {
		fmt.Fprintf(&b, "%-*s  %9s  %9s  %9s  %s\n", wide, w.Operation, figure(w.Python), figure(&w.Go), figure(w.Ratio), w.Benchmark)
	}
	_, err := io.WriteString(out, b.String())
	return err
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
