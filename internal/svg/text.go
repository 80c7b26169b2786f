package svg

import (
	"strings"
	"unicode"

	"cookbook/internal/terminal"
)

// Width estimates how many pixels a text of this size takes. The fonts of readers differ, so it is the width in a wide one:
// for most readers the text takes less.
func Width(text string, size float64) float64 {
	em := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iIjltf.,:;'|!()[]/ ", r):
			em += 0.38
		case strings.ContainsRune("mwMW@%—…", r):
			em += 0.98
		case r > unicode.MaxLatin1 && terminal.RuneWidth(r) != 1:
			em += float64(terminal.RuneWidth(r)) / 2
		case unicode.IsUpper(r):
			em += 0.74
		default:
			em += 0.62
		}
	}
	return em * size
}

// Fit returns the text, cut so that it takes at most width pixels as Width counts them.
func Fit(text string, size, width float64) string {
	if Width(text, size) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && Width(string(runes)+"…", size) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// escape makes any text safe inside an SVG: terminal.Safe for what could hide or reorder the text around it, then XML's own
// rules. Line breaks become spaces.
func escape(text string) string {
	text = terminal.Safe(text)
	if !strings.ContainsAny(text, "&<>\"\n\t\ufffe\uffff") {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", " ", "\t", " ",
		"\ufffe", "\ufffd", "\uffff", "\ufffd").Replace(text)
}
