package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/machine"
	"cookbook/internal/terminal"

	"github.com/spf13/cobra"
)

func newDoctor(a *app) *cobra.Command {
	var asJSON bool
	server := &serverFlags{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine offers each chapter, what is missing and how to get it",
		Long: `Look for what recipes and their Python twins can use: processors, Python and its libraries, MPI, OpenCL, CUDA.
Recipes run without all that; what is missing costs what its row says, in the chapters it names. Nothing is changed or installed.
If ` + engineVariable + ` or --engine names a NATS server, it asks that server, too.
In a pipe: name, chapters, found or missing, detail, cost, how to get it, separated by tabs.`,
		Example: `  cookbook doctor
  cookbook doctor --json
  cookbook doctor --engine nats://127.0.0.1:4222 --token-file secret`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			m := machine.New(a.Env.Get)
			if server.given(a.Env, cmd.Flags()) {
				at, err := server.address(a.Env, server.url, cmd.Flags())
				if err != nil {
					return err
				}
				m = m.WithEngine(at)
			}
			findings := m.Examine(cmd.Context(), a.catalog)
			if err := context.Cause(cmd.Context()); err != nil {
				return err
			}
			if asJSON {
				return a.WriteJSON(findings)
			}
			return a.printFindings(findings)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array")
	server.add(cmd)
	return cmd
}

// emptyChapters are those that have no recipes yet.
func (a *app) emptyChapters() (empty []int) {
	if a.catalog == nil {
		return nil
	}
	for _, ch := range a.catalog.Chapters {
		if len(ch.Recipes) == 0 {
			empty = append(empty, ch.Number)
		}
	}
	return empty
}

// state is the word for a finding in a pipe.
func state(f machine.Finding) string {
	if f.Found {
		return "found"
	}
	return "missing"
}

// printFindings prints the table; below what is missing and used by something stand its cost and its cure.
func (a *app) printFindings(findings []machine.Finding) error {
	p := a.Printer(" ", "WHAT", "CHAPTERS", "HERE")
	p.Wrap = true
	rows := make([][]terminal.Line, len(findings))
	found := 0
	for i, f := range findings {
		if f.Found {
			found++
		}
		rows[i] = cells(f)
		p.Measure(rows[i]...)
	}
	p.Header()
	for i, f := range findings {
		if err := p.Row(rows[i], f.Name, numbers(f.Chapters), state(f), f.Detail, f.Cost, f.Install); err != nil {
			return err
		}
	}
	if !p.TTY {
		return nil
	}
	fmt.Fprintf(a.Out, "\n%d of %d found; recipes run without Python, MPI, OpenCL and CUDA\n", found, len(findings))
	empty := a.emptyChapters()
	missed := slices.DeleteFunc(missed(findings), func(chapter int) bool { return slices.Contains(empty, chapter) })
	if len(missed) > 0 {
		chapters := "chapters"
		if len(missed) == 1 {
			chapters = "chapter"
		}
		fmt.Fprintf(a.Out, "what is missing would be of use to %s %s\n", chapters, numbers(missed))
	}
	if len(empty) > 0 {
		fmt.Fprintf(a.Out, "no recipes yet in chapters %s\n", numbers(empty))
	}
	return nil
}

// cells is the row for people: a mark, the name, the chapters, and what was found or what to do about it.
func cells(f machine.Finding) []terminal.Line {
	mark, look, name := "–", terminal.Yellow, terminal.Bold
	here := terminal.Text(0, terminal.OneLine(f.Detail))
	switch {
	case f.Found:
		mark, look = "✓", terminal.Green
	case f.Unused != "":
		look, name = terminal.Dim, terminal.Dim
		here = here.Add("; "+f.Unused, 0)
	default:
		for _, text := range []string{f.Cost, f.Install} {
			if text != "" {
				here = here.Add("\n"+text, terminal.Dim)
			}
		}
	}
	return []terminal.Line{terminal.Text(look, mark), terminal.Text(name, f.Name), terminal.Text(terminal.Dim, numbers(f.Chapters)), here}
}

// missed returns the chapters for which something is missing that this binary could use.
func missed(findings []machine.Finding) (chapters []int) {
	for _, f := range findings {
		if !f.Found && f.Unused == "" {
			chapters = append(chapters, f.Chapters...)
		}
	}
	slices.Sort(chapters)
	return slices.Compact(chapters)
}

// numbers writes chapters as 2, 3 and 5; ranges as 2–6.
func numbers(chapters []int) string {
	var parts []string
	for i := 0; i < len(chapters); {
		j := i
		for j+1 < len(chapters) && chapters[j+1] == chapters[j]+1 {
			j++
		}
		switch j - i {
		case 0, 1:
			for ; i <= j; i++ {
				parts = append(parts, strconv.Itoa(chapters[i]))
			}
		default:
			parts = append(parts, fmt.Sprintf("%d–%d", chapters[i], chapters[j]))
			i = j + 1
		}
	}
	return strings.Join(parts, ", ")
}
