package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/page"
	"cookbook/internal/terminal"
)

func newList(a *app) *cobra.Command {
	var asJSON, noPager bool
	cmd := &cobra.Command{
		Use:   "list [TERM...]",
		Short: "List the recipes, or those that every TERM occurs in",
		Long: `List the recipes by chapter, or those that hold every TERM, the best first: in the id, the Python and Go names, the title, the
section, "engine mpi", "engine nats" or "device" if it runs there as well, or the text of the explanation. A TERM begins a word or a part of an
identifier there: lock finds RLock, but not blocks. A chapter (ch2) stands for its recipes.
A terminal shows a long list in a pager, as explain does. In a pipe: id, section, title, Python, Go, separated by tabs.`,
		Example: `  cookbook list
  cookbook list ch2
  cookbook list race
  cookbook list "thread pool"
  cookbook list --json`,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			found := a.catalog.Search(args)
			if len(found) == 0 {
				err := a.nothingFound(args)
				if asJSON {
					err = errors.Join(a.listJSON(cmd.Context(), nil), err)
				}
				return err
			}
			if asJSON {
				return a.listJSON(cmd.Context(), found)
			}
			return a.showList(cmd.Context(), noPager, found, len(args) > 0)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array")
	cmd.Flags().BoolVar(&noPager, "no-pager", false, "write to the terminal directly")
	return cmd
}

// nothingFound is the error of a search that found nothing.
func (a *app) nothingFound(terms []string) error {
	var unknown *catalog.UnknownError
	if _, err := a.catalog.Find(strings.Join(terms, " ")); errors.As(err, &unknown) && unknown.Empty != nil {
		return errors.New(err.Error()) // a search that found nothing, and no wrong usage
	}
	return fmt.Errorf("no recipe holds %s; try fewer or shorter words, or see all: cookbook list", strings.Join(terms, " and "))
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
	Device    bool           `json:"device"` // it takes --device
	Available bool           `json:"available"`
	Reason    string         `json:"reason"`
}

func (a *app) listJSON(ctx context.Context, found []catalog.Hit) error {
	all := []listed{}
	for _, e := range found {
		l := listed{e.ID, e.Section, e.Chapter.Number, e.Title, e.Python, e.Go, e.Needs, e.Engine, e.Device, true, ""}
		if l.Needs == nil {
			l.Needs = []catalog.Need{}
		}
		if _, err := machine.Missing(ctx, e.Needs); err != nil {
			l.Available, l.Reason = false, err.Error()
		}
		all = append(all, l)
	}
	return a.WriteJSON(all)
}

// showList prints recipes, on a terminal in a pager.
func (a *app) showList(ctx context.Context, noPager bool, found []catalog.Hit, searched bool) error {
	if !a.OutTTY || noPager {
		return a.printList(a.Out, found, searched)
	}
	pager, err := page.Pager(ctx, a.Screen(), a.Env)
	if err != nil {
		return err
	}
	return errors.Join(a.printList(pager, found, searched), pager.Close())
}

// printList prints a table for each chapter, or one of what was searched for, which has an order of its own. Where a terminal has no
// room for the names in Python and Go, they stand below the title, and where it has none for titles, these stand below the id. What is
// too long is folded.
func (a *app) printList(w io.Writer, found []catalog.Hit, searched bool) error {
	const least = 24
	p := terminal.NewPrinter(w, a.OutTTY, a.Style(), "RECIPE", "§", "TITLE", "PYTHON → GO")
	p.Least, p.Wrap = least, true
	cells := func(e catalog.Hit) []terminal.Line {
		return []terminal.Line{terminal.Text(terminal.Cyan, e.ID), terminal.Text(terminal.Dim, "§"+e.Section),
			terminal.Text(0, e.Title), terminal.Text(terminal.Dim, e.Python+" → "+e.Go)}
	}
	indent, used := 0, 0 // of the title, and up to the names
	for _, e := range found {
		p.Measure(cells(e)...)
		indent = max(indent, terminal.Width(e.ID)+len("  §")+terminal.Width(e.Section)+2)
		used = max(used, terminal.Width(e.Title))
	}
	columns := a.Style().Columns()
	narrow := columns-indent-used-2 < least
	tiny := p.TTY && columns-indent < min(least, used)
	below := func(look terminal.Look, text string) {
		if p.TTY {
			for _, line := range terminal.WrapWhole(terminal.Safe(text), columns-4) {
				fmt.Fprintln(w, "    "+a.Paint(look, line))
			}
		}
	}
	var chapter *catalog.Chapter
	for i, e := range found {
		switch {
		case searched && i == 0 && !tiny:
			p.Header()
		case !searched && e.Chapter != chapter && p.TTY:
			if chapter != nil {
				fmt.Fprintln(w)
			}
			fmt.Fprintln(w, a.Paint(terminal.Bold, fmt.Sprintf("Chapter %d · %s", e.Chapter.Number, e.Chapter.Title)))
			if !tiny {
				p.Header()
			}
		}
		chapter = e.Chapter
		if tiny {
			fmt.Fprintln(w, a.Paint(terminal.Cyan, e.ID)+"  "+a.Paint(terminal.Dim, "§"+e.Section))
			below(0, e.Title)
		} else if err := p.Row(cells(e), e.ID, e.Section, e.Title, e.Python, e.Go); err != nil {
			return err
		}
		if narrow {
			below(terminal.Dim, e.Python+" → "+e.Go)
		}
		if e.Where != "" {
			below(terminal.Dim, "… "+strings.TrimLeft(strings.NewReplacer("`", "", "*", "", "|", " ").Replace(e.Where), " #-"))
		}
	}
	return nil
}
