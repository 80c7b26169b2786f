package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/glossary"
)

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

func (o *glossaryOptions) run(ctx context.Context, a *app, terms []string) error {
	all, err := glossary.Read(a.catalog, glossary.Words)
	if err != nil {
		return err
	}
	found := all.Search(terms)
	if o.json {
		err = a.WriteJSON(found.Plain())
	} else if len(found.Names)+len(found.Words) > 0 {
		err = a.show(ctx, o.noPager, []part{{ending: catalog.Explanation, text: found.Markdown()}})
	}
	if err == nil && len(found.Names)+len(found.Words) == 0 {
		err = fmt.Errorf("nothing in the glossary holds %s; see all: cookbook glossary (to search the recipes: cookbook list)", quoted(terms))
	}
	return err
}

// completeGlossary offers the identifiers of both languages and the project's words.
func (a *app) completeGlossary(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	g, err := glossary.Read(a.catalog, glossary.Words)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, n := range g.Names {
		names = append(names, strings.FieldsFunc(glossary.PlainCell(n.Python+" "+n.Go), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_'
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
