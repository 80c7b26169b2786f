package site

import (
	"encoding/json"

	"cookbook/internal/catalog"
	"cookbook/internal/page"
)

// unit is a text that the search looks through as a whole.
type unit struct {
	url    string // of the page
	title  string // of what it belongs to
	kind   string // recipe, text, glossary, go, python, promise
	anchor string // on the page; of a source: what the number of a line stands behind
	text   string
}

// index collects what the search looks through.
type index struct{ units []unit }

func (x *index) add(u unit) { x.units = append(x.units, u) }

// addSections adds the parts of an explanation.
func (x *index) addSections(url, title, _ string, sections []page.Section) {
	for _, s := range sections {
		x.add(unit{url: url, title: title + " · " + s.Title, kind: "text", anchor: s.ID, text: s.Text})
	}
}

func (x *index) addRecipe(e catalog.Entry, v recipeView, sections []page.Section) {
	title := e.ID + " · " + v.Title
	x.add(unit{url: recipePath(e), title: title, kind: "recipe", text: "§" + e.Section + " " + e.Python + " → " + e.Go})
	x.addSections(recipePath(e), title, "", sections)
}

func (x *index) addSource(e catalog.Entry, c codeView, src []byte) {
	x.add(unit{url: recipePath(e), title: c.Path, kind: c.Language, anchor: c.ID + "-", text: string(src)})
}

// script is the index as a script, which pages load from a folder, too.
func (x *index) script() ([]byte, error) {
	var rows [][5]string
	for _, u := range x.units {
		rows = append(rows, [5]string{u.url, u.title, u.kind, u.anchor, u.text})
	}
	text, err := json.Marshal(rows)
	return append(append([]byte("window.cookbookIndex="), text...), ";\n"...), err
}
