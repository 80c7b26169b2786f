package watch

import (
	"bufio"
	"bytes"
	"cmp"
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
	head   string // the file, and when it was saved; "": nothing was judged yet
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

// narrow is the width below which the two columns stand one above the other, and endless that of a pipe: nothing is cut there.
const (
	narrow  = 80
	endless = 1 << 20
)

// judging says that a file was saved and is judged. The last result stays.
func (s *screen) judging(saved string) error {
	what := path.Base(saved) + " saved "
	if s.head == "" {
		what = "begun " // nothing was saved yet
	}
	s.head, s.busy = what+time.Now().Format(time.TimeOnly), true
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
	if s.columns, s.rows = endless, 0; tty {
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
			head = append(head, folded("mended: "+fault, terminal.Green, s.columns)...)
		}
	}
	var below []terminal.Line
	for _, text := range r.Below {
		below = append(below, folded(text, 0, s.columns)...)
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

// folded divides a text into lines of a width, at blanks where it has any.
func folded(text string, look terminal.Look, width int) []terminal.Line {
	text = terminal.Safe(strings.ReplaceAll(text, "\t", "    "))
	var all []terminal.Line
	for _, part := range terminal.WrapWhole(text, width) {
		if terminal.Width(part) <= width {
			all = append(all, terminal.Line{{Text: part, Look: look}})
			continue
		}
		for _, line := range terminal.Fold(part, width) {
			all = append(all, terminal.Line{{Text: line, Look: look}})
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
		mark, a, b := terminal.Look(0), terminal.Look(0), terminal.Look(0)
		switch {
		case i == r.At:
			mark, a, b = terminal.Bold|terminal.Red, terminal.Bold|terminal.Green, terminal.Bold|terminal.Red
			row.Expected, row.Got = cmp.Or(row.Expected, "(nothing)"), cmp.Or(row.Got, "(it did not come)")
		case row.Bad:
			b = terminal.Red
		}
		begin := terminal.Line{}.Add("  ", 0)
		if i == r.At {
			begin = terminal.Line{}.Add("» ", mark)
		}
		switch {
		case beside && i == r.At:
			all = append(all, columnsOf(begin, folded(row.Expected, a, left), folded(row.Got, b, right), left+gap)...)
		case beside:
			all = append(all, columnsOf(begin, []terminal.Line{terminal.Text(a, row.Expected).Cut(left)}, []terminal.Line{terminal.Text(b, row.Got).Cut(right)}, left+gap)...)
		case i == r.At || row.Bad:
			const label = len("promised  ")
			room := max(10, s.columns-marks-label)
			all = append(all, columnsOf(begin, []terminal.Line{terminal.Text(terminal.Dim, "promised")}, folded(cmp.Or(row.Expected, "(nothing)"), a, room), label)...)
			all = append(all, columnsOf(terminal.Line{}.Add("  ", 0), []terminal.Line{terminal.Text(terminal.Dim, "came")}, folded(row.Got, b, room), label)...)
		default:
			all = append(all, append(begin, terminal.Text(b, row.Got)...))
		}
	}
	return all
}

// columnsOf sets lines beside others, which begin width columns further, behind a mark.
func columnsOf(mark terminal.Line, left, right []terminal.Line, width int) []terminal.Line {
	var all []terminal.Line
	for i := range max(len(left), len(right)) {
		l, used := slices.Clone(mark), 0
		if i > 0 {
			l = terminal.Line{}.Add("  ", 0)
		}
		if i < len(left) {
			l, used = append(l, left[i]...), left[i].Width()
		}
		l = l.Add(strings.Repeat(" ", max(0, width-used)), 0)
		if i < len(right) {
			l = append(l, right[i]...)
		}
		all = append(all, l.Trim())
	}
	return all
}
