package terminal

import (
	"bufio"
	"io"
)

// Printer prints records: on a terminal as rows of a table below a header, in a pipe as fields separated by tabs, without a
// header, for programs to read. Rows are printed as they come, so the width of the columns is settled before: see Measure.
type Printer struct {
	Style
	TTY   bool    // w is a terminal
	Align []Align // by column
	Wrap  bool    // wrap the last column's cells at blanks, as WrapWhole does, rather than cut them
	Least int     // leave the last column out if it would be narrower than this

	w      *bufio.Writer
	head   []Line
	widths []int
	fixed  bool
}

const printerGap = 2 // blank columns between two of the table

// NewPrinter returns a printer on w of a table with these headers.
func NewPrinter(w io.Writer, tty bool, s Style, head ...string) *Printer {
	p := &Printer{Style: s, TTY: tty, w: bufio.NewWriter(w)}
	for _, h := range head {
		p.head = append(p.head, Line{{h, Dim}})
	}
	p.widths = make([]int, len(head))
	p.Measure(p.head...)
	return p
}

// Measure makes the columns wide enough for a row that will come.
func (p *Printer) Measure(cells ...Line) {
	for i, c := range cells {
		p.widths[i] = max(p.widths[i], c.natural())
	}
}

// settle gives the last column what the others leave of the line, but 10 columns at least.
func (p *Printer) settle() {
	if p.fixed {
		return
	}
	p.fixed = true
	used := 0
	for _, w := range p.widths[:len(p.widths)-1] {
		used += w + printerGap
	}
	last := len(p.widths) - 1
	if last > 0 && p.Least > 0 && min(p.widths[last], p.Columns()-used) < p.Least {
		p.widths = p.widths[:last]
		last--
		used -= p.widths[last] + printerGap
	}
	p.widths[last] = min(p.widths[last], max(10, p.Columns()-used))
}

// Header prints the headers, on a terminal.
func (p *Printer) Header() error {
	if !p.TTY {
		return nil
	}
	return p.row(p.head)
}

// Row prints a record: on a terminal its cells, in a pipe its fields. A field is made safe, and fits on one line.
func (p *Printer) Row(cells []Line, fields ...string) error {
	if p.TTY {
		return p.row(cells)
	}
	for i, f := range fields {
		if i > 0 {
			p.w.WriteByte('\t')
		}
		p.w.WriteString(Safe(OneLine(f)))
	}
	p.w.WriteByte('\n')
	return p.w.Flush()
}

func (p *Printer) row(cells []Line) error {
	p.settle()
	cells = cells[:len(p.widths)]
	columns := make([][]Line, len(cells))
	last := len(cells) - 1
	for i, c := range cells {
		if i == last && p.Wrap {
			columns[i] = wrap(c, p.widths[i], true)
		} else {
			columns[i] = []Line{c.Cut(p.widths[i])}
		}
	}
	for _, l := range layOut(columns, p.widths, p.Align, printerGap) {
		l.WriteTo(p.w, p.Color)
		p.w.WriteByte('\n')
	}
	return p.w.Flush()
}

// Text is a cell, or a line, of one look, made [Safe].
func Text(look Look, text string) Line { return Line{{Safe(text), look}} }
