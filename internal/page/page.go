// Package page shows text on a terminal: Markdown, highlighted source code, and a pager to read them in.
//
// A text is first laid out as lines of styled spans, measured in display columns, and only then written, with
// escape codes or without. So colour never moves a word: the plain rendering is the coloured one less its escapes.
// Three more things always hold:
//
//   - Every line closes the escapes it opens; lines may be cut, reordered and paged.
//   - Nothing in the source reaches the terminal as a command: control characters are shown as pictures (␛),
//     bidirectional overrides as �.
//   - Prose is never wider than its [terminal.Style] nor than 100 columns, except a URL; code is never wrapped, so it can be copied.
//
// Only the 16 ANSI colours are used, less those that vanish on a light or a dark background.
//
//	pager, err := page.Pager(ctx, os.Stdout, os.LookupEnv)
//	…
//	err = page.Markdown(pager, src, terminal.Style{Width: 80, Color: true})
//	err = errors.Join(err, pager.Close())
package page

import (
	"bufio"
	"io"

	"cookbook/internal/terminal"
)

// Markdown renders CommonMark with the tables of GitHub.
func Markdown(w io.Writer, src []byte, s terminal.Style) error {
	return write(w, s, markdownLines(src, s.Columns()))
}

// Go highlights Go source, a whole file or a fragment. What does not parse is shown all the same.
func Go(w io.Writer, src []byte, s terminal.Style) error {
	return write(w, s, codeLines(src, goMarks))
}

// Python highlights Python 3 source.
func Python(w io.Writer, src []byte, s terminal.Style) error {
	return write(w, s, codeLines(src, pythonMarks))
}

func write(w io.Writer, s terminal.Style, lines []terminal.Line) error {
	out := bufio.NewWriter(w)
	for _, l := range lines {
		l.WriteTo(out, s.Color)
		out.WriteByte('\n')
	}
	return out.Flush()
}
