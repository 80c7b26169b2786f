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
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
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
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Stop(signals) // a second one ends the process at once
		cancel(stoppedError{s})
	}()
	err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	os.Exit(exitCode(err))
}

func run(ctx context.Context, args []string) error {
	o, err := parseOptions(args, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err == nil {
		err = checkRoot(".")
	}
	if err != nil {
		return usageError{err}
	}
	return commands[o.command](ctx, o, thisMachine(), os.Stdout)
}

// stoppedError is the cause of a context that a signal ended.
type stoppedError struct{ signal syscall.Signal }

func (e stoppedError) Error() string {
	if e.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// usageError is an error of whoever called bench.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode is as cookbook's: 2 for wrong usage, and after a signal what a shell gives.
func exitCode(err error) int {
	if stopped, ok := errors.AsType[stoppedError](err); ok {
		return 128 + int(stopped.signal)
	}
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		return 2
	}
	return 1
}

// checkRoot returns an error if dir is not the root of the repository, where the packages and scripts are.
func checkRoot(dir string) error {
	here, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for at := here; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		module, _, _ := strings.Cut(string(text), "\n")
		switch {
		case err == nil && strings.TrimSpace(module) == "module cookbook" && at == here:
			return nil
		case err == nil && strings.TrimSpace(module) == "module cookbook":
			return fmt.Errorf("it measures from the root of the repository: run it in %s", at)
		case at == filepath.Dir(at):
			return fmt.Errorf("%s is not in the repository of cookbook, whose packages it measures: run it in the root of that", here)
		}
	}
}

// writeHelp prints what bench can be told, to out.
func writeHelp(out io.Writer, f *flag.FlagSet) {
	fmt.Fprintln(out, "bench limits|python|scale [flags], in the root of the repository")
	f.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + value)
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(out, "  %-22s %s\n", name, usage)
	})
}

// twoDashes is what the package flag says of a flag, which it writes with one.
func twoDashes(err error) string { return strings.Replace(err.Error(), " -", " --", 1) }

// parseOptions reads the command line. Help goes to out.
func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is printed once, by main
	f.Usage = func() {}
	f.IntVar(&o.rounds, "rounds", 0, "take the median of `N` rounds (default 5, of scale 3)")
	f.BoolVar(&o.quick, "quick", false, "less work, and nothing that takes long")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.StringVar(&o.python, "python", "python3", "the `interpreter`, of limits and python")
	f.StringVar(&o.svg, "svg", "", "of scale: draw the growth into this `file`, too")
	only := f.String("only", "", "only the operations that match this `regexp`, in capitals or small letters")
	if len(args) > 0 && commands[args[0]] != nil {
		o.command, args = args[0], args[1:]
	}
	const choose = "bench limits, bench python or bench scale"
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		writeHelp(out, f)
		return o, err
	case err != nil:
		return o, fmt.Errorf("%s; bench --help lists the flags", twoDashes(err))
	case o.command == "" && f.NArg() > 0:
		return o, fmt.Errorf("there is no measurement %q: say %s", f.Arg(0), choose)
	case o.command == "":
		return o, errors.New("say first what to measure: " + choose)
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
	if _, err := regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("--only: %w", err)
	}
	o.only = regexp.MustCompile("(?i)" + *only)
	return o, nil
}

// noneMatches says that nothing is left to measure.
func (o options) noneMatches() error {
	return fmt.Errorf("no operation to measure matches --only %q", strings.TrimPrefix(o.only.String(), "(?i)"))
}

func writeJSON(stdout io.Writer, report any) error {
	e := json.NewEncoder(stdout)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
