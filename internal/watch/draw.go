package watch

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"cookbook/internal/terminal"
)

// screen shows results: on a terminal in place, in a pipe one below the other.
type screen struct {
	Options
	head   string // the file, and when it was saved
	busy   bool   // the result below is that of the save before
	result Result
	mended []string // the faults since all was kept, and, if it is again, what was mended

	// The window on the rows: while the same promise is broken, it begins with the same row.
	fault string
	first int
	row   string // what the promise has there

	columns, rows int // as drawn last
}

// How many rows are shown in a pipe, and at most on a terminal.
const (
	rowsInPipe = 7
	mostRows   = 15
)

// narrow is the width below which the two columns stand one above the other.
const narrow = 80

// judging says that a file was saved and is judged. The last result stays.
func (s *screen) judging(saved string) error {
	s.head, s.busy = path.Base(saved)+" saved "+time.Now().Format(time.TimeOnly), true
	if s.Size == nil {
		return nil
	}
	return s.draw()
}

// show shows a result.
func (s *screen) show(r Result) error {
	if s.result.State == Kept {
		s.mended = nil
	}
	s.busy, s.result = false, r
	if fault := r.fault(); fault != "" && !slices.Contains(s.mended, fault) {
		s.mended = append(s.mended, fault)
	}
	return s.draw()
}

// fault is what has to be mended, in a line; "": nothing.
func (r *Result) fault() string {
	switch {
	case r.State == Kept || r.State == Unjudged:
		return ""
	case r.Fault != "":
		return r.Fault
	}
	return "it " + map[State]string{Failed: "failed", Late: "did not end", Unbuilt: "did not compile", Broken: "was broken"}[r.State]
}

// resized draws again if the terminal has another size.
func (s *screen) resized() error {
	if s.Size == nil {
		return nil
	}
	if columns, rows := s.Size(); columns == s.columns && rows == s.rows {
		return nil
	}
	return s.draw()
}

func (s *screen) draw() error {
	var out bytes.Buffer
	tty, fresh := s.Size != nil, s.rows == 0 && s.columns == 0
	if s.columns, s.rows = narrow, 0; tty {
		s.columns, s.rows = s.Size()
		if fresh {
			out.WriteString(strings.Repeat("\n", s.rows)) // what stands there stays above
		}
		out.WriteString("\x1b[H")
	}
	w := bufio.NewWriter(&out)
	for _, l := range s.lines() {
		if tty {
			l = l.Cut(s.columns)
		}
		l.WriteTo(w, s.Color)
		if tty {
			w.WriteString("\x1b[K")
		}
		w.WriteByte('\n')
	}
	if tty {
		w.WriteString("\x1b[J")
	} else {
		w.WriteByte('\n')
	}
	w.Flush()
	_, err := s.Out.Write(out.Bytes())
	return err
}

// lines are all that is shown, not more than the terminal has rows for.
func (s *screen) lines() []terminal.Line {
	head := []terminal.Line{s.state()}
	r := &s.result
	if r.State == Kept && !s.busy {
		for _, fault := range s.mended {
			head = append(head, terminal.Text(terminal.Green, "mended: "+fault))
		}
	}
	var below []terminal.Line
	for _, text := range r.Below {
		below = append(below, s.folded(text)...)
	}
	room := rowsInPipe
	if s.rows > 0 {
		least := len(head) + 3 + min(len(below), s.rows/3) // with the blank lines and the heads of the columns
		room = max(1, min(mostRows, s.rows-1-least))
	}
	all := head
	if table := s.table(room); len(table) > 0 {
		all = append(append(all, nil), table...)
	}
	if len(below) > 0 {
		all = append(append(all, nil), below...)
	}
	if fit := max(1, s.rows-1); s.rows > 0 && len(all) > fit {
		left := len(all) - fit + 1
		if all = all[:fit]; fit > 1 {
			all[fit-1] = terminal.Text(terminal.Dim, fmt.Sprintf("… %d more lines", left))
		}
	}
	return all
}

// state is the first line.
func (s *screen) state() terminal.Line {
	r := &s.result
	l := terminal.Text(lookOf(r.State), string(r.State))
	if s.busy {
		l = terminal.Text(terminal.Dim, "running")
		return append(l, terminal.Span{Text: "  " + terminal.Safe(s.head)})
	}
	l = append(l, terminal.Span{Text: "  " + terminal.Safe(s.head)})
	if r.What != "" {
		l = append(l, terminal.Span{Text: " · " + terminal.Safe(r.What)})
	}
	return l
}

func lookOf(state State) terminal.Look {
	if state == Kept {
		return terminal.Bold | terminal.Green
	}
	return terminal.Bold | terminal.Red
}

// folded is a line of below as it fits on a terminal. In a pipe it stays whole.
func (s *screen) folded(text string) []terminal.Line {
	text = terminal.Safe(strings.ReplaceAll(text, "\t", "    "))
	if s.Size == nil {
		return []terminal.Line{{{Text: text}}}
	}
	var all []terminal.Line
	for _, part := range terminal.WrapWhole(text, s.columns) {
		for _, line := range terminal.Fold(part, s.columns) {
			all = append(all, terminal.Line{{Text: line}})
		}
	}
	return all
}

// window chooses the rows that are shown.
func (s *screen) window(room int) (first, end int) {
	r := &s.result
	rows := len(r.Rows)
	if r.At < 0 {
		return max(0, rows-room), rows
	}
	first = max(0, min(r.At-room/2, rows-room))
	if s.fault == r.Fault && s.fault != "" {
		for d := range rows { // the row that it began with may have moved
			if i := s.first - d; i >= 0 && i < rows && r.Rows[i].Expected == s.row {
				first = i
				break
			} else if i := s.first + d; i < rows && r.Rows[i].Expected == s.row {
				first = i
				break
			}
		}
		first = max(0, min(first, r.At), r.At-room+1)
	}
	s.fault, s.first, s.row = r.Fault, first, r.Rows[first].Expected
	return first, min(rows, first+room)
}

// table is the window on what is promised and what came.
func (s *screen) table(room int) []terminal.Line {
	r := &s.result
	if len(r.Rows) == 0 || r.State == Kept {
		return nil
	}
	left, right := 0, 0
	for _, row := range r.Rows {
		left, right = max(left, terminal.Width(row.Expected)), max(right, terminal.Width(row.Got))
	}
	const marks, gap = 2, 2
	free := s.columns - marks - gap
	left = max(len("promised"), min(left, max(free/2, free-right)))
	right = free - left
	first, end := s.window(room)
	beside := s.columns >= narrow
	var all []terminal.Line
	if beside {
		all = append(all, terminal.Line{}.Add("  ", 0).Add(terminal.Pad("promised", left+gap)+"came", terminal.Dim))
	}
	for i := first; i < end; i++ {
		row := r.Rows[i]
		a, b := cell(row.Expected, 0), cell(row.Got, 0)
		switch {
		case i == r.At:
			a, b = cell(row.Expected, terminal.Bold|terminal.Green), cell(row.Got, terminal.Bold|terminal.Red)
			if row.Expected == "" {
				a = cell("(nothing)", terminal.Dim)
			}
			if row.Got == "" {
				b = cell("(it did not come)", terminal.Bold|terminal.Red)
			}
		case row.Bad:
			b = cell(row.Got, terminal.Red)
		}
		mark := terminal.Line{}.Add("  ", 0)
		if i == r.At {
			mark = terminal.Line{}.Add("» ", terminal.Bold|terminal.Red)
		}
		switch {
		case beside:
			all = append(all, sideBySide(mark, a, b, left, right, gap, i == r.At)...)
		case i == r.At || row.Bad:
			all = append(all, labelled(mark, "promised  ", a, s.columns)...)
			all = append(all, labelled(terminal.Line{}.Add("  ", 0), "came      ", b, s.columns)...)
		default:
			all = append(all, append(mark, b...))
		}
	}
	return all
}

func cell(text string, look terminal.Look) terminal.Line { return terminal.Text(look, text) }

// sideBySide sets two cells side by side, folded if they are to stay whole, else cut.
func sideBySide(mark, a, b terminal.Line, left, right, gap int, whole bool) []terminal.Line {
	as, bs := []terminal.Line{a.Cut(left)}, []terminal.Line{b.Cut(right)}
	if whole {
		as, bs = fold(a, left), fold(b, right)
	}
	var all []terminal.Line
	for i := range max(len(as), len(bs)) {
		l := mark
		if i > 0 {
			l = terminal.Line{}.Add("  ", 0)
		}
		l = slices.Clone(l)
		used := 0
		if i < len(as) {
			l, used = append(l, as[i]...), as[i].Width()
		}
		l = append(l, terminal.Span{Text: strings.Repeat(" ", left-used+gap)})
		if i < len(bs) {
			l = append(l, bs[i]...)
		}
		all = append(all, l.Trim())
	}
	return all
}

// labelled is a cell behind a label, folded.
func labelled(mark terminal.Line, label string, c terminal.Line, columns int) []terminal.Line {
	var all []terminal.Line
	for i, l := range fold(c, max(10, columns-2-len(label))) {
		head := append(slices.Clone(mark), terminal.Span{Text: label, Look: terminal.Dim})
		if i > 0 {
			head = terminal.Line{{Text: strings.Repeat(" ", 2+len(label))}}
		}
		all = append(all, append(head, l...))
	}
	return all
}

// fold divides a cell of one look.
func fold(c terminal.Line, width int) []terminal.Line {
	var all []terminal.Line
	for _, text := range terminal.Fold(c[0].Text, width) {
		all = append(all, terminal.Line{{Text: text, Look: c[0].Look}})
	}
	return all
}
