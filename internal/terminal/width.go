package terminal

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Width is the number of columns that text takes. Escape codes of colour take none.
func Width(text string) int {
	n, escape := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n += RuneWidth(r)
		}
	}
	return n
}

// RuneWidth is the number of columns that terminals give to a printable character: 0, 1 or 2. They add up characters, so é as
// e and U+0301 takes one.
func RuneWidth(r rune) int {
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

// Pad fills text with blanks to n columns. A longer text is cut, and its last column says so by "…".
func Pad(text string, n int) string {
	if w := Width(text); w <= n {
		return text + strings.Repeat(" ", n-w)
	}
	var b strings.Builder
	used := 0
	for _, r := range text {
		if used+RuneWidth(r) > n-1 {
			break
		}
		b.WriteRune(r)
		used += RuneWidth(r)
	}
	if n < 1 {
		return ""
	}
	return b.String() + "…" + strings.Repeat(" ", n-1-used)
}

// Cut is text in at most n columns, cut as by [Pad].
func Cut(text string, n int) string { return strings.TrimRight(Pad(text, min(n, Width(text))), " ") }
