package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// reportFile is written when all mutants were judged.
const reportFile = "docs/mutants.md"

// A result is a mutant and what came of it, as --json prints it.
type result struct {
	*mutant
	outcome
	Key    string `json:"key"`
	Killed string `json:"killed_by"` // both, stress, explore, tests, neither; "": it does not compile
	Reason string `json:"reason,omitempty"`
}

// By whom a mutant is killed.
const (
	both    = "both"
	neither = "neither"
)

func newResult(m *mutant, o outcome, reasons map[string]string) result {
	r := result{mutant: m, outcome: o, Key: m.key()}
	switch {
	case !o.Built:
	case o.Stress.Kill != "" && o.Explore.Kill != "":
		r.Killed = both
	case o.Stress.Kill != "":
		r.Killed = stress
	case o.Explore.Kill != "":
		r.Killed = explore
	case o.Tests.Kill != "":
		r.Killed = tests
	default:
		r.Killed, r.Reason = neither, reasons[r.Key]
	}
	return r
}

// call is what a judge said.
func (o outcome) call(judge string) call {
	return map[string]call{stress: o.Stress, explore: o.Explore, tests: o.Tests}[judge]
}

// A tally counts results by who killed them.
type tally map[string]int

// judged is the number of mutants with a verdict, and killed of those that are dead.
func (t tally) judged() int { return t[both] + t[stress] + t[explore] + t[tests] + t[neither] }
func (t tally) killed() int { return t.judged() - t[neither] }

// share is the part that is killed, in percent.
func (t tally) share() string {
	if t.judged() == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(t.killed())/float64(t.judged()))
}

// tallyBy counts results by a name of theirs. The names are in the order in which they come.
func tallyBy(results []result, name func(result) string) (names []string, tallies map[string]tally) {
	tallies = map[string]tally{}
	for _, r := range results {
		n := name(r)
		if tallies[n] == nil {
			names, tallies[n] = append(names, n), tally{}
		}
		tallies[n][r.Killed]++
	}
	return names, tallies
}

// summary is what came of all, in a sentence.
func summary(results []result) string {
	_, all := tallyBy(results, func(result) string { return "" })
	t := all[""]
	equivalent := 0
	for _, r := range results {
		if strings.HasPrefix(r.Reason, equal) {
			equivalent++
		}
	}
	return fmt.Sprintf("%d mutants were judged, and %d of them killed (%s): %d by both judges, %d by stress alone, %d by explore alone, %d by the tests. "+
		"%d survive. In %d of these the change changes nothing, as their reasons say, which were found by reading and not by a proof: "+
		"without them %.0f %% are killed. %d more do not compile, and do not count.",
		t.judged(), t.killed(), t.share(), t[both], t[stress], t[explore], t[tests],
		t[neither], equivalent, 100*float64(t.killed())/float64(max(1, t.judged()-equivalent)), t[""])
}

// equal begins the reason of a survivor that, read by hand, gives the same lines, checks and end as the recipe can give.
const equal = "Changes nothing: "

// writeReport writes the page.
func writeReport(w io.Writer, results []result, bases map[string]outcome) {
	p := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	p("# Mutants judge the judges")
	p("")
	p("`make mutants` changes one thing in how the threads of a recipe wait for each other: it leaves out a Lock, moves an Unlock, wakes")
	p("one thread in the place of all. Such a recipe is a mutant, and nearly always wrong. Judges look at it. `stress` is ten runs as")
	p("`cookbook verify --stress` makes them, `explore` a search of two seconds as `cookbook explore` makes it, for each set of arguments")
	p("that [mutants/arguments.go](../mutants/arguments.go) names. A judge kills a mutant that breaks a promise, fails, panics, or does not")
	p("end, and explore one whose promise it finds loose where that of the recipe is not. What both let live comes before a third judge,")
	p("`tests`, which asks what `make test` asks of a recipe beside its promise: that nothing is left when it has ended, that it ends when it")
	p("is told to, and that Go's race detector is silent. A mutant that lives then shows that a promise is weak, that the judges are blind,")
	p("or that the change changes nothing. This page is written by the program.")
	p("")
	p("%s", summary(results))
	p("")
	p("## By what was changed")
	p("")
	writeTable(w, "change", results, func(r result) string { return r.Operator }, about)
	p("")
	p("## By recipe")
	p("")
	writeTable(w, "recipe", results, func(r result) string { return r.Recipe }, nil)
	p("")
	p("Left out, because ten runs of it take long: %s.", strings.Join(tooLong, ", "))
	writeUnfit(w, bases)
	p("")
	p("## How they die")
	p("")
	p("| judge | breaks a promise | ends with an error | panics | does not end | runs another way | leaves the promise loose | leaves goroutines | races |")
	p("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, judge := range []string{stress, explore, tests} {
		n := map[string]int{}
		for _, r := range results {
			n[r.call(judge).Kill]++
		}
		p("| %s | %d | %d | %d | %d | %d | %d | %d | %d |", judge,
			n["promise"]+n["broken"], n["error"], n["panic"], n["hang"]+n["deadlock"]+n["endless"], n["strayed"], n["loose"], n["left"], n["race"])
	}
	p("")
	p("`explore` calls an error a broken promise. *Runs another way*: the same choices made another run, so what happens is left to chance.")
	p("*Leaves the promise loose*: in all orders of the mutant a line keeps a place that its promise leaves open, and the recipe uses.")
	for _, judge := range []string{explore, stress, tests} {
		p("")
		p("## Killed by %s alone", judge)
		p("")
		writeList(w, results, judge)
	}
	p("")
	p("## Survivors")
	p("")
	p("The reasons stand in [mutants/survivors.txt](../mutants/survivors.txt). A survivor without one makes `make mutants` fail.")
	writeSurvivors(w, results)
}

// writeTable writes a row for each name, and one for all.
func writeTable(w io.Writer, head string, results []result, name func(result) string, about map[string]string) {
	names, tallies := tallyBy(results, name)
	if about != nil {
		slices.SortFunc(names, strings.Compare)
	}
	fmt.Fprintf(w, "| %s | mutants | killed | by both | stress alone | explore alone | tests | survive | do not compile |\n", head)
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, n := range names {
		t, what := tallies[n], n
		if about[n] != "" {
			what += ": " + about[n]
		}
		fmt.Fprintf(w, "| %s | %d | %s | %d | %d | %d | %d | %d | %d |\n", what, t.judged(), t.share(), t[both], t[stress], t[explore], t[tests], t[neither], t[""])
	}
}

// about says what the changes are whose names do not.
var about = map[string]string{
	"delete a Lock":      "Lock, RLock, Acquire and their Try forms",
	"delete an Unlock":   "Unlock, RUnlock, Release",
	"delete a Wait":      "Wait, Join, Await",
	"delete a Notify":    "Notify, Signal, Broadcast, Set, SetResult, Done, TaskDone, close, cancel",
	"delete a Put":       "into a queue",
	"delete a Get":       "from a queue",
	"one fewer":          "thread that is started or joined, party of a barrier, permit of a semaphore",
	"one more":           "party, permit or worker",
	"move a Lock down":   "behind the next statement",
	"move an Unlock up":  "before the statement above",
	"move a Wait up":     "before the statement above",
	"move a Notify up":   "before the statement above",
	"drop a defer":       "what was to be done at the end is done at once",
	"for → if":           "around a Wait or a receive",
	"Go(f) → f()":        "not in a goroutine",
	"Go(f) → go f()":     "in one that nobody waits for",
	"go f() → f()":       "not in a goroutine",
	"With(l, f) → f()":   "without the lock",
	"drop a --":          "of a counter",
	"buffer a channel":   "of one place",
	"delete a send":      "to a channel",
	"delete a receive":   "from a channel",
	"delete an Add":      "of a WaitGroup",
	"delete a Clear":     "of an Event",
	"delete a Start":     "of a thread",
	"unbuffer a channel": "so that a send waits",
	"Signal ↔ Broadcast": "one in the place of all, or all of one",
}

// writeUnfit names the recipes in which a judge has no say.
func writeUnfit(w io.Writer, bases map[string]outcome) {
	var lines []string
	for recipe, base := range bases {
		for judge, c := range map[string]call{stress: base.Stress, explore: base.Explore} {
			if c.Kill != "" {
				lines = append(lines, fmt.Sprintf("- `%s` has no say in `%s`, which it fails as it stands (%s): %s", judge, recipe, c.Kill, c.Text))
			}
		}
	}
	if len(lines) > 0 {
		slices.Sort(lines)
		fmt.Fprintln(w, "\n"+strings.Join(lines, "\n"))
	}
}

// writeList lists the mutants that one judge alone has killed.
func writeList(w io.Writer, results []result, judge string) {
	none := true
	for _, r := range results {
		if r.Killed == judge {
			none = false
			fmt.Fprintf(w, "- `%s` %s, %s: `%s` (%s)\n", r.File, r.Function, r.Operator, r.Old, r.call(judge).Kill)
		}
	}
	if none {
		fmt.Fprintln(w, "None.")
	}
}

// writeSurvivors lists those that live, by reason.
func writeSurvivors(w io.Writer, results []result) {
	recipe, reason := "", ""
	for _, r := range results {
		if r.Killed != neither {
			continue
		}
		if r.Recipe != recipe {
			fmt.Fprintf(w, "\n### %s\n", r.Recipe)
			recipe, reason = r.Recipe, ""
		}
		why := r.Reason
		if why == "" {
			why = "**No reason is known.**"
		}
		if why != reason {
			fmt.Fprintf(w, "\n%s\n\n", why)
			reason = why
		}
		fmt.Fprintf(w, "- %s, %s: `%s`", r.Function, r.Operator, r.Old)
		if r.New != "" {
			fmt.Fprintf(w, " → `%s`", r.New)
		}
		fmt.Fprintln(w)
	}
}
