package site

import (
	"fmt"
	"html/template"
	"strings"

	"cookbook/internal/glossary"
)

// nameView is a line of the glossary's table from Python to Go.
type nameView struct {
	ID                 string
	Python, Go, Remark template.HTML
	Recipes            []link
}

// wordView is a word of the cookbook.
type wordView struct {
	ID      string
	Word    string
	Meaning template.HTML
}

// glossaryPage makes the glossary.
func (b *builder) glossaryPage() error {
	var body struct {
		Words []wordView
		Names []nameView
	}
	render := b.html("")
	for _, w := range b.glossary.Words {
		word := glossary.PlainCell(w.Word)
		view := wordView{wordID(word), word, template.HTML(render.Cell(w.Meaning, ""))}
		body.Words = append(body.Words, view)
		b.index.add(unit{url: "glossary.html", title: word, kind: "glossary", anchor: view.ID, text: glossary.PlainCell(w.Meaning)})
	}
	for i, n := range b.glossary.Names {
		view := nameView{
			b.nameID(i), template.HTML(render.Cell(n.Python, inPython)), template.HTML(render.Cell(n.Go, inGo)), template.HTML(render.Cell(n.Remark, "")), nil,
		}
		for _, id := range n.Recipes {
			view.Recipes = append(view.Recipes, link{URL: b.paths[id], Text: id})
		}
		body.Names = append(body.Names, view)
		plain := glossary.PlainCell(n.Python) + " → " + glossary.PlainCell(n.Go)
		b.index.add(unit{url: "glossary.html", title: plain, kind: "glossary", anchor: view.ID, text: glossary.PlainCell(n.Remark)})
	}
	return b.page("glossary", frame{Here: "glossary.html", Title: b.texts.say("glossary"), English: !b.texts.has("glossary.md"), Body: body})
}

// wordID is the anchor of a word.
func wordID(word string) string { return "word-" + strings.ReplaceAll(strings.ToLower(word), " ", "-") }

// nameID is the anchor of the glossary's line i.
func (b *builder) nameID(i int) string { return fmt.Sprintf("name-%d", i+1) }
