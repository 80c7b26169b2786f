package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
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
				return a.listJSON(found)
			}
			if len(found) == 0 {
				fmt.Fprintf(a.Err, "no recipe holds %q; see all: cookbook list\n", args)
				return nil
			}
			if !a.OutTTY {
				for _, e := range found {
					fmt.Fprintf(a.Out, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.Section, e.Title, e.Python, e.Go)
				}
				return nil
			}
			return a.listTable(found)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array")
	return cmd
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

func (a *app) listJSON(entries []catalog.Entry) error {
	all := []listed{}
	for _, e := range entries {
		l := listed{e.ID, e.Section, e.Chapter.Number, e.Title, e.Python, e.Go, e.Needs, e.Engine, true, ""}
		if l.Needs == nil {
			l.Needs = []catalog.Need{}
		}
		if _, err := e.Missing(); err != nil {
			l.Available, l.Reason = false, err.Error()
		}
		all = append(all, l)
	}
	return a.writeJSON(all)
}

// listTable draws one table a chapter, the columns aligned over all chapters. On a narrow terminal the names in Python and
// Go are left out: a few letters of them tell nobody anything.
func (a *app) listTable(entries []catalog.Entry) error {
	header := []string{"RECIPE", "§", "TITLE", "PYTHON → GO"}
	rows := [][]string{header}
	for _, e := range entries {
		rows = append(rows, []string{e.ID, "§" + e.Section, e.Title, e.Python + " → " + e.Go})
	}
	widths := columnWidths(rows, a.Width)
	if widths[3] < 24 {
		for i := range rows {
			rows[i] = rows[i][:3]
		}
		widths = columnWidths(rows, a.Width)
	}
	var chapter *catalog.Chapter
	for i, e := range entries {
		if e.Chapter != chapter {
			if chapter != nil {
				fmt.Fprintln(a.Out)
			}
			chapter = e.Chapter
			fmt.Fprintf(a.Out, "%s\n", a.paint("1", fmt.Sprintf("Chapter %d · %s", chapter.Number, chapter.Title)))
			a.tableRow(widths, rows[0], "2", "2", "2", "2")
		}
		a.tableRow(widths, rows[1+i], "36", "2", "", "2")
	}
	return nil
}
