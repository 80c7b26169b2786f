package site

import (
	"strings"

	"cookbook/internal/page"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// promiseLines is a promise file as HTML, a span for each line as in page.CodeLines.
func promiseLines(src []byte, prefix string) string {
	var lines []terminal.Line
	for text := range strings.Lines(strings.TrimRight(string(src), "\n")) {
		var line terminal.Line
		for _, part := range transcript.Parts(terminal.Safe(strings.TrimRight(text, "\r\n"))) {
			line = line.Add(part.Text, partLook(part.Kind))
		}
		lines = append(lines, line)
	}
	return page.SpanLines(lines, prefix)
}

// partLook draws a promise with the looks of source code, for which a page has classes.
func partLook(kind transcript.PartKind) terminal.Look {
	switch kind {
	case transcript.MarkPart, transcript.KeywordPart:
		return terminal.Magenta
	case transcript.ActorPart:
		return terminal.Blue
	case transcript.HolePart:
		return terminal.Cyan
	case transcript.CommentPart:
		return terminal.Dim
	}
	return 0
}
