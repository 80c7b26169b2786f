package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cookbook/internal/terminal"

	"github.com/spf13/cobra"
)

func newDoctor(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine offers each chapter, what is missing and how to get it",
		Long: `Look for what recipes and their Python twins can use: processors, Python and its libraries, MPI, OpenCL, CUDA.
Recipes run without all that; what is missing costs what its row says, in the chapters it names. Nothing is changed or installed.
In a pipe: name, chapters, found or missing, detail, cost, how to get it, separated by tabs.`,
		Example: `  cookbook doctor
  cookbook doctor --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			findings := a.examine(cmd.Context(), probes(a.catalog, newMachine(a.Env.Get)))
			if err := context.Cause(cmd.Context()); err != nil {
				return err
			}
			if asJSON {
				return a.writeJSON(findings)
			}
			return a.printFindings(findings)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array")
	return cmd
}

// finding is one row. What is found costs nothing and need not be installed.
type finding struct {
	Name     string `json:"name"`
	Chapters []int  `json:"chapters"`
	Found    bool   `json:"found"`
	Detail   string `json:"detail"`
	Cost     string `json:"cost"`
	Install  string `json:"install"`

	unused string
}

func (f finding) state() string {
	if f.Found {
		return "found"
	}
	return "missing"
}

// examine looks for everything at once, because some answers take a while.
func (a *app) examine(ctx context.Context, probes []probe) []finding {
	var everywhere []int
	for _, ch := range a.catalog.Chapters {
		everywhere = append(everywhere, ch.Number)
	}
	findings := make([]finding, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() {
			f := finding{Name: p.name, Chapters: p.chapters, unused: p.unused}
			if f.Chapters == nil {
				f.Chapters = append([]int{}, everywhere...)
			}
			f.Found, f.Detail = p.look(ctx)
			if !f.Found {
				f.Cost, f.Install = p.cost, p.install
			}
			switch {
			case p.unused == "":
			case f.Found:
				f.Detail += "; " + p.unused
			default:
				f.Cost = "nothing yet: " + p.unused
			}
			findings[i] = f
		})
	}
	wg.Wait()
	return findings
}

// printFindings prints the table; below what is missing and used by something stand its cost and its cure.
func (a *app) printFindings(findings []finding) error {
	p := a.printer(" ", "WHAT", "CHAPTERS", "HERE")
	p.Wrap = true
	rows := make([][]terminal.Line, len(findings))
	found := 0
	for i, f := range findings {
		if f.Found {
			found++
		}
		rows[i] = f.cells()
		p.Measure(rows[i]...)
	}
	p.Header()
	for i, f := range findings {
		if err := p.Row(rows[i], f.Name, numbers(f.Chapters), f.state(), f.Detail, f.Cost, f.Install); err != nil {
			return err
		}
	}
	if !p.TTY {
		return nil
	}
	fmt.Fprintf(a.Out, "\n%d of %d found; recipes run without Python, MPI, OpenCL and CUDA\n", found, len(findings))
	if missed := missed(findings); len(missed) > 0 {
		chapters := "chapters"
		if len(missed) == 1 {
			chapters = "chapter"
		}
		fmt.Fprintf(a.Out, "what is missing would be of use to %s %s\n", chapters, numbers(missed))
	}
	return nil
}

// cells is the row for people: a mark, the name, the chapters, and what was found or what to do about it.
func (f finding) cells() []terminal.Line {
	mark, look, name := "–", terminal.Yellow, terminal.Bold
	here := terminal.Text(0, terminal.OneLine(f.Detail))
	switch {
	case f.Found:
		mark, look = "✓", terminal.Green
	case f.unused != "":
		look, name = terminal.Dim, terminal.Dim
		here = here.Add("; "+f.unused, 0)
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
func missed(findings []finding) (chapters []int) {
	for _, f := range findings {
		if !f.Found && f.unused == "" {
			chapters = merge(chapters, f.Chapters)
		}
	}
	return chapters
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

// merge returns the numbers of both lists, sorted, each once.
func merge(a, b []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}
