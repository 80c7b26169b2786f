package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// underscored is a name of a benchmark as go test prints it.
func underscored(name string) string { return strings.ReplaceAll(name, " ", "_") }

// A spread is what the rounds of a side gave.
type spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func spreadOf(figures []float64) *spread {
	if len(figures) == 0 {
		return nil
	}
	return &spread{median(figures), slices.Min(figures), slices.Max(figures)}
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

type limitsReport struct {
	Go     string      `json:"go"`
	Python string      `json:"python,omitempty"`
	CPUs   int         `json:"cpus"`
	Load   *float64    `json:"load"`
	Rounds int         `json:"rounds"`
	Rows   []limitsRow `json:"rows"`
}

// A limitsRow has nil for what could not be measured here, or has no ratio to reach; Missing says why it could not.
type limitsRow struct {
	Operation string   `json:"operation"`
	Here      *spread  `json:"here"`
	Beside    *spread  `json:"beside"`
	What      string   `json:"what"`
	Metric    string   `json:"metric"`
	Ratio     *float64 `json:"ratio"`
	AtMost    *float64 `json:"at_most"`
	Held      *bool    `json:"held"`
	Missing   string   `json:"missing,omitempty"`
	Remark    string   `json:"remark,omitempty"`
}

func runLimits(ctx context.Context, o options, all []row, m machine, stdout io.Writer) error {
	r := limitsReport{Go: runtime.Version(), CPUs: runtime.NumCPU(), Load: m.load(), Rounds: o.rounds}
	results, python, err := measure(ctx, o, all, m)
	if err != nil {
		return err
	}
	r.Python = python
	for _, got := range results {
		w := limitsRow{Operation: got.operation, Here: spreadOf(got.hereFigures), Beside: spreadOf(got.besideFigures), What: got.what,
			Metric: got.here.metric, Missing: got.missing, Remark: got.remark}
		if got.atMost > 0 {
			w.AtMost = &got.atMost
		}
		if w.Here != nil && w.Beside != nil {
			ratio := w.Here.Median / w.Beside.Median
			w.Ratio = &ratio
			if w.AtMost != nil {
				held := ratio <= got.atMost
				w.Held = &held
			}
		}
		r.Rows = append(r.Rows, w)
	}
	if o.json {
		return writeJSON(stdout, r)
	}
	_, err = io.WriteString(stdout, r.text(m.columns))
	return err
}

// text is the report for a terminal of so many columns; 0: for none.
func (r limitsReport) text(columns int) string {
	var b strings.Builder
	by := r.Go
	if r.Python != "" {
		by += " and " + r.Python
	}
	say := func(text string) { writeText(&b, columns, "", text) }
	t := [][]string{{"WORK", "HERE", "", "BESIDE", "", "WHAT", "RATIO", "TO REACH", ""}}
	held, missed, notMeasured := 0, 0, 0
	var notes []string
	note := func(w limitsRow, text string) {
		if text != "" {
			notes = append(notes, w.Operation+": "+text+".")
		}
	}
	for _, w := range r.Rows {
		verdict := ""
		switch {
		case w.Ratio == nil:
			verdict = "not measured"
			notMeasured++
		case w.Held == nil:
		case *w.Held:
			verdict = "held"
			held++
		default:
			verdict = missedBy(*w.Ratio / *w.AtMost)
			missed++
		}
		atMost := ""
		if w.AtMost != nil {
			atMost = fmt.Sprintf("≤ %g", *w.AtMost)
		}
		t = append(t, []string{w.Operation, w.Here.middle(w.Metric), w.Here.ends(w.Metric), w.Beside.middle(w.Metric), w.Beside.ends(w.Metric),
			w.What, figure(w.Ratio), atMost, verdict})
		note(w, w.Missing)
		if w.Held != nil && !*w.Held {
			note(w, w.Remark)
		}
	}
	spreads := "Medians, in brackets the least and the most."
	if columns > 0 && tableWidth(t) > columns {
		spreads = "Medians. The terminal is too narrow for the least and the most: they are in a file or a pipe, and with --json."
		for _, row := range t {
			row[2], row[4] = "", ""
		}
	}
	say(fmt.Sprintf("%s on %s/%s, %d CPUs, rounds in turn: %d. %s", by, runtime.GOOS, runtime.GOARCH, r.CPUs, r.Rounds, spreads))
	say(describeLoad(r.Load))
	say("RATIO is HERE divided by BESIDE: a small one is good. TO REACH is the largest that is asked for.")
	b.WriteString("\n")
	writeTable(&b, columns, t, 1, 3, 6)
	b.WriteString("\n")
	say(fmt.Sprintf("Ratios to reach: %d held, %d missed. Not measured here: %d.", held, missed, notMeasured))
	for _, n := range notes {
		say(n)
	}
	return b.String()
}

// missedBy says by how much a ratio is above the one to reach.
func missedBy(times float64) string {
	if times >= 2 {
		return fmt.Sprintf("missed: %.1f times that", times)
	}
	return fmt.Sprintf("missed by %.0f %%", 100*(times-1))
}

func (s *spread) middle(metric string) string {
	if s == nil {
		return "-"
	}
	return quantity(s.Median, metric)
}

func (s *spread) ends(metric string) string {
	if s == nil {
		return ""
	}
	least, most := quantity(s.Least, metric), quantity(s.Most, metric)
	number, unit, _ := strings.Cut(least, " ")
	if strings.HasSuffix(most, " "+unit) {
		least = number
	}
	if least+" "+unit == most {
		return ""
	}
	return "(" + least + "–" + most + ")"
}

// quantity prints a figure with three digits and a unit that people read: ns/op as a time, B/task as a size.
func quantity(v float64, metric string) string {
	units := []string{"ns", "µs", "ms", "s"}
	if strings.HasPrefix(metric, "B/") {
		units = []string{"B", "KB", "MB", "GB"}
	}
	for v >= 999.5 && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	return figure(&v) + " " + units[0]
}
