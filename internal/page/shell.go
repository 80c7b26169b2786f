package page

import (
	"strings"

	"cookbook/internal/terminal"
)

const prompt = "$ "

// shellMarks draws what the user types in terminal.Bold if the shell's answers stand beside it.
func shellMarks(src string) []mark {
	session := strings.HasPrefix(src, prompt) || strings.Contains(src, "\n"+prompt)
	typed := terminal.Look(0)
	if session {
		typed = terminal.Bold
	}
	var (
		marks     []mark
		at        int
		continues bool
	)
	for text := range strings.Lines(src) {
		start := at
		at += len(text)
		text = strings.TrimSuffix(text, "\n")
		command := !session || continues
		if session && strings.HasPrefix(text, prompt) {
			marks = append(marks, mark{start, start + len(prompt), terminal.Dim})
			text, start, command = text[len(prompt):], start+len(prompt), true
		}
		if command {
			marks = append(marks, commandMarks(text, start, typed)...)
		}
		continues = command && strings.HasSuffix(text, `\`)
	}
	return marks
}

// commandMarks draws one command line, which stands at offset in the source.
func commandMarks(text string, offset int, typed terminal.Look) []mark {
	var marks []mark
	at := 0 // up to here the line is drawn
	draw := func(start, end int, a terminal.Look) {
		marks = append(marks, mark{offset + at, offset + start, typed}, mark{offset + start, offset + end, a})
		at = end
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			i++
		case '#':
			if i == 0 || text[i-1] == ' ' || text[i-1] == '\t' {
				draw(i, len(text), comment)
				return marks
			}
		case '"', '\'':
			if end := closing(text[i+1:], c); end >= 0 {
				draw(i, i+1+end+1, typed.With(literal))
				i += 1 + end
			}
		}
	}
	draw(len(text), len(text), 0)
	return marks
}

// closing returns where quote ends the string at the start of text; -1 if it does not.
func closing(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i
		case text[i] == '\\' && quote == '"':
			i++
		}
	}
	return -1
}
