package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is what a line break cannot divide, unless it is wider than the line.
type word struct {
	Line
	width int
	gap   string // the blank before it, dropped at the start of a line
	look  Look   // of the gap: an underlined phrase is underlined throughout
	brk   bool   // a line break must come before it
}

// Wrap lays prose out in lines of at most width columns. A line break in a span is one in the result, a run of blanks counts as
// one, and a word that is wider than a line is divided, after a / or the like if it can be. A URL is never divided: it would no
// longer work.
func Wrap(spans []Span, width int) []Line { return wrap(spans, width, false) }

// WrapWhole lays out what a program says in lines of at most width columns. It breaks at blanks only; blanks inside a line are
// kept, because it may be a row of a table, and a word that is wider than a line stands alone, undivided, so that it can be
// copied. There is one line at least.
func WrapWhole(text string, width int) []string {
	if Width(text) <= width && !strings.Contains(text, "\n") {
		return []string{text}
	}
	var lines []string
	for _, l := range wrap([]Span{{Text: text}}, width, true) {
		lines = append(lines, l.Trim().text())
	}
	if lines == nil {
		lines = []string{""}
	}
	return lines
}

// Fold divides text anywhere into lines of at most width columns; a character that is wider has a line of its own. There is one
// line at least.
func Fold(text string, width int) []string {
	lines, used := []string{""}, 0
	for _, r := range text {
		n := RuneWidth(r)
		if used+n > width && used > 0 {
			lines, used = append(lines, ""), 0
		}
		lines[len(lines)-1] += string(r)
		used += n
	}
	return lines
}

func (l Line) text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

func wrap(spans []Span, width int, whole bool) []Line {
	var (
		lines []Line
		cur   Line
		used  int
	)
	width = max(width, 1)
	for i, w := range words(spans, whole) {
		switch {
		case i == 0 && whole:
			cur, used = cur.Add(w.gap, w.look), len(w.gap)
		case i > 0 && !w.brk && used+len(w.gap)+w.width <= width:
			cur = cur.Add(w.gap, w.look)
			used += len(w.gap)
		case i > 0:
			lines = append(lines, cur)
			cur, used = nil, 0
		}
		for used == 0 && w.width > width && !whole && !w.isURL() {
			var head word
			head, w = w.cut(width)
			lines = append(lines, head.Line)
		}
		for _, s := range w.Line {
			cur = cur.Add(s.Text, s.Look)
		}
		used += w.width
	}
	if cur != nil {
		lines = append(lines, cur)
	}
	return lines
}

// words divides spans at blanks and, unless words are to stay whole, after dashes and between wide characters, which are written
// without blanks.
func words(spans []Span, whole bool) []word {
	var (
		all  []word
		cur  word
		prev rune // the character before in the same word, 0 at its start
	)
	finish := func() {
		if cur.width > 0 || len(cur.Line) > 0 {
			all = append(all, cur)
			cur = word{}
		}
		prev = 0
	}
	for _, s := range spans {
		start := 0
		flush := func(end int) {
			if start < end {
				if cur.gap != "" && cur.width == 0 && len(cur.Line) == 0 && cur.look != s.Look {
					cur.look = 0
				}
				text := s.Text[start:end]
				cur.Line = cur.Add(text, s.Look)
				cur.width += Width(text)
			}
			start = end
		}
		for i, r := range s.Text {
			switch {
			case r == '\n':
				flush(i)
				finish()
				cur = word{brk: true}
				start = i + 1
			case r == ' ' || r == '\t':
				flush(i)
				finish()
				switch {
				case whole:
					cur.gap, cur.look = cur.gap+string(r), s.Look
				case !cur.brk && cur.gap == "":
					cur.gap, cur.look = " ", s.Look
				}
				start = i + 1
			case prev != 0 && !whole && mayBreak(prev, r):
				flush(i)
				finish()
				prev = r
			case RuneWidth(r) > 0:
				prev = r
			}
		}
		flush(len(s.Text))
	}
	finish()
	return all
}

// mayBreak reports whether a line may end between a and b, which no blank divides.
func mayBreak(a, b rune) bool {
	switch {
	case RuneWidth(b) == 0 || unicode.In(b, unicode.Pe, unicode.Pf, unicode.Po, unicode.Pd),
		unicode.In(a, unicode.Ps, unicode.Pi):
		return false
	case a == '—':
		return true
	}
	return RuneWidth(a) == 2 && b > unicode.MaxASCII || RuneWidth(b) == 2 && a > unicode.MaxASCII
}

func (w word) isURL() bool {
	for _, s := range w.Line {
		if strings.Contains(s.Text, "://") {
			return true
		}
	}
	return false
}

// soft reports whether a word too wide for its line had best be divided after r.
func soft(r rune) bool {
	return r < unicode.MaxASCII && strings.ContainsRune(`./\_-,:;=&?|()[]{}`, r)
}

// endsSoft reports whether w ends where a word is divided well.
func (w word) endsSoft() bool {
	text := w.Line[len(w.Line)-1].Text
	r, _ := utf8.DecodeLastRuneInString(text)
	return soft(r)
}

// cut divides w so that the head has at most width columns, and one character at least.
func (w word) cut(width int) (head, rest word) {
	type place struct{ span, byte, col int }
	var (
		col        int
		hard, good place
	)
scan:
	for i, s := range w.Line {
		for j, r := range s.Text {
			n := RuneWidth(r)
			if col+n > width && col > 0 && n > 0 {
				hard = place{i, j, col}
				break scan
			}
			col += n
			if soft(r) {
				good = place{i, j + 1, col} // soft characters are one byte each
			}
		}
	}
	if hard.col == 0 {
		return w, word{}
	}
	at := hard
	if good.col >= width/3 && good.col > 0 {
		at = good
	}
	for i, s := range w.Line {
		switch {
		case i < at.span:
			head.Line = head.Line.Add(s.Text, s.Look)
		case i > at.span:
			rest.Line = rest.Line.Add(s.Text, s.Look)
		default:
			head.Line = head.Line.Add(s.Text[:at.byte], s.Look)
			rest.Line = rest.Line.Add(s.Text[at.byte:], s.Look)
		}
	}
	head.width, rest.width = at.col, w.width-at.col
	return head, rest
}

// smallest is the width that spans need at least: that of the widest piece if words are divided where that reads well.
func smallest(spans []Span) int {
	const most = 16 // columns; a longer piece is divided anywhere
	widest := 0
	for _, w := range words(spans, false) {
		if w.isURL() {
			widest = max(widest, w.width)
			continue
		}
		piece := 0
		for _, s := range w.Line {
			for _, r := range s.Text {
				piece += RuneWidth(r)
				widest = max(widest, min(piece, most))
				if soft(r) {
					piece = 0
				}
			}
		}
	}
	return widest
}

// FoldLines folds each line at blanks; what is left of it stands further in. Lines with tabs, which are those of a stack, stay.
func FoldLines(text string, width int) string {
	var folded []string
	for line := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(body)]
		if strings.Contains(line, "\t") || Width(line) <= width {
			folded = append(folded, line)
			continue
		}
		for i, part := range WrapWhole(body, max(20, width-len(indent)-2)) {
			if i > 0 {
				part = "  " + part
			}
			folded = append(folded, indent+part)
		}
	}
	return strings.Join(folded, "\n")
}
