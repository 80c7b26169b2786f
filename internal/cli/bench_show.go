package cli

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"cookbook/internal/bench"
	"cookbook/internal/terminal"
)

// listPlan lists what would be measured.
func (a *app) listPlan(plan bench.Plan) error {
	p := a.Printer("MEASURED", "BESIDE", "AND PLAIN GO")
	var rows [][]string
	for _, o := range plan.Operations {
		rows = append(rows, []string{o.Name, "python/" + o.Script + " " + o.Key, o.PlainIs})
	}
	for _, e := range plan.Recipes {
		rows = append(rows, []string{e.ID, "its Python twin", ""})
	}
	cells := func(row []string) []terminal.Line {
		return []terminal.Line{terminal.Text(terminal.Cyan, row[0]), terminal.Text(0, row[1]), terminal.Text(terminal.Dim, row[2])}
	}
	for _, row := range rows {
		p.Measure(cells(row)...)
	}
	if err := p.Header(); err != nil {
		return err
	}
	for _, row := range rows {
		if err := p.Row(cells(row), row...); err != nil {
			return err
		}
	}
	return nil
}

// showReport prints the rows by chapter, and then where and how they were measured. In a pipe it prints figures without units.
func (a *app) showReport(r *bench.Report) error {
	p, cells := a.reportTable(r)
	chapter := 0
	for _, row := range r.Rows {
		if row.Chapter != chapter && a.OutTTY {
			if chapter != 0 {
				fmt.Fprintln(a.Out)
			}
			fmt.Fprintln(a.Out, a.Paint(terminal.Bold, a.chapterTitle(row.Chapter)))
			if err := p.Header(); err != nil {
				return err
			}
		}
		chapter = row.Chapter
		if err := p.Row(cells(row), fields(row)...); err != nil {
			return err
		}
		if why := row.Remark(); why != "" {
			a.below(a.OutTTY, terminal.Dim, why)
		}
	}
	if !a.OutTTY {
		return nil
	}
	fmt.Fprintln(a.Out)
	for _, line := range a.howBenched(r) {
		for _, part := range terminal.WrapWhole(line, a.Style().Columns()) {
			fmt.Fprintln(a.Out, a.Paint(terminal.Dim, part))
		}
	}
	return nil
}

func (a *app) chapterTitle(number int) string {
	for _, c := range a.catalog.Chapters {
		if c.Number == number {
			return fmt.Sprintf("Chapter %d · %s", number, c.Title)
		}
	}
	return fmt.Sprintf("Chapter %d", number)
}

// reportTable returns a printer that is wide enough for all rows, and how it draws one. The least and the most are left out where the
// terminal has no room for them.
func (a *app) reportTable(r *bench.Report) (*terminal.Printer, func(bench.Row) []terminal.Line) {
	draw := func(ends, plain bool) func(bench.Row) []terminal.Line {
		return func(row bench.Row) []terminal.Line {
			look := terminal.Look(0)
			if row.Ratio != nil {
				look = terminal.Bold
			}
			all := []terminal.Line{terminal.Text(terminal.Cyan, row.Name)}
			for _, s := range []*bench.Spread{row.Python, row.Go} {
				all = append(all, terminal.Text(0, s.Text(row.Unit)))
				if ends {
					all = append(all, terminal.Text(terminal.Dim, s.Ends(row.Unit)))
				}
			}
			all = append(all, terminal.Text(look, row.RatioText()))
			if plain {
				text := ""
				if row.Plain != nil {
					text = row.Plain.Text(row.Unit) + "  " + row.PlainIs
				}
				all = append(all, terminal.Text(terminal.Dim, text))
			}
			return all
		}
	}
	right, left := terminal.Right, terminal.Left
	columns := func(ends, plain bool) (head []string, align []terminal.Align) {
		head, align = []string{"", "PYTHON", "GO"}, []terminal.Align{left, right, right}
		if ends {
			head, align = []string{"", "PYTHON", "", "GO", ""}, []terminal.Align{left, right, left, right, left}
		}
		head, align = append(head, "PYTHON/GO"), append(align, right)
		if plain {
			head, align = append(head, "PLAIN GO"), append(align, left)
		}
		return head, align
	}
	hasPlain := false
	for _, row := range r.Rows {
		hasPlain = hasPlain || row.Plain != nil
	}
	for _, try := range []struct{ ends, plain bool }{{true, hasPlain}, {false, hasPlain}, {false, false}} {
		head, align := columns(try.ends, try.plain)
		p := a.Printer(head...)
		p.Align = align
		cells := draw(try.ends, try.plain)
		widths := make([]int, len(head))
		for i, h := range head {
			widths[i] = terminal.Width(h)
		}
		for _, row := range r.Rows {
			line := cells(row)
			p.Measure(line...)
			for i, c := range line {
				widths[i] = max(widths[i], c.Width())
			}
		}
		total := 2 * (len(widths) - 1)
		for _, w := range widths {
			total += w
		}
		if total <= a.Style().Columns() || !try.ends && !try.plain {
			return p, cells
		}
	}
	return nil, nil // not reached: the last try is taken
}

// fields is a row for programs: nanoseconds or bytes.
func fields(row bench.Row) []string {
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', 6, 64)
	}
	all := []string{row.Name, row.Unit}
	for _, s := range []*bench.Spread{row.Python, row.Go, row.Plain} {
		if s == nil {
			all = append(all, "", "", "")
			continue
		}
		all = append(all, number(&s.Median), number(&s.Least), number(&s.Most))
	}
	return append(all, number(row.Ratio), number(row.Low), number(row.High), row.Remark())
}

// howBenched says where the rows were measured, and how.
func (a *app) howBenched(r *bench.Report) []string {
	processor := r.System
	if r.Processor != "" {
		processor = r.Processor + ", " + r.System
	}
	how := fmt.Sprintf("medians of %s in turn; the least and the most stand in brackets where the terminal has room", r.RoundsText())
	if r.Quick {
		how += "; --quick: a tenth of the work"
	}
	return []string{
		"machine   " + fmt.Sprintf("%d × %s; %s", r.Processors, processor, r.LoadText()),
		"python    " + r.PythonPath + ", " + r.Python,
		"go        " + a.Exe + ", " + strings.TrimPrefix(runtime.Version(), "go"),
		"measured  " + how + "; recipes: whole processes, --speed " + r.Speed,
	}
}

// showComparison says what has changed since an older report. Beside JSON it goes to the standard error.
func (a *app) showComparison(c bench.Comparison, beside bool) error {
	out := a.Out
	if beside || !a.OutTTY {
		out = a.Err
	}
	var b strings.Builder
	b.WriteString("\nSince then\n")
	for _, d := range c.Differs {
		fmt.Fprintf(&b, "  another %s\n", d)
	}
	for _, ch := range c.Changes {
		before, now := &ch.Before, &ch.Now
		word := "more"
		times := ch.Times
		if times < 1 {
			word, times = "less", 1/times
		}
		fmt.Fprintf(&b, "  %s, %s: %s %s, before %s %s: %.2f × %s\n", ch.Name, ch.Side, now.Text(ch.Unit), now.Ends(ch.Unit),
			before.Text(ch.Unit), before.Ends(ch.Unit), times, word)
	}
	if len(c.Missing) > 0 {
		fmt.Fprintf(&b, "  not measured then: %s\n", strings.Join(c.Missing, "; "))
	}
	fmt.Fprintf(&b, "  figures that changed beyond the spread: %d, that did not: %d\n", len(c.Changes), c.Same)
	if c.Unknown > 0 {
		fmt.Fprintf(&b, "  figures that cannot be compared: %d: one round shows no spread, measure both with --rounds\n", c.Unknown)
	}
	_, err := fmt.Fprint(out, terminal.Safe(strings.ReplaceAll(b.String(), " , ", ", ")))
	return err
}
