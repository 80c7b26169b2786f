package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/cli/page"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

type explainOptions struct {
	source, python, promise bool
	noPager                 bool
}

func newExplain(a *app) *cobra.Command {
	o := &explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain RECIPE",
		Short: "Why a recipe works, its source, and the same in Python",
		Long: `Explain a recipe: the problem, the Python way, the Go way, what is promised; then its source and its Python twin.
RECIPE is an id (ch2.lock), a section of the book (2.7) or a part of one id (rloc).
A terminal shows it in a pager: $COOKBOOK_PAGER, $PAGER or less. A pipe gets Markdown, or with --source, --python or --promise
that file as it is.`,
		Example: `  cookbook explain ch2.lock
  cookbook explain lock --source
  cookbook explain lock --python > lock.py`,
		Args:              oneRecipe,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			ending, err := o.only()
			if err != nil {
				return err
			}
			e, err := a.catalog.Find(args[0])
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), a, e, ending)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.source, "source", false, "the Go source alone")
	f.BoolVar(&o.python, "python", false, "the Python twin alone")
	f.BoolVar(&o.promise, "promise", false, "the promise alone: what a default run prints, and how firmly")
	f.BoolVar(&o.noPager, "no-pager", false, "write to the terminal directly")
	return cmd
}

// only returns the ending of the one file that was asked for, "" for the whole explanation.
func (o *explainOptions) only() (string, error) {
	ending, by := "", ""
	for _, c := range []struct {
		flag, ending string
		given        bool
	}{
		{"--source", catalog.Source, o.source},
		{"--python", catalog.Twin, o.python},
		{"--promise", catalog.Promise, o.promise},
	} {
		switch {
		case !c.given:
			continue
		case ending != "":
			return "", usagef("%s and %s exclude each other: choose one, or neither to see all", by, c.flag)
		}
		ending, by = c.ending, c.flag
	}
	return ending, nil
}

func (o *explainOptions) run(ctx context.Context, a *app, e catalog.Entry, ending string) error {
	endings := []string{catalog.Explanation, catalog.Source, catalog.Twin}
	if ending != "" {
		endings = []string{ending}
	}
	files := make([][]byte, len(endings))
	for i, ending := range endings {
		var err error
		if files[i], err = e.File(ending); err != nil {
			return fmt.Errorf("%s lacks its file %s: %w", e.ID, pathOf(e, ending), err)
		}
	}
	if ending == "" {
		files[0] = append(withNewline(files[0]), onEngine(e)...)
	}
	if !a.OutTTY {
		return writeMarkdown(a.Out, e, endings, files)
	}
	if o.noPager {
		return a.drawFiles(a.Out, e, endings, files)
	}
	pager, err := page.Pager(ctx, a.Out, a.Env)
	if err != nil {
		return err
	}
	return errors.Join(a.drawFiles(pager, e, endings, files), pager.Close())
}

// onEngine says below an explanation what else the recipe runs on.
func onEngine(e catalog.Entry) string {
	if e.Engine == "" {
		return ""
	}
	return fmt.Sprintf("\n## On a real engine\n\nThe same recipe, and the same promise, where `cookbook doctor` finds MPI:\n\n"+
		"    cookbook run %[1]s --engine %[2]s\n    cookbook verify %[1]s --engine %[2]s\n", e.ID, e.Engine)
}

// pathOf is where a reader finds one of the recipe's files in the source tree.
func pathOf(e catalog.Entry, ending string) string {
	return fmt.Sprintf("recipes/ch%d/%s", e.Chapter.Number, e.FileName(ending))
}

// headingOf stands above a file that follows the explanation; the explanation has its own.
func headingOf(ending string) string {
	switch ending {
	case catalog.Source:
		return "The recipe in Go"
	case catalog.Twin:
		return "Its twin in Python"
	}
	return ""
}

// writeMarkdown writes a single file as it is, several as one Markdown document.
func writeMarkdown(w io.Writer, e catalog.Entry, endings []string, files [][]byte) error {
	if len(files) == 1 {
		_, err := w.Write(files[0])
		return err
	}
	languages := map[string]string{catalog.Source: "go", catalog.Twin: "python"}
	var doc bytes.Buffer
	for i, ending := range endings {
		if languages[ending] == "" {
			doc.Write(withNewline(files[i]))
			continue
		}
		fence := fenceFor(files[i])
		fmt.Fprintf(&doc, "\n## %s: `%s`\n\n%s%s\n%s%s\n",
			headingOf(ending), pathOf(e, ending), fence, languages[ending], withNewline(files[i]), fence)
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

// drawFiles shows files on a terminal, those that follow the explanation under a heading.
func (a *app) drawFiles(w io.Writer, e catalog.Entry, endings []string, files [][]byte) error {
	style := a.style()
	draw := map[string]func(io.Writer, []byte, terminal.Style) error{
		catalog.Explanation: page.Markdown,
		catalog.Source:      page.Go,
		catalog.Twin:        page.Python,
		catalog.Promise:     a.drawPromise,
	}
	for i, ending := range endings {
		if len(files) > 1 && headingOf(ending) != "" {
			heading := fmt.Sprintf("# %s: %s\n", headingOf(ending), pathOf(e, ending))
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
			if err := page.Markdown(w, []byte(heading), style); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := draw[ending](w, files[i], style); err != nil {
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
			out.WriteString(a.paint(partLook(part), part.Text))
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
