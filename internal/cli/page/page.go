// Package page shows text on a terminal: Markdown, highlighted source code, and a pager to read them in.
//
// A text is first laid out as lines of styled spans, measured in display columns, and only then written, with
// escape codes or without. So colour never moves a word: the plain rendering is the coloured one less its escapes.
// Three more things always hold:
//
//   - Every line closes the escapes it opens; lines may be cut, reordered and paged.
//   - Nothing in the source reaches the terminal as a command: control characters are shown as pictures (␛),
//     bidirectional overrides as �.
//   - Prose is never wider than [Style].Width nor than 100 columns; code is never wrapped, so it can be copied.
//
// Only the 16 ANSI colours are used, less those that vanish on a light or a dark background.
//
//	pager, err := page.Pager(ctx, os.Stdout, os.LookupEnv)
//	…
//	err = page.Markdown(pager, src, page.Style{Width: 80, Color: true})
//	err = errors.Join(err, pager.Close())
package page

import (
	"bufio"
	"io"
	"strings"
)

// Style says how to draw.
type Style struct {
	Width int  // columns of the terminal; 80 if not positive
	Color bool // false: not one escape code
}

// Markdown renders CommonMark with the tables and the strikethrough of GitHub.
func Markdown(w io.Writer, src []byte, s Style) error {
	return s.write(w, markdownLines(src, s.columns()))
}

// Go highlights Go source, a whole file or a fragment. What does not parse is shown all the same.
func Go(w io.Writer, src []byte, s Style) error {
	return s.write(w, codeLines(src, goMarks))
}

// Python highlights Python 3 source.
func Python(w io.Writer, src []byte, s Style) error {
	return s.write(w, codeLines(src, pythonMarks))
}

// Shell highlights a shell script, or a session: where a line starts with the prompt "$ ", lines without one are output.
func Shell(w io.Writer, src []byte, s Style) error {
	return s.write(w, codeLines(src, shellMarks))
}

func (s Style) columns() int {
	if s.Width <= 0 {
		return 80
	}
	return s.Width
}

func (s Style) write(w io.Writer, lines []line) error {
	out := bufio.NewWriter(w)
	for _, l := range lines {
		l.write(out, s.Color)
		out.WriteByte('\n')
	}
	return out.Flush()
}

// printable makes text safe to send to a terminal. Newlines and tabs stay; the caller lays them out.
func printable(text string) string {
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
			return '\uFFFD'
		case r == 0xfe0f: // asks for an emoji, whose width no two terminals agree on
			return -1
		}
		return r
	}, text)
}
