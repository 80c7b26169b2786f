package page

import (
	"strings"

	"cookbook/internal/terminal"
)

// How the parts of a program look, in every language.
const (
	keyword  = terminal.Magenta
	literal  = terminal.Green
	number   = terminal.Cyan
	builtin  = terminal.Cyan
	comment  = terminal.Dim
	declared = terminal.Bold | terminal.Blue
)

// mark gives src[start:end] a look.
type mark struct {
	start, end int
	look       terminal.Look
}

// highlighter finds the parts of a source text that stand out, from first to last and not overlapping.
type highlighter func(src string) []mark

// language returns the highlighter for the word after a fence.
func language(name string) highlighter {
	switch strings.ToLower(name) {
	case "go", "golang":
		return goMarks
	case "py", "python", "python3":
		return pythonMarks
	case "sh", "bash", "zsh", "shell", "console", "shell-session", "shellsession":
		return shellMarks
	}
	return func(string) []mark { return nil }
}

// codeLines lays code out line by line, whatever their width.
func codeLines(src []byte, marks highlighter) []terminal.Line {
	clean := strings.ReplaceAll(string(src), "\r\n", "\n")
	clean = terminal.Safe(strings.TrimPrefix(clean, "\ufeff"))
	clean = strings.TrimSuffix(clean, "\n")
	if clean == "" {
		return nil
	}
	return paint(clean, marks(clean))
}

// paint divides src into lines and draws its marks. Tabs stop every four columns.
func paint(src string, marks []mark) []terminal.Line {
	const tab = 4
	lines := []terminal.Line{nil}
	col := 0
	draw := func(text string, a terminal.Look) {
		for text != "" {
			last := len(lines) - 1
			end := strings.IndexAny(text, "\t\n")
			if end < 0 {
				lines[last] = lines[last].Add(text, a)
				col += terminal.Width(text)
				return
			}
			lines[last] = lines[last].Add(text[:end], a)
			col += terminal.Width(text[:end])
			if text[end] == '\n' {
				lines = append(lines, nil)
				col = 0
			} else {
				n := tab - col%tab
				lines[last] = lines[last].Add("    "[:n], a)
				col += n
			}
			text = text[end+1:]
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
