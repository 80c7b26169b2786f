package page

import (
	"fmt"
	"html"
	"strings"

	"cookbook/internal/terminal"
)

// Class is the class of what looks so in source code; "": none. A style sheet has k (keywords), s (strings), n (numbers and names of
// the language), c (comments), d (names that are declared here), f (decorators) and t (what is typed).
func Class(look terminal.Look) string {
	switch look {
	case keyword:
		return "k"
	case literal:
		return "s"
	case number: // and builtin
		return "n"
	case comment:
		return "c"
	case declared:
		return "d"
	case terminal.Blue:
		return "f"
	case terminal.Bold, terminal.Bold | literal:
		return "t"
	}
	return ""
}

// Code is source code as HTML: go, python or sh; other languages have nothing highlighted.
func Code(src, name string) string {
	var b strings.Builder
	for i, line := range split(src, language(name)(src)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		writeSpans(&b, line)
	}
	return b.String()
}

// CodeLines is source code as HTML in which each line is a span of its own, of class l. Its id is prefix and the line's number. What
// indents the line is a span within it, of class i, so that a page can wrap the rest beside it.
func CodeLines(src []byte, name, prefix string) string {
	clean := terminal.Safe(strings.TrimRight(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n"))
	return SpanLines(split(clean, language(name)(clean)), prefix)
}

// SpanLines is [CodeLines] of what is highlighted already.
func SpanLines(lines []terminal.Line, prefix string) string {
	var b strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&b, `<span class="l" id="%s%d">`, prefix, i+1)
		if len(line) > 0 {
			first := line[0].Text
			if indent := first[:len(first)-len(strings.TrimLeft(first, "\t "))]; indent != "" {
				fmt.Fprintf(&b, `<span class="i">%s</span>`, indent)
				line = append(terminal.Line{{Text: first[len(indent):], Look: line[0].Look}}, line[1:]...)
			}
		}
		b.WriteString("<span>")
		writeSpans(&b, line)
		b.WriteString("\n</span></span>")
	}
	return b.String()
}

func writeSpans(b *strings.Builder, line terminal.Line) {
	for _, s := range line {
		text := html.EscapeString(s.Text)
		if class := Class(s.Look); class != "" && text != "" {
			fmt.Fprintf(b, `<span class="%s">%s</span>`, class, text)
		} else {
			b.WriteString(text)
		}
	}
}

// split divides src into lines, and these where its marks begin and end.
func split(src string, marks []mark) []terminal.Line {
	lines := []terminal.Line{nil}
	draw := func(text string, look terminal.Look) {
		for i, part := range strings.Split(text, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			lines[len(lines)-1] = lines[len(lines)-1].Add(part, look)
		}
	}
	at := 0
	for _, m := range marks {
		m.start, m.end = max(m.start, at), min(m.end, len(src))
		if m.start >= m.end {
			continue
		}
		draw(src[at:m.start], 0)
		draw(src[m.start:m.end], m.look)
		at = m.end
	}
	draw(src[at:], 0)
	return lines
}
