package page

import (
	"bufio"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// attr is what a span looks like: a colour in the low three bits (0 is the terminal's own), and flags.
type attr uint8

const (
	green   attr = 2
	blue    attr = 4
	magenta attr = 5
	cyan    attr = 6
	colours attr = 7

	bold      attr = 1 << 3
	dim       attr = 1 << 4
	italic    attr = 1 << 5
	underline attr = 1 << 6
)

// with adds to a the flags of b, and its colour if it has one.
func (a attr) with(b attr) attr {
	if b&colours != 0 {
		a &^= colours
	}
	return a | b
}

// escape returns the code that switches from plain to a.
func (a attr) escape() string {
	code := make([]byte, 0, 16)
	code = append(code, "\x1b["...)
	for i, flag := range [...]attr{bold, dim, italic, underline} {
		if a&flag != 0 {
			code = append(code, '1'+byte(i), ';')
		}
	}
	if c := a & colours; c != 0 {
		code = append(code, '3', '0'+byte(c), ';')
	}
	code[len(code)-1] = 'm'
	return string(code)
}

// span is a run of text of one look. Its text is printable.
type span struct {
	text string
	attr attr
}

// line is one row on the screen, without its newline.
type line []span

// add appends text, to the last span if it looks the same.
func (l line) add(text string, a attr) line {
	if text == "" {
		return l
	}
	if n := len(l); n > 0 && l[n-1].attr == a {
		l[n-1].text += text
		return l
	}
	return append(l, span{text, a})
}

// trim drops the blanks at the end.
func (l line) trim() line {
	for n := len(l); n > 0; n-- {
		l[n-1].text = strings.TrimRight(l[n-1].text, " ")
		if l[n-1].text != "" {
			break
		}
		l = l[:n-1]
	}
	return l
}

func (l line) width() int {
	n := 0
	for _, s := range l {
		n += textWidth(s.text)
	}
	return n
}

func (l line) write(out *bufio.Writer, color bool) {
	for _, s := range l {
		if !color || s.attr == 0 || s.attr&underline == 0 && strings.Trim(s.text, " ") == "" {
			out.WriteString(s.text)
			continue
		}
		out.WriteString(s.attr.escape())
		out.WriteString(s.text)
		out.WriteString("\x1b[0m")
	}
}

// indent puts n blank columns before every line that is not empty.
func indent(lines []line, n int) []line {
	blank := span{text: strings.Repeat(" ", n)}
	for i, l := range lines {
		if len(l) > 0 && n > 0 {
			lines[i] = append(line{blank}, l...)
		}
	}
	return lines
}

func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth returns the columns that terminals give to a printable rune. They add up runes; so do we.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf),
		r >= 0x1160 && r <= 0x11ff: // Hangul vowels and finals join the syllable before
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
