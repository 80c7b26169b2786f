package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/terminal"
)

func newList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [TERM...]",
		Short: "List the recipes, or those that every TERM occurs in",
		Long: `List the recipes by chapter. TERMs are looked for in ids, sections, titles and the Python and Go names, and in the words "engine mpi"
of recipes that run on that engine as well.
In a pipe: id, section, title, Python, Go, separated by tabs.`,
		Example: `  cookbook list
  cookbook list lock
  cookbook list --json`,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			found := a.catalog.Search(args)
			if asJSON {
				return a.listJSON(cmd.Context(), found)
			}
			if len(found) == 0 {
				var unknown *catalog.UnknownError
				if _, err := a.catalog.Find(strings.Join(args, " ")); errors.As(err, &unknown) && unknown.Empty != nil {
					fmt.Fprintln(a.Err, terminal.Safe(err.Error()))
					return nil
				}
				fmt.Fprintf(a.Err, "no recipe holds %s; see all: cookbook list\n", quoted(args))
				return nil
			}
			return a.printList(found)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array")
	return cmd
}

// quoted lists terms for a sentence.
func quoted(terms []string) string {
	var all []string
	for _, t := range terms {
		all = append(all, strconv.Quote(t))
	}
	return strings.Join(all, " and ")
}

// listed is a recipe as list --json shows it.
type listed struct {
	ID        string         `json:"id"`
	Section   string         `json:"section"`
	Chapter   int            `json:"chapter"`
	Title     string         `json:"title"`
	Python    string         `json:"python"`
	Go        string         `json:"go"`
	Needs     []catalog.Need `json:"needs"`
	Engine    string         `json:"engine"` // it runs on as well; "": none
	Available bool           `json:"available"`
	Reason    string         `json:"reason"`
}

func (a *app) listJSON(ctx context.Context, entries []catalog.Entry) error {
	all := []listed{}
	for _, e := range entries {
		l := listed{e.ID, e.Section, e.Chapter.Number, e.Title, e.Python, e.Go, e.Needs, e.Engine, true, ""}
		if l.Needs == nil {
			l.Needs = []catalog.Need{}
		}
		if _, err := machine.Missing(ctx, e.Needs); err != nil {
			l.Available, l.Reason = false, err.Error()
		}
		all = append(all, l)
	}
	return a.writeJSON(all)
}

// printList prints a table for each chapter, the columns aligned over all of them. On a narrow terminal the names in Python and Go
// are left out: a few letters of them say nothing.
func (a *app) printList(entries []catalog.Entry) error {
	p := a.printer("RECIPE", "§", "TITLE", "PYTHON → GO")
	p.Least = 24
	cells := func(e catalog.Entry) []terminal.Line {
		return []terminal.Line{terminal.Text(terminal.Cyan, e.ID), terminal.Text(terminal.Dim, "§"+e.Section),
			terminal.Text(0, e.Title), terminal.Text(terminal.Dim, e.Python+" → "+e.Go)}
	}
	for _, e := range entries {
		p.Measure(cells(e)...)
	}
	var chapter *catalog.Chapter
	for _, e := range entries {
		if e.Chapter != chapter && p.TTY {
			if chapter != nil {
				fmt.Fprintln(a.Out)
			}
			fmt.Fprintln(a.Out, a.paint(terminal.Bold, fmt.Sprintf("Chapter %d · %s", e.Chapter.Number, e.Chapter.Title)))
			p.Header()
		}
		chapter = e.Chapter
		if err := p.Row(cells(e), e.ID, e.Section, e.Title, e.Python, e.Go); err != nil {
			return err
		}
	}
	return nil
}
