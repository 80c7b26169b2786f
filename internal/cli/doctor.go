package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"cookbook/internal/transcript"
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
			switch {
			case asJSON:
				return a.writeJSON(findings)
			case a.OutTTY:
				a.drawFindings(findings)
			default:
				for _, f := range findings {
					fmt.Fprintf(a.Out, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Name, numbers(f.Chapters), f.state(), f.Detail, f.Cost, f.Install)
				}
			}
			return nil
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

// drawFindings draws the table; what is missing and used by something has its cost and its cure below it.
func (a *app) drawFindings(findings []finding) {
	rows := [][]string{{" ", "WHAT", "CHAPTERS", "HERE"}}
	found := 0
	for _, f := range findings {
		mark, detail := "–", f.Detail
		switch {
		case f.Found:
			mark = "✓"
			found++
		case f.unused != "":
			detail += "; " + f.unused
		}
		rows = append(rows, []string{mark, f.Name, numbers(f.Chapters), detail})
	}
	widths := columnWidths(rows, a.Width)
	a.tableRow(widths, rows[0], "2", "2", "2", "2")
	indent := strings.Repeat(" ", widths[0]+widths[1]+widths[2]+6)
	room := max(20, a.Width-len(indent))
	for i, f := range findings {
		row := rows[i+1]
		mark, name := "32", "1"
		switch {
		case f.unused != "" && !f.Found:
			mark, name = "2", "2"
		case !f.Found:
			mark = "33"
		}
		detail := wrapWords(row[3], room)
		row[3] = detail[0]
		a.tableRow(widths, row, mark, name, "2", "")
		for _, line := range detail[1:] {
			fmt.Fprintln(a.Out, indent+line)
		}
		if f.Found || f.unused != "" {
			continue
		}
		for _, text := range []string{f.Cost, f.Install} {
			for _, line := range wrapWords(text, room) {
				if line != "" {
					fmt.Fprintln(a.Out, indent+a.paint("2", line))
				}
			}
		}
	}
	fmt.Fprintf(a.Out, "\n%d of %d found; recipes run without Python, MPI, OpenCL and CUDA\n", found, len(findings))
	if missed := missed(findings); len(missed) > 0 {
		chapters := "chapters"
		if len(missed) == 1 {
			chapters = "chapter"
		}
		fmt.Fprintf(a.Out, "what is missing would be of use to %s %s\n", chapters, numbers(missed))
	}
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

// wrapWords breaks text between words into lines of at most n columns; a longer word stands alone.
func wrapWords(text string, n int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case transcript.Columns(*last)+1+transcript.Columns(word) <= n:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
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
