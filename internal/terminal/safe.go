package terminal

import (
	"fmt"
	"strings"
)

// Safe makes a text that anybody may have written safe to show: nothing in it can steer a terminal, or reorder what stands
// beside it. The control characters of ASCII become their pictures (␛). Other control characters, those that change the direction
// of writing, separators of lines and byte order marks become �, as do bytes that are not UTF-8. U+FE0F is dropped. Other
// characters without a width stay. So do line breaks and tabs; the caller lays them out.
func Safe(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20:
			return '␀' + r
		case r == 0x7f:
			return '␡'
		case r < 0xa0 && r > 0x7f, // C1: 0x9b alone starts an escape sequence
			r == 0x2028 || r == 0x2029 || r == 0xfeff,
			r == 0x061c || r == 0x200e || r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '�'
		case r == 0xfe0f: // asks for an emoji, whose width no two terminals agree on
			return -1
		}
		return r
	}, text)
}

// SafeLines is [Safe] for the output of another program, divided into lines, in which a tab becomes blanks. Line breaks at the
// end count for nothing.
func SafeLines(output string) []string {
	output = strings.TrimRight(output, "\r\n")
	if output == "" {
		return nil
	}
	lines := strings.Split(output, "\n")
	for i, line := range lines {
		lines[i] = Safe(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", "    "))
	}
	return lines
}

// SafeJSON is a JSON text in which what [Safe] would replace, beyond ASCII's control characters, which JSON escapes itself, stands as
// an escape of JSON. That means the same to a program.
func SafeJSON(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= 0x7f && r <= 0xffff && Safe(string(r)) != string(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// OneLine is text on one line: each run of blanks, tabs and line breaks becomes one blank.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
