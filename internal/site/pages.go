package site

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/page"
)

// row is a recipe in a list of recipes.
type row struct {
	URL, ID, Section, Title string
	Python, Go              string
}

// chapterView is a chapter on the index and on its own page.
type chapterView struct {
	URL, ID string
	Number  int
	Title   string
	Lead    template.HTML  // the first part of its introduction
	First   []page.Section // the same with its heading
	Then    []page.Section // the others
	Rows    []row
	Before  *link
	Next    *link
}

// home makes the index.
func (b *builder) home() error {
	text, err := b.texts.file("home.md")
	if err != nil {
		return err
	}
	var body struct {
		Title    string
		Lead     template.HTML
		Chapters []chapterView
		Recipes  int
	}
	welcome := page.HTML{}.Sections(text)
	body.Title, body.Lead = welcome[0].Title, template.HTML(welcome[0].Body)
	for _, ch := range b.catalog.Chapters {
		view, err := b.chapterView(ch, "")
		if err != nil {
			return err
		}
		body.Chapters = append(body.Chapters, view)
		body.Recipes += len(view.Rows)
	}
	return b.page("home", frame{Here: "index.html", Title: body.Title, English: !b.texts.has("home.md"), Body: body})
}

// chapters makes the page of each chapter.
func (b *builder) chapters() error {
	all := b.catalog.Chapters
	for i, ch := range all {
		view, err := b.chapterView(ch, "../")
		if err != nil {
			return err
		}
		if i > 0 {
			view.Before = &link{URL: "../" + chapterPath(all[i-1]), Text: b.titleOf(all[i-1])}
		}
		if i+1 < len(all) {
			view.Next = &link{URL: "../" + chapterPath(all[i+1]), Text: b.titleOf(all[i+1])}
		}
		f := frame{
			Root: "../", Here: chapterPath(ch), Title: b.texts.say("chapter", ch.Number) + ": " + view.Title, English: !b.texts.has(ch.ID() + "/" + ch.ID() + catalog.Explanation),
			Crumbs: []link{{URL: "../index.html", Text: b.texts.say("recipes")}}, Body: view,
		}
		b.index.addSections(chapterPath(ch), f.Title, slices.Concat(view.First, view.Then))
		if err := b.page("chapter", f); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) chapterView(ch *catalog.Chapter, root string) (chapterView, error) {
	text, err := ch.Introduction()
	if err != nil {
		return chapterView{}, err
	}
	v := chapterView{URL: root + chapterPath(ch), ID: ch.ID(), Number: ch.Number, Title: b.titleOf(ch)}
	v.First = below(b.html(root).Sections(text))
	if len(v.First) > 0 {
		v.Lead = template.HTML(v.First[0].Body)
		v.First, v.Then = v.First[:1], v.First[1:]
	}
	for _, r := range ch.Recipes {
		e := catalog.Entry{Recipe: r, Chapter: ch}
		v.Rows = append(v.Rows, row{root + recipePath(e), r.ID, r.Section, b.title(e), r.Python, r.Go})
	}
	return v, nil
}

// html turns Markdown into HTML for a page from which root leads to the site's folder.
func (b *builder) html(root string) page.HTML {
	return page.HTML{Link: func(code, column string) string { return b.linkOf(code, column, root) }}
}

// linkOf is where a piece of code in a text leads: the page of a recipe or chapter, or official documentation.
func (b *builder) linkOf(code, column, root string) string {
	if path, ok := b.paths[code]; ok {
		return root + path
	}
	return b.docs.of(code, strings.ToLower(column))
}

// title is the title of a recipe's explanation, which may be in another language.
func (b *builder) title(e catalog.Entry) string {
	if text, err := e.File(catalog.Explanation); err == nil && b.texts.name != english {
		if s := (page.HTML{}).Sections(text); len(s) > 0 && s[0].Level == 1 {
			return s[0].Title
		}
	}
	return e.Title
}

func (b *builder) titleOf(ch *catalog.Chapter) string {
	if text, err := ch.Introduction(); err == nil && b.texts.name != english {
		if s := (page.HTML{}).Sections(text); len(s) > 0 && s[0].Level == 1 {
			return s[0].Title
		}
	}
	return ch.Title
}

// below are the sections of a text behind its title.
func below(all []page.Section) []page.Section {
	if len(all) > 0 && all[0].Level == 1 {
		if strings.TrimSpace(all[0].Body) == "" {
			return all[1:]
		}
	}
	return all
}

func chapterPath(ch *catalog.Chapter) string { return ch.ID() + "/index.html" }

func recipePath(e catalog.Entry) string { return fmt.Sprintf("%s/%s.html", e.Chapter.ID(), e.Stem()) }
