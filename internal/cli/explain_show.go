package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/page"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// part is one of the texts that explain shows.
type part struct {
	ending  string // of its file: says how it is drawn
	heading string // above it; "": the text has its own
	text    []byte
}

// show writes parts: on a terminal drawn, and in a pager unless the user wants none; in a pipe as they are.
func (a *app) show(ctx context.Context, noPager bool, parts []part) error {
	switch {
	case !a.OutTTY:
		return writeMarkdown(a.Out, parts)
	case noPager:
		return a.draw(a.Out, parts)
	}
	pager, err := page.Pager(ctx, a.Screen(), a.Env)
	if err != nil {
		return err
	}
	return errors.Join(a.draw(pager, parts), pager.Close())
}

// writeMarkdown writes a single part as it is, several as one Markdown document.
func writeMarkdown(w io.Writer, parts []part) error {
	if len(parts) == 1 {
		_, err := w.Write(parts[0].text)
		return err
	}
	languages := map[string]string{catalog.Source: "go", catalog.BareSource: "go", catalog.WrongSource: "go", catalog.Twin: "python"}
	var doc bytes.Buffer
	for i, p := range parts {
		if i > 0 {
			doc.WriteByte('\n')
		}
		if p.heading == "" {
			doc.Write(withNewline(p.text))
			continue
		}
		fence := fenceFor(p.text)
		fmt.Fprintf(&doc, "## %s\n\n%s%s\n%s%s\n", p.heading, fence, languages[p.ending], withNewline(p.text), fence)
	}
	_, err := w.Write(doc.Bytes())
	return err
}

func withNewline(text []byte) []byte {
	return append(bytes.TrimRight(text, "\n"), '\n')
}

// fenceFor returns a fence that no run of backticks in the text can close.
func fenceFor(text []byte) string {
	fence := "```"
	for bytes.Contains(text, []byte(fence)) {
		fence += "`"
	}
	return fence
}

// draw shows parts on a terminal, one below the other.
func (a *app) draw(w io.Writer, parts []part) error {
	style := a.Style()
	draw := map[string]func(io.Writer, []byte, terminal.Style) error{
		catalog.Explanation: page.Markdown,
		catalog.Source:      page.Go,
		catalog.BareSource:  page.Go,
		catalog.WrongSource: page.Go,
		catalog.Twin:        page.Python,
		catalog.Promise:     a.drawPromise,
	}
	for i, p := range parts {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if p.heading != "" {
			if err := page.Markdown(w, []byte("# "+p.heading+"\n"), style); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := draw[p.ending](w, p.text, style); err != nil {
			return err
		}
	}
	return nil
}

// drawPromise shows a promise file: marks, actors and holes stand out, comments step back.
func (a *app) drawPromise(w io.Writer, text []byte, _ terminal.Style) error {
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		for _, part := range transcript.Parts(terminal.Safe(strings.TrimRight(line, "\r\n"))) {
			out.WriteString(a.Paint(partLook(part), part.Text))
		}
		out.WriteByte('\n')
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func partLook(p transcript.Part) terminal.Look {
	switch p.Kind {
	case transcript.MarkPart:
		return transcript.Mark(p.Text).Info().Look | terminal.Bold
	case transcript.ActorPart:
		return terminal.Cyan
	case transcript.HolePart:
		return terminal.Magenta
	case transcript.KeywordPart:
		return terminal.Bold
	case transcript.CommentPart:
		return terminal.Dim
	}
	return 0
}
