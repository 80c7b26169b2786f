package terminal

import (
	"bufio"
	"strings"
)

// Style says how to draw.
type Style struct {
	Width int  // columns of the terminal; 80 if not positive
	Color bool // false: not one escape code
}

// Columns is the width to draw for.
func (s Style) Columns() int {
	if s.Width <= 0 {
		return 80
	}
	return s.Width
}

// Paint is text with the codes of a look around it, if the style has colour.
func (s Style) Paint(look Look, text string) string {
	if !s.Color || text == "" || look == 0 {
		return text
	}
	return look.escape() + text + "\x1b[0m"
}

// Look is what text looks like: a colour in the low three bits (0 is the terminal's own), and flags. The colours are those that
// read on light and on dark grounds.
type Look uint8

// The looks. One colour and any flags go together, as in Bold | Green.
const (
	Red     Look = 1
	Green   Look = 2
	Yellow  Look = 3
	Blue    Look = 4
	Magenta Look = 5
	Cyan    Look = 6
	colours Look = 7

	Bold      Look = 1 << 3
	Dim       Look = 1 << 4
	Italic    Look = 1 << 5
	Underline Look = 1 << 6
)

// With adds to l the flags of more, and its colour if it has one.
func (l Look) With(more Look) Look {
	if more&colours != 0 {
		l &^= colours
	}
	return l | more
}

// escape returns the code that switches from plain to l.
func (l Look) escape() string {
	code := make([]byte, 0, 16)
	code = append(code, "\x1b["...)
	for i, flag := range [...]Look{Bold, Dim, Italic, Underline} {
		if l&flag != 0 {
			code = append(code, '1'+byte(i), ';')
		}
	}
	if c := l & colours; c != 0 {
		code = append(code, '3', '0'+byte(c), ';')
	}
	code[len(code)-1] = 'm'
	return string(code)
}

// Palette gives each name a look of its own, in the order in which they are met. The zero value has given none.
type Palette struct {
	looks map[string]Look
	given int
}

// Set gives a name a certain look.
func (p *Palette) Set(name string, look Look) {
	if p.looks == nil {
		p.looks = map[string]Look{}
	}
	p.looks[name] = look
}

// Look returns the look of a name. There are eight; then they begin anew.
func (p *Palette) Look(name string) Look {
	look, known := p.looks[name]
	if !known {
		look = [...]Look{Cyan, Magenta, Green, Blue, Bold | Cyan, Bold | Magenta, Bold | Green, Bold | Blue}[p.given%8]
		p.given++
		p.Set(name, look)
	}
	return look
}

// Span is a run of text of one look. Its text is safe; see [Safe].
type Span struct {
	Text string
	Look Look
}

// Line is one row on the screen, without its line break.
type Line []Span

// Add appends text, to the last span if it looks the same.
func (l Line) Add(text string, look Look) Line {
	if text == "" {
		return l
	}
	if n := len(l); n > 0 && l[n-1].Look == look {
		l[n-1].Text += text
		return l
	}
	return append(l, Span{text, look})
}

// Trim drops the blanks at the end.
func (l Line) Trim() Line {
	for n := len(l); n > 0; n-- {
		l[n-1].Text = strings.TrimRight(l[n-1].Text, " ")
		if l[n-1].Text != "" {
			break
		}
		l = l[:n-1]
	}
	return l
}

// Width is the number of columns that the line takes.
func (l Line) Width() int {
	n := 0
	for _, s := range l {
		n += Width(s.Text)
	}
	return n
}

// Cut is the line in at most n columns; a longer one is cut, and its last column says so by "…".
func (l Line) Cut(n int) Line {
	if l.Width() <= n {
		return l
	}
	var cut Line
	for _, s := range l {
		if w := Width(s.Text); w < n {
			cut, n = append(cut, s), n-w
			continue
		}
		return cut.Add(Pad(s.Text+"…", n), s.Look).Trim()
	}
	return cut
}

// natural is the width of the widest line if the line is divided at its line breaks only.
func (l Line) natural() int {
	most, n := 0, 0
	for _, s := range l {
		for i, part := range strings.Split(s.Text, "\n") {
			if i > 0 {
				n = 0
			}
			n += Width(part)
			most = max(most, n)
		}
	}
	return most
}

// WriteTo writes the line, with escape codes if color says so.
func (l Line) WriteTo(out *bufio.Writer, color bool) {
	for _, s := range l {
		if !color || s.Look == 0 || s.Look&Underline == 0 && strings.Trim(s.Text, " ") == "" {
			out.WriteString(s.Text)
			continue
		}
		out.WriteString(s.Look.escape())
		out.WriteString(s.Text)
		out.WriteString("\x1b[0m")
	}
}

// Indent puts n blank columns before every line that is not empty.
func Indent(lines []Line, n int) []Line {
	blank := Span{Text: strings.Repeat(" ", n)}
	for i, l := range lines {
		if len(l) > 0 && n > 0 {
			lines[i] = append(Line{blank}, l...)
		}
	}
	return lines
}
