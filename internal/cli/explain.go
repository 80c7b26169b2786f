package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
)

type explainOptions struct {
	source, python, promise bool
	noPager                 bool
}

func newExplain(a *app) *cobra.Command {
	o := &explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain RECIPE or CHAPTER",
		Short: "Why a recipe works, its source, and the same in Python",
		Long: `Explain a recipe: the problem, the Python way, the Go way, what is promised; then its source and its Python twin.
RECIPE is an id (ch2.lock), a section of the book (2.7) or a part of one id (rloc). A CHAPTER (ch2 or 2) has an introduction:
its words, what its recipes build on each other, Python's means and Go's. Any other word is searched for, as list does it.
A terminal shows it in a pager: $COOKBOOK_PAGER, $PAGER or less. A pipe gets Markdown, or with --source, --python or --promise
that file as it is.`,
		Example: `  cookbook explain ch2.lock
  cookbook explain ch2               the chapter's introduction
  cookbook explain lock --source
  cookbook explain lock --python > lock.py`,
		Args:              oneRecipeOrChapter,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			parts, err := o.parts(a, strings.Join(args, " "))
			if search := new(foundError); errors.As(err, search) {
				return a.showList(cmd.Context(), o.noPager, search.found, true)
			}
			if err != nil {
				return err
			}
			return a.show(cmd.Context(), o.noPager, parts)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.source, "source", false, "the Go source alone")
	f.BoolVar(&o.python, "python", false, "the Python twin alone")
	f.BoolVar(&o.promise, "promise", false, "the promise alone: what a default run prints, and how firmly")
	f.BoolVar(&o.noPager, "no-pager", false, "write to the terminal directly")
	return cmd
}

// oneRecipeOrChapter is oneRecipe, but for a chapter in two words: explain chapter 2.
func oneRecipeOrChapter(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && strings.EqualFold(args[0], "chapter") {
		return nil
	}
	return oneRecipe(cmd, args)
}

// foundError is a term that names no recipe, but that some recipes hold.
type foundError struct {
	error
	found []catalog.Hit
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

// parts are what explain shows of what a term names.
func (o *explainOptions) parts(a *app, term string) ([]part, error) {
	ending, err := o.only()
	if err != nil {
		return nil, err
	}
	if ch := a.catalog.Chapter(term); ch != nil {
		if ending != "" {
			return nil, usagef("%s is a chapter, and has no file of its own kind: name one of its recipes, see: cookbook explain %s", term, ch.ID())
		}
		return introduction(ch)
	}
	e, err := a.catalog.Find(term)
	if section, first := strings.CutSuffix(term, ".1"); err != nil && first && ending == "" {
		if ch := a.catalog.Chapter(section); ch != nil {
			return introduction(ch) // a section that no recipe is of: with it the book introduces the chapter
		}
	}
	if unknown := new(catalog.UnknownError); errors.As(err, &unknown) && ending == "" {
		if found := a.catalog.Search(strings.Fields(term)); len(found) > 0 {
			return nil, foundError{unknown, found}
		}
	}
	if err != nil {
		return nil, err
	}
	if ending != "" {
		text, err := e.File(ending)
		return []part{{ending: ending, text: text}}, err
	}
	var parts []part
	for _, p := range []part{
		{ending: catalog.Explanation},
		{ending: catalog.Source, heading: "The recipe in Go"},
		{ending: catalog.BareSource, heading: "The same with Go's own means"},
		{ending: catalog.WrongSource, heading: "Wrong in one place"},
		{ending: catalog.Twin, heading: "Its twin in Python"},
	} {
		if p.ending == catalog.BareSource && e.Bare == nil || p.ending == catalog.WrongSource && e.Wrong == nil {
			continue
		}
		if p.text, err = e.File(p.ending); err != nil {
			return nil, err
		}
		if p.heading != "" {
			p.heading += ": `" + e.Path(p.ending) + "`"
		}
		parts = append(parts, p)
	}
	parts[0].text = append(withNewline(parts[0].text), e.Elsewhere()...)
	return append(parts, part{ending: catalog.Explanation, text: beforeAndNext(a.catalog, e)}), nil
}
