package cli

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/cli/page"
)

//go:embed glossary.md
var wordsOfTheProject []byte

type glossaryOptions struct {
	json    bool
	noPager bool
}

func newGlossary(a *app) *cobra.Command {
	o := &glossaryOptions{}
	cmd := &cobra.Command{
		Use:   "glossary [NAME...]",
		Short: "What stands in Go for a name of Python, and the words used here",
		Long: `The glossary: what stands in Go for what Python has, from the tables of all explanations; and the words that the cookbook uses
in a sense of its own (promise, rank, twin).
With NAMES only the lines in which every NAME begins a word or a part of an identifier: event finds threading.Event and on_event,
but not prevent. The id of a recipe (ch2.lock) finds its lines.
A terminal shows it in a pager, as explain does. A pipe gets Markdown.`,
		Example: `  cookbook glossary threading.Event
  cookbook glossary pickle
  cookbook glossary promise
  cookbook glossary queue --json`,
		ValidArgsFunction: a.completeGlossary,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "a JSON object: names, words")
	f.BoolVar(&o.noPager, "no-pager", false, "write to the terminal directly")
	return cmd
}

// counterpart is a line of the glossary: what Python has, and what stands for it in Go. The texts are Markdown, as the
// explanations have them.
type counterpart struct {
	Python  string   `json:"python"`
	Go      string   `json:"go"`
	Remark  string   `json:"remark"`
	Recipes []string `json:"recipes"` // or chapters, in whose introductions it stands
}

// ownWord is a word of the project.
type ownWord struct {
	Word    string `json:"word"`
	Meaning string `json:"meaning"`
}

// glossary is all there is, or what a search has left.
type glossary struct {
	Names []counterpart `json:"names"`
	Words []ownWord     `json:"words"`
}

func (o *glossaryOptions) run(ctx context.Context, a *app, terms []string) error {
	all, err := readGlossary(a.catalog)
	if err != nil {
		return err
	}
	found := all.search(terms)
	if o.json {
		err = a.WriteJSON(found.plain())
	} else if len(found.Names)+len(found.Words) > 0 {
		err = a.show(ctx, o.noPager, []part{{ending: catalog.Explanation, text: found.markdown()}})
	}
	if err == nil && len(found.Names)+len(found.Words) == 0 {
		err = fmt.Errorf("nothing in the glossary holds %s; see all: cookbook glossary (to search the recipes: cookbook list)", quoted(terms))
	}
	return err
}

// readGlossary collects the tables from Python to Go of all explanations and introductions, and the project's own words.
func readGlossary(c *catalog.Catalog) (*glossary, error) {
	g := &glossary{Names: []counterpart{}, Words: []ownWord{}}
	for _, ch := range c.Chapters {
		text, err := introductionOf(ch)
		if err != nil {
			return nil, err
		}
		g.add(ch.ID(), text)
	}
	for _, e := range c.Entries() {
		text, err := fileOf(e, catalog.Explanation)
		if err != nil {
			return nil, err
		}
		g.add(e.ID, text)
	}
	for _, t := range page.Tables(wordsOfTheProject) {
		for _, row := range t.Rows {
			g.Words = append(g.Words, ownWord{row[0], row[1]})
		}
	}
	slices.SortStableFunc(g.Names, func(a, b counterpart) int {
		return cmp.Or(cmp.Compare(sortKey(a.Python), sortKey(b.Python)), cmp.Compare(sortKey(a.Go), sortKey(b.Go)))
	})
	slices.SortFunc(g.Words, func(a, b ownWord) int { return cmp.Compare(sortKey(a.Word), sortKey(b.Word)) })
	return g, nil
}

// add takes the tables of one explanation. A line that another one has, too, stands once, with both ids.
func (g *glossary) add(id string, text []byte) {
	for _, t := range page.Tables(text) {
		if len(t.Head) < 2 || t.Head[0] != "Python" || t.Head[1] != "Go" {
			continue
		}
		for _, row := range t.Rows {
			n := counterpart{Python: row[0], Go: row[1], Recipes: []string{id}}
			if len(row) > 2 {
				n.Remark = row[2]
			}
			if n.Remark != "" && t.Head[2] != "remark" {
				n.Remark = t.Head[2] + ": " + n.Remark
			}
			same := slices.IndexFunc(g.Names, func(m counterpart) bool { return m.Python == n.Python && m.Go == n.Go && m.Remark == n.Remark })
			if same < 0 {
				g.Names = append(g.Names, n)
			} else if m := &g.Names[same]; !slices.Contains(m.Recipes, id) {
				m.Recipes = append(m.Recipes, id)
			}
		}
	}
}

// sortKey orders by letters first, as an index does. What begins with no letter or digit comes last.
func sortKey(cell string) string {
	key := strings.ToLower(plainCell(cell))
	if first, _ := utf8.DecodeRuneInString(key); !isWord(first) {
		return "\U0010ffff" + key
	}
	return key
}

// search leaves the lines in which every term begins a word, or a part of an identifier.
func (g *glossary) search(terms []string) *glossary {
	found := &glossary{Names: []counterpart{}, Words: []ownWord{}}
	for _, n := range g.Names {
		text := plainCell(n.Python + "\n" + n.Go + "\n" + n.Remark)
		if !slices.ContainsFunc(terms, func(term string) bool {
			return !catalog.Holds(text, term) && !slices.Contains(n.Recipes, strings.ToLower(term))
		}) {
			found.Names = append(found.Names, n)
		}
	}
	for _, w := range g.Words {
		if !slices.ContainsFunc(terms, func(term string) bool { return !catalog.Holds(w.Word, term) }) {
			found.Words = append(found.Words, w)
		}
	}
	return found
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// plainCell is a cell as it is typed, without the marks of Markdown.
func plainCell(cell string) string {
	return strings.NewReplacer("`", "", `\|`, "|").Replace(cell)
}

// plain is the glossary for programs.
func (g *glossary) plain() *glossary {
	out := &glossary{Names: []counterpart{}, Words: []ownWord{}}
	for _, n := range g.Names {
		out.Names = append(out.Names, counterpart{plainCell(n.Python), plainCell(n.Go), plainCell(n.Remark), n.Recipes})
	}
	for _, w := range g.Words {
		out.Words = append(out.Words, ownWord{plainCell(w.Word), plainCell(w.Meaning)})
	}
	return out
}

// markdown is the glossary as a page.
func (g *glossary) markdown() []byte {
	var b strings.Builder
	if len(g.Words) > 0 {
		b.WriteString("# Words of the cookbook\n\n| word | meaning |\n| --- | --- |\n")
		for _, w := range g.Words {
			fmt.Fprintf(&b, "| %s | %s |\n", w.Word, w.Meaning)
		}
	}
	if len(g.Names) > 0 {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("# From Python to Go\n\n| Python | Go | remark | recipe |\n| --- | --- | --- | --- |\n")
		for _, n := range g.Names {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", n.Python, n.Go, n.Remark, strings.Join(n.Recipes, ", "))
		}
	}
	return []byte(b.String())
}

// completeGlossary offers the identifiers of both languages and the project's words.
func (a *app) completeGlossary(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	g, err := readGlossary(a.catalog)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, n := range g.Names {
		names = append(names, strings.FieldsFunc(plainCell(n.Python+" "+n.Go), func(r rune) bool {
			return !isWord(r) && r != '.' && r != '_'
		})...)
	}
	for _, w := range g.Words {
		names = append(names, w.Word)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		first, _ := utf8.DecodeRuneInString(name)
		return !strings.HasPrefix(name, start) || !unicode.IsLetter(first) || strings.HasSuffix(name, ".") || len(name) < 3
	})
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}
