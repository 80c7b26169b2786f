package page

import "strings"

// How the parts of a program look, in every language.
const (
	keyword  = magenta
	literal  = green
	number   = cyan
	builtin  = cyan
	comment  = dim
	declared = bold | blue
)

// mark gives src[start:end] a look.
type mark struct {
	start, end int
	attr       attr
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
func codeLines(src []byte, marks highlighter) []line {
	clean := strings.ReplaceAll(string(src), "\r\n", "\n")
	clean = printable(strings.TrimPrefix(clean, "\ufeff"))
	clean = strings.TrimSuffix(clean, "\n")
	if clean == "" {
		return nil
	}
	return paint(clean, marks(clean))
}

// paint divides src into lines and draws its marks. Tabs stop every four columns.
func paint(src string, marks []mark) []line {
	const tab = 4
	lines := []line{nil}
	col := 0
	draw := func(text string, a attr) {
		for text != "" {
			last := len(lines) - 1
			end := strings.IndexAny(text, "\t\n")
			if end < 0 {
				lines[last] = lines[last].add(text, a)
				col += textWidth(text)
				return
			}
			lines[last] = lines[last].add(text[:end], a)
			col += textWidth(text[:end])
			if text[end] == '\n' {
				lines = append(lines, nil)
				col = 0
			} else {
				n := tab - col%tab
				lines[last] = lines[last].add("    "[:n], a)
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
		draw(src[m.start:m.end], m.attr)
		at = m.end
	}
	draw(src[at:], 0)
	return lines
}
