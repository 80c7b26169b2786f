package site

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/glossary"
	"cookbook/internal/page"
)

// codeView is a source file on a page.
type codeView struct {
	Language string // go, python or promise
	Name     string // what it is, as a heading
	Path     string // in the repository
	URL      string // of the file itself
	HTML     template.HTML
	ID       string // of the heading; its lines have ids that begin with it
	Titles   []string
}

// recipeView is the page of a recipe.
type recipeView struct {
	ID, Section, Title string
	Python, Go         []name
	Lead               template.HTML  // the problem
	First, Then        []page.Section // of the explanation: before the code, and after the run
	Pair               []codeView     // Go and Python
	More               []codeView     // the bare form and the wrong programs
	Promise            codeView
	Run                template.HTML // a section: how to run it
	Transcript         template.HTML
	Picture            template.HTML // the timeline; "": there is none
	About              string
	Before, Next       *link
	Chapter            link
	Contents           []link
	Glossary           []link
}

// name is something that the book or the recipe uses.
type name struct{ Text, URL string }

// sectionsBeforeCode is how many parts of an explanation stand before the code: the problem, Python's way and Go's.
const sectionsBeforeCode = 3

// recipes makes the page of each recipe, and its source files beside it.
func (b *builder) recipes() error {
	for _, e := range b.catalog.Entries() {
		view, err := b.recipe(e)
		if err != nil {
			return err
		}
		title := fmt.Sprintf("%s · %s", e.ID, view.Title)
		err = b.page("recipe", frame{
			Root: "../", Here: recipePath(e), Title: title, Run: true, English: !b.texts.has(e.Chapter.ID() + "/" + e.FileName(catalog.Explanation)),
			Crumbs: []link{{URL: "../index.html", Text: b.texts.say("recipes")}, view.Chapter}, Body: view,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) recipe(e catalog.Entry) (recipeView, error) {
	text, err := e.File(catalog.Explanation)
	if err != nil {
		return recipeView{}, err
	}
	v := recipeView{
		ID: e.ID, Section: e.Section, Title: b.title(e),
		Python: b.names(e.Python, inPython), Go: b.names(e.Go, inGo),
		Chapter: link{URL: "index.html", Text: b.texts.say("chapter", e.Chapter.Number) + ": " + b.titleOf(e.Chapter)},
	}
	sections := below(b.html("../").Sections(append(text, e.Elsewhere()...)))
	n := min(sectionsBeforeCode, len(sections))
	v.First, v.Then = sections[:n], sections[n:]
	if err := b.sources(e, &v); err != nil {
		return recipeView{}, err
	}
	if err := b.run(e, &v); err != nil {
		return recipeView{}, err
	}
	b.around(e, &v)
	b.index.addRecipe(e, v, sections)
	return v, nil
}

// around sets the links to what stands beside the recipe, and to the parts of its page.
func (b *builder) around(e catalog.Entry, v *recipeView) {
	before, next := b.catalog.Neighbours(e)
	if before != nil {
		v.Before = &link{URL: "../" + recipePath(*before), Text: b.title(*before), Small: before.ID}
	}
	if next != nil {
		v.Next = &link{URL: "../" + recipePath(*next), Text: b.title(*next), Small: next.ID}
	}
	add := func(id, text string) { v.Contents = append(v.Contents, link{URL: "#" + id, Text: text}) }
	for _, s := range v.First {
		add(s.ID, s.Title)
	}
	add("code", b.texts.say("code"))
	add("run", b.texts.run.Title)
	if v.Transcript != "" {
		add("recorded", b.texts.say("recorded"))
	}
	for _, s := range v.Then {
		add(s.ID, s.Title)
	}
	for i, n := range b.glossary.Names {
		if text := glossary.PlainCell(n.Python); slices.Contains(n.Recipes, e.ID) && text != "–" {
			v.Glossary = append(v.Glossary, link{URL: "../glossary.html#" + b.nameID(i), Text: text})
		}
	}
}

// sources sets the programs of a recipe, and adds them to the site as files.
func (b *builder) sources(e catalog.Entry, v *recipeView) error {
	show := func(ending, language, title, id string) (codeView, error) {
		src, err := e.File(ending)
		if err != nil {
			return codeView{}, err
		}
		c := codeView{Language: language, Name: b.texts.say(title), Path: e.Path(ending), URL: e.FileName(ending), ID: id}
		if language == "promise" {
			c.HTML = template.HTML(promiseLines(src, id+"-"))
		} else {
			c.HTML = template.HTML(page.CodeLines(src, language, id+"-"))
		}
		b.add(e.Chapter.ID()+"/"+e.FileName(ending), src)
		b.index.addSource(e, c, src)
		return c, nil
	}
	for _, f := range []struct {
		ending, language, title, id string
		there                       bool
		to                          *[]codeView
	}{
		{catalog.Source, "go", "go", "go", true, &v.Pair},
		{catalog.Twin, "python", "python", "python", true, &v.Pair},
		{catalog.BareSource, "go", "bare", "bare", e.Bare != nil, &v.More},
		{catalog.WrongSource, "go", "wrong", "wrong", e.Wrong != nil, &v.More},
	} {
		if !f.there {
			continue
		}
		c, err := show(f.ending, f.language, f.title, f.id)
		if err != nil {
			return err
		}
		if f.id == "wrong" {
			for _, w := range e.Wrong {
				c.Titles = append(c.Titles, fmt.Sprintf("%s: %s", w.Name, w.Title))
			}
		}
		*f.to = append(*f.to, c)
	}
	var err error
	v.Promise, err = show(catalog.Promise, "promise", "promise", "promise")
	return err
}

// names divides what the book or the recipe uses at its commas. Those that are certain lead to their documentation.
func (b *builder) names(list, side string) []name {
	var all []name
	for _, text := range strings.Split(list, ", ") {
		all = append(all, name{text, b.docs.of(text, side)})
	}
	return all
}
