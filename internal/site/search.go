package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/page"
)

// unit is a text that the search looks through as a whole.
type unit struct {
	url    string // of the page
	title  string // of what it belongs to
	kind   string // one of kinds
	anchor string // on the page; of a source: what the number of a line stands behind
	text   string
}

// kinds are what a unit may be. Scripts know them by their numbers; what they are called is in the strings, as kinds.
func kinds() []string { return []string{"recipe", "text", "glossary", "go", "python", "promise"} }

// index collects what the search looks through.
type index struct{ units []unit }

func (x *index) add(u unit) { x.units = append(x.units, u) }

// addSections adds the parts of an explanation.
func (x *index) addSections(url, title string, sections []page.Section) {
	for _, s := range sections {
		x.add(unit{url: url, title: title + " · " + s.Title, kind: "text", anchor: s.ID, text: s.Text})
	}
}

func (x *index) addRecipe(e catalog.Entry, v recipeView, sections []page.Section) {
	title := e.ID + " · " + v.Title
	x.add(unit{url: recipePath(e), title: title, kind: "recipe", text: "§" + e.Section + " " + e.Python + " → " + e.Go})
	x.addSections(recipePath(e), title, sections)
}

func (x *index) addSource(e catalog.Entry, c codeView, src []byte) {
	x.add(unit{url: recipePath(e), title: c.Path, kind: c.Language, anchor: c.ID + "-", text: string(src)})
}

// script is the index as a script, which pages load from a folder, too: the units, and what words stand for others.
func (x *index) script() ([]byte, error) {
	rows := [][5]any{}
	for _, u := range x.units {
		rows = append(rows, [5]any{u.url, u.title, slices.Index(kinds(), u.kind), u.anchor, u.text})
	}
	words := map[string][]string{}
	for _, row := range catalog.Synonyms() {
		var lower []string
		for _, word := range row {
			lower = append(lower, strings.ToLower(word))
		}
		words[lower[0]] = lower
	}
	var b bytes.Buffer
	for _, v := range []struct {
		name  string
		value any
	}{{"cookbookIndex", rows}, {"cookbookWords", words}} {
		text, err := json.Marshal(v.value) // which escapes <, so that nothing in it can end a script
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "window.%s=%s;\n", v.name, text)
	}
	return b.Bytes(), nil
}
