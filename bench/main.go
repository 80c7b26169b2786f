// Bench measures what operations cost: beside what else does the same work, and by the size of the work. Run it in the root of the repository:
//
//	make bench         go run ./bench limits    beside the limit: C on Open MPI, plain Go, bare pipes
//	make bench-python  go run ./bench python    beside Python
//	make bench-scale   go run ./bench scale     how it grows with the size of the work
//
// ARGS='--only "allreduce|pool" --rounds 9' chooses what is measured, and --help lists the rest.
//
// A measurement is a row: one operation, and two sides that do it. A side is a figure that a program prints: a Go benchmark,
// or a script in bench/python. The rows are the tables in limits.go and pairs.go. Programs are built first. Then they run in
// turn, several rounds, so that what else the machine does disturbs both sides alike, and the medians count.
//
// A script takes --rounds, --quick and the names of what to measure, and prints JSON: the interpreter under "python", and
// figures by name under "ns" and "bytes", null for what cannot be measured there.
//
// What grows is one operation at several sizes, see scale.go: sub-benchmarks that package growth names.
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
)

type options struct {
	command string
	rounds  int
	quick   bool
	json    bool
	python  string
	only    *regexp.Regexp
	svg     string
}

// commands are what bench can be told to do.
var commands = map[string]func(ctx context.Context, o options, m machine, stdout io.Writer) error{
	"limits": func(ctx context.Context, o options, m machine, stdout io.Writer) error {
		return runLimits(ctx, o, limits, m, stdout)
	},
	"python": func(ctx context.Context, o options, m machine, stdout io.Writer) error {
		return runPython(ctx, o, pairs, m, stdout)
	},
	"scale": func(ctx context.Context, o options, m machine, stdout io.Writer) error {
		return runScale(ctx, o, sections, m, stdout)
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = commands[o.command](ctx, o, thisMachine(), os.Stdout)
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
	f.Usage = func() {
		fmt.Fprintln(stderr, "bench limits|python|scale [flags], in the root of the repository")
		f.PrintDefaults()
	}
	f.IntVar(&o.rounds, "rounds", 0, "take the median of `N` rounds (default 5, of scale 3)")
	f.BoolVar(&o.quick, "quick", false, "less work, and nothing that takes long")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.StringVar(&o.python, "python", "python3", "the `interpreter`, of limits and python")
	f.StringVar(&o.svg, "svg", "", "of scale: draw the growth into this `file`, too")
	only := f.String("only", "", "only the operations that match this `regexp`")
	if len(args) > 0 && commands[args[0]] != nil {
		o.command, args = args[0], args[1:]
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.command == "" {
		return o, errors.New("say first what to measure: bench limits, bench python or bench scale")
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; operations are chosen with --only", f.Arg(0))
	}
	rounds := false
	f.Visit(func(f *flag.Flag) { rounds = rounds || f.Name == "rounds" })
	if !rounds {
		o.rounds = map[bool]int{true: 3, false: 5}[o.command == "scale"]
	}
	if o.svg != "" && o.command != "scale" {
		return o, errors.New("--svg: only bench scale draws")
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

func writeJSON(stdout io.Writer, report any) error {
	e := json.NewEncoder(stdout)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
