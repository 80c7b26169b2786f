package page

import (
	"strings"
	"unicode"
)

// word is what a line break cannot divide, unless it is wider than the line.
type word struct {
	line
	width int
	gap   string // the blank before it, dropped at the start of a line
	look  attr   // of the gap: an underlined phrase is underlined throughout
	brk   bool   // a line break must come before it
}

// wrap lays spans out in lines of at most width columns. A newline in a span is a hard break.
// A URL is never divided: it would no longer work.
func wrap(spans []span, width int) []line {
	var (
		lines []line
		cur   line
		used  int
	)
	width = max(width, 1)
	for i, w := range words(spans) {
		switch {
		case i > 0 && !w.brk && used+len(w.gap)+w.width <= width:
			cur = cur.add(w.gap, w.look)
			used += len(w.gap)
		case i > 0:
			lines = append(lines, cur)
			cur, used = nil, 0
		}
		for used == 0 && w.width > width && !w.isURL() {
			var head word
			head, w = w.cut(width)
			lines = append(lines, head.line)
		}
		for _, s := range w.line {
			cur = cur.add(s.text, s.attr)
		}
		used += w.width
	}
	if cur != nil {
		lines = append(lines, cur)
	}
	return lines
}

// words divides spans at blanks, after dashes, and between wide characters, which are written without blanks.
func words(spans []span) []word {
	var (
		all  []word
		cur  word
		prev rune // the character before in the same word, 0 at its start
	)
	finish := func() {
		if cur.width > 0 || len(cur.line) > 0 {
			all = append(all, cur)
			cur = word{}
		}
		prev = 0
	}
	for _, s := range spans {
		start := 0
		flush := func(end int) {
			if start < end {
				if cur.gap != "" && cur.width == 0 && len(cur.line) == 0 && cur.look != s.attr {
					cur.look = 0
				}
				text := s.text[start:end]
				cur.line = cur.add(text, s.attr)
				cur.width += textWidth(text)
			}
			start = end
		}
		for i, r := range s.text {
			switch {
			case r == '\n':
				flush(i)
				finish()
				cur = word{brk: true}
				start = i + 1
			case r == ' ' || r == '\t':
				flush(i)
				finish()
				if !cur.brk && cur.gap == "" {
					cur.gap, cur.look = " ", s.attr
				}
				start = i + 1
			case prev != 0 && mayBreak(prev, r):
				flush(i)
				finish()
				prev = r
			case runeWidth(r) > 0:
				prev = r
			}
		}
		flush(len(s.text))
	}
	finish()
	return all
}

// mayBreak reports whether a line may end between a and b, which no blank divides.
func mayBreak(a, b rune) bool {
	switch {
	case runeWidth(b) == 0 || unicode.In(b, unicode.Pe, unicode.Pf, unicode.Po, unicode.Pd),
		unicode.In(a, unicode.Ps, unicode.Pi):
		return false
	case a == '—':
		return true
	}
	return runeWidth(a) == 2 && b > unicode.MaxASCII || runeWidth(b) == 2 && a > unicode.MaxASCII
}

func (w word) isURL() bool {
	for _, s := range w.line {
		if strings.Contains(s.text, "://") {
			return true
		}
	}
	return false
}

// soft reports whether a word too wide for its line had best be divided after r.
func soft(r rune) bool {
	return r < unicode.MaxASCII && strings.ContainsRune(`./\_-,:;=&?|)]}`, r)
}

// cut divides w so that the head has at most width columns, and one character at least.
func (w word) cut(width int) (head, rest word) {
	type place struct{ span, byte, col int }
	var (
		col        int
		hard, good place
	)
scan:
	for i, s := range w.line {
		for j, r := range s.text {
			n := runeWidth(r)
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
	for i, s := range w.line {
		switch {
		case i < at.span:
			head.line = head.add(s.text, s.attr)
		case i > at.span:
			rest.line = rest.add(s.text, s.attr)
		default:
			head.line = head.add(s.text[:at.byte], s.attr)
			rest.line = rest.add(s.text[at.byte:], s.attr)
		}
	}
	head.width, rest.width = at.col, w.width-at.col
	return head, rest
}

// longest returns the widest word of spans, whole and when divided where that reads well.
func longest(spans []span) (whole, divided int) {
	const most = 24 // columns; a longer piece is divided anywhere
	for _, w := range words(spans) {
		whole = max(whole, w.width)
		if w.isURL() {
			divided = max(divided, w.width)
			continue
		}
		piece := 0
		for _, s := range w.line {
			for _, r := range s.text {
				piece += runeWidth(r)
				divided = max(divided, min(piece, most))
				if soft(r) {
					piece = 0
				}
			}
		}
	}
	return whole, divided
}
