package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// exploreReport is where findings go, one after another.
type exploreReport struct {
	add func(*found)
	end func() error
}

// reporter returns the form that the flags and the number of recipes ask for.
func (o *exploreOptions) reporter(a *app, all []*subject) exploreReport {
	switch {
	case o.json:
		return o.jsonReport(a, len(all) != 1)
	case len(all) == 1:
		var err error
		return exploreReport{func(f *found) { err = o.showOne(a, f) }, func() error { return err }}
	}
	return exploreReport{a.exploreTable(all), func() error { return nil }}
}

// showOne says what came of one recipe, which was explored.
func (o *exploreOptions) showOne(a *app, f *found) error {
	if o.suggest {
		return a.suggest(f)
	}
	transcript.Heading{ID: f.ID, Title: f.Title, Section: f.Section, Python: f.Python, Go: f.Go}.Write(a.Out, a.Style())
	for _, about := range []string{f.about(), f.from} {
		if about != "" {
			a.paragraph(terminal.Dim, about)
			fmt.Fprintln(a.Out)
		}
	}
	if fault := f.fault(); fault != nil {
		a.showFault(f.subject, fault)
		if err := a.drawTrace(fault.Trace, o.timeline, f.ID+" · "+f.Title); err != nil {
			return err
		}
		fmt.Fprintln(a.Out)
	} else if name := o.timeline.file(); name != "" {
		a.paragraph(terminal.Dim, "no schedule broke it, so "+name+" is not written")
	}
	a.paragraph(f.look(), f.verdict())
	for _, l := range f.loose() {
		a.paragraph(0, l)
	}
	for _, note := range f.result.Notes {
		a.paragraph(terminal.Dim, "note: "+note)
	}
	if f.kept {
		a.paragraph(terminal.Dim, fmt.Sprintf("go on: cookbook explore %s --resume", f.command()))
	}
	return nil
}

// about says with which flags the recipe was explored, and what is wrong by them; "" if there are none.
func (f *found) about() string {
	text := strings.Join(shellWords(f.args), " ")
	for _, w := range f.Wrong {
		if strings.HasPrefix(text+" ", "--wrong "+w.Name+" ") {
			text += ": " + w.Title
		}
	}
	return text
}

// paragraph prints a text folded to the terminal. Lines with tabs, which are those of a stack, stay.
func (a *app) paragraph(look terminal.Look, text string) {
	for line := range strings.SplitSeq(terminal.Safe(text), "\n") {
		if strings.Contains(line, "\t") {
			fmt.Fprintln(a.Out, a.Paint(look, line))
			continue
		}
		for _, part := range terminal.WrapWhole(line, a.Style().Columns()) {
			fmt.Fprintln(a.Out, a.Paint(look, part))
		}
	}
}

// word is the verdict in one word.
func (f *found) word() string {
	switch fault := f.fault(); {
	case f.result == nil && f.lacks:
		return "skipped"
	case f.result == nil:
		return "FAILED"
	case fault != nil:
		return strings.ToUpper(string(fault.Kind))
	}
	return string(f.result.Verdict)
}

func (f *found) look() terminal.Look {
	switch {
	case f.failed():
		return terminal.Bold | terminal.Red
	case f.word() == string(explore.Complete):
		return terminal.Green
	}
	return terminal.Yellow
}

// verdict says what was run: COMPLETE: 5 line orders from 1,404 schedules in 0.1 s.
func (f *found) verdict() string {
	r := f.result
	counted := fmt.Sprintf("%s from %s", count(r.Orders, "line order"), count(r.Schedules, "schedule"))
	took := fmt.Sprintf("in %.1f s", r.Elapsed.Seconds())
	switch {
	case f.fault() != nil:
		return fmt.Sprintf("%s, found after %s %s", f.word(), count(r.Schedules, "schedule"), took)
	case r.Verdict == explore.Complete:
		return fmt.Sprintf("%s: %s %s", r.Verdict, counted, took)
	}
	return fmt.Sprintf("%s: %s%s; %s %s", r.Verdict, covered(r.Bound), share(r.Share), counted, took)
}

// covered says which schedules were all run.
func covered(b explore.Bound) string {
	if shortBound(b) == "none" {
		return "not even all without a preemption"
	}
	return b.String()
}

// share is how much of the rest was run, as far as an estimate can tell.
func share(s float64) string {
	switch percent := 100 * s; {
	case s <= 0:
		return ""
	case percent < 0.01:
		return ", less than 0.01 % of the rest"
	case percent < 10:
		return ", about " + strconv.FormatFloat(percent, 'g', 1, 64) + " % of the rest"
	default:
		return fmt.Sprintf(", about %.0f %% of the rest", percent)
	}
}

// count is a number of things, with commas: 1,404 schedules.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return thousands(n) + " " + thing
}

// thousands is a number that is not below 0, with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// exploreTable returns a function that prints one row of several recipes.
func (a *app) exploreTable(all []*subject) func(*found) {
	p := a.Printer("RECIPE", "VERDICT", "ORDERS", "SCHEDULES", "BOUND", "FOUND", "TIME")
	p.Align = []terminal.Align{terminal.Left, terminal.Left, terminal.Right, terminal.Right, terminal.Left, terminal.Left, terminal.Right}
	for _, s := range all {
		p.Measure(terminal.Text(0, s.ID), terminal.Text(0, string(explore.Complete)), terminal.Text(0, "99,999"), terminal.Text(0, "999,999"),
			terminal.Text(0, "≤ 2 preemptions"), terminal.Text(0, "2 preemptions"), terminal.Text(0, "99.9 s"))
	}
	p.Header()
	return func(f *found) {
		if f.result == nil {
			p.Row([]terminal.Line{terminal.Text(terminal.Cyan, f.ID), terminal.Text(f.look(), f.word()), nil, nil, nil, nil, nil},
				f.ID, f.word(), "", "", "", f.err.Error(), "")
			a.below(p.TTY, f.look(), f.err.Error())
			return
		}
		r := f.result
		orders, schedules, bound, fault := thousands(r.Orders), thousands(r.Schedules), shortBound(r.Bound), f.inShort()
		took := fmt.Sprintf("%.1f s", r.Elapsed.Seconds())
		p.Row([]terminal.Line{terminal.Text(terminal.Cyan, f.ID), terminal.Text(f.look(), f.word()), terminal.Text(0, orders), terminal.Text(0, schedules),
			terminal.Text(0, bound), terminal.Text(0, fault), terminal.Text(terminal.Dim, took)},
			f.ID, f.word(), strconv.Itoa(r.Orders), strconv.Itoa(r.Schedules), bound, fault, fmt.Sprintf("%.1f", 1000*r.Elapsed.Seconds()))
		if fault := f.fault(); fault != nil {
			a.below(p.TTY, f.look(), fault.Text)
			a.below(p.TTY, terminal.Dim, "see: cookbook explore "+f.command())
		}
		if f.tooLoose() > 0 {
			a.below(p.TTY, 0, "see: cookbook explore "+f.command())
		}
	}
}

// below prints a text below a row of a table, on a terminal.
func (a *app) below(tty bool, look terminal.Look, text string) {
	if !tty {
		return
	}
	for _, line := range terminal.SafeLines(text) {
		for _, part := range terminal.WrapWhole(line, a.Style().Columns()-2) {
			fmt.Fprintln(a.Out, "  "+a.Paint(look, part))
		}
	}
}

// shortBound is a bound in a table.
func shortBound(b explore.Bound) string {
	switch {
	case b.Whole:
		return "all"
	case b.Preemptions > 0:
		return "≤ " + count(b.Preemptions, "preemption")
	case b.Departures > 0:
		return "≤ " + count(b.Departures, "departure")
	case b.Preemptions == 0:
		return "no preemption"
	case b.Departures == 0:
		return "the usual order"
	}
	return "none"
}

// inShort is what is wrong, in a table.
func (f *found) inShort() string {
	fault, loose := f.fault(), f.tooLoose()
	switch {
	case fault != nil && fault.Preemptions >= 0:
		return count(fault.Preemptions, "preemption")
	case fault != nil:
		return "yes"
	case loose > 0:
		return fmt.Sprintf("%d loose", loose)
	}
	return ""
}

// loose says where the promise allows what never came.
func (f *found) loose() (all []string) {
	for _, l := range f.result.Loose {
		what := "loose"
		if l.Reason != "" {
			what = "loose, on purpose: " + l.Reason
		}
		all = append(all, fmt.Sprintf("%s: line %d of %s: %q could be %s: %s", what, l.Line, f.Entry.Path(catalog.Promise), l.Text, l.Could, l.Why))
	}
	return all
}

// tooLoose counts those that have no reason.
func (f *found) tooLoose() (n int) {
	for _, l := range f.result.Loose {
		if l.Reason == "" {
			n++
		}
	}
	return n
}

// suggest prints the tight promise, and on the standard error what was run to know it.
func (a *app) suggest(f *found) error {
	if f.failed() {
		return fmt.Errorf("%s: %s; a promise can be suggested only where none is broken, see: cookbook explore %[1]s", f.command(), f.verdict())
	}
	fmt.Fprintln(a.Err, f.verdict())
	_, err := io.WriteString(a.Out, f.promise)
	return err
}

// drawProgress shows how far the search of recipe i of n is.
func drawProgress(bar *terminal.Bar, id string, p explore.Progress, o *exploreOptions, i, n int) {
	perSecond := 0
	if s := p.Elapsed.Seconds(); s > 0 {
		perSecond = int(float64(p.Schedules) / s)
	}
	what := fmt.Sprintf("· %s · %s · %s/s", count(p.Schedules, "schedule"), p.Level, thousands(perSecond))
	if n == 1 {
		bar.Draw("s "+what, int(p.Elapsed.Seconds()), max(1, int(o.budget.Seconds())))
		return
	}
	bar.Draw("· "+id+" "+what, i, n)
}
