// Mutants asks whether the judges see what is wrong: it makes mutants of the recipes, each with one change in how its threads
// wait for each other, and has them judged. Run it in the root of the repository:
//
//	make mutants                          all of them; takes about half an hour
//	make mutants ARGS='--only ch2.lock'   those of one recipe, or whose description matches
//
// A mutant is a file of a recipe with one change, such as a Lock that is left out: operators.go and change.go say which. One that
// does not compile is counted apart. The others are built, each with the program in mutants/judge around it, and judged twice: by
// ten runs as `verify --stress` makes them, and by a search as `explore` does it. A judge kills a mutant if a promise breaks, if the
// run fails or panics, or if it does not end. What both let live comes before a third judge, which asks what `make test` asks of a
// recipe beside its promise. A judge that fails a recipe as it stands has no say in that recipe.
//
// A mutant that no judge kills has survived, and mutants/survivors.txt says why. If it does not, the exit code is 1. What came of
// all is written to docs/mutants.md. Verdicts are kept in bin/mutants.json: a run that was interrupted goes on where it was, and
// one after a change judges what the change concerns. --fresh judges all anew.
package main

import (
	"cmp"
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
	"strings"
	"syscall"
	"time"
)

type options struct {
	only   *regexp.Regexp
	list   bool
	json   bool
	fresh  bool
	again  bool
	jobs   int
	budget time.Duration
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
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
	}
	os.Exit(exitCode(err))
}

// stoppedError is the cause of a context that a signal ended.
type stoppedError struct{ signal syscall.Signal }

func (e stoppedError) Error() string {
	return "stopped by a signal; the verdicts so far are kept, and the same command goes on from there"
}

// usageError is wrong usage.
type usageError struct{ error }

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

// everything is the expression that every mutant matches.
const everything = "(?i)"

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is printed once, by main
	only := f.String("only", "", "only mutants whose recipe, file, operator or line matches this `regexp`")
	f.BoolVar(&o.list, "list", false, "list the mutants, and judge none")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.fresh, "fresh", false, "judge those anew whose verdicts are in "+keptFile)
	f.BoolVar(&o.again, "again", false, "judge those anew that survived")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "judge `N` at once")
	f.DurationVar(&o.budget, "budget", 2*time.Second, "time of one search")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(out, "mutants [flags], in the root of the repository")
		f.VisitAll(func(f *flag.Flag) {
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(out, "  %-18s %s\n", strings.TrimSpace("--"+f.Name+" "+value), usage)
		})
		return o, err
	case err != nil:
		return o, fmt.Errorf("%s; mutants --help lists the flags", strings.Replace(err.Error(), " -", " --", 1))
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q; mutants are chosen with --only", f.Arg(0))
	case o.jobs < 1:
		return o, fmt.Errorf("--jobs %d: want at least 1", o.jobs)
	}
	var err error
	if o.only, err = regexp.Compile(everything + *only); err != nil {
		return o, fmt.Errorf("--only: %w", err)
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if text, _ := os.ReadFile("go.mod"); err == nil && !strings.HasPrefix(string(text), "module cookbook\n") {
		err = errors.New("run it in the root of the repository of cookbook, whose recipes it changes")
	}
	if err != nil {
		return usageError{err}
	}
	fmt.Fprintln(stderr, "looking for what can be changed")
	all, err := find(ctx, ".", o.only)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return usageError{errors.New("no mutant matches --only")}
	}
	if o.list {
		return list(all, o, stdout)
	}
	court, remove, err := newCourt(o.budget)
	if err != nil {
		return err
	}
	defer remove()
	t := &trial{court: court, stderr: stderr}
	if err := t.open(o); err != nil {
		return err
	}
	defer t.file.Close()
	outcomes, bases, err := t.judgeAll(ctx, all, o.jobs)
	if err != nil {
		return err
	}
	return conclude(o, all, outcomes, bases, stdout, stderr)
}

// conclude prints what came of all, and writes the page if nothing was left out. Its error is that of a survivor without a reason.
func conclude(o options, all []*mutant, outcomes []outcome, bases map[string]outcome, stdout, stderr io.Writer) error {
	f, err := os.Open(reasonsFile)
	if err != nil {
		return err
	}
	defer f.Close()
	reasons, err := readReasons(f)
	if err != nil {
		return err
	}
	var results []result
	for i, m := range all {
		results = append(results, newResult(m, outcomes[i], reasons))
	}
	without, stale := unexplained(results, reasons)
	if o.json {
		if err := writeJSON(stdout, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			fmt.Fprintf(stdout, "%-8s  %s:%d %s: %s\n", cmp.Or(r.Killed, "-"), r.File, r.Line, r.Operator, r.Old)
		}
	}
	fmt.Fprintln(stderr, summary(results))
	if o.only.String() == everything {
		for _, key := range stale {
			fmt.Fprintf(stderr, "%s has a reason for a mutant that is not there: %s\n", reasonsFile, key)
		}
		var page strings.Builder
		writeReport(&page, results, bases)
		if err := os.WriteFile(reportFile, []byte(page.String()), 0o666); err != nil {
			return err
		}
	}
	for _, r := range without {
		fmt.Fprintf(stderr, "it survives, and %s does not say why:\n%s\n", reasonsFile, r.Key)
	}
	if len(without) > 0 {
		return fmt.Errorf("%d mutants survive without a reason: mend the promise or the recipe, or write the reason into %s", len(without), reasonsFile)
	}
	return nil
}

// list prints what would be judged.
func list(all []*mutant, o options, stdout io.Writer) error {
	if o.json {
		return writeJSON(stdout, all)
	}
	for _, m := range all {
		fmt.Fprintf(stdout, "%s:%d %s: %s\n%s\n", m.File, m.Line, m.Function, m.Operator, m.diff())
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
