// Package glossary is what stands in Go for the names of Python, as the tables of all explanations say it, and the words that the
// cookbook uses in a sense of its own. Nothing of it is written twice: the words alone have a file of their own, words.md.
package glossary

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cookbook/internal/catalog"
	"cookbook/internal/page"
)

// Words is the table of the cookbook's own words, in Markdown.
//
//go:embed words.md
var Words []byte

// Counterpart is a line of the glossary: what Python has, and what stands for it in Go. The texts are Markdown, as the
// explanations have them.
type Counterpart struct {
	Python  string   `json:"python"`
	Go      string   `json:"go"`
	Remark  string   `json:"remark"`
	Recipes []string `json:"recipes"` // or chapters, in whose introductions it stands
}

// Word is a word of the project.
type Word struct {
	Word    string `json:"word"`
	Meaning string `json:"meaning"`
}

// Glossary is all there is, or what a search has left.
type Glossary struct {
	Names []Counterpart `json:"names"`
	Words []Word        `json:"words"`
}

// Read collects the tables from Python to Go of all explanations and introductions, and the project's own words, such as [Words].
func Read(c *catalog.Catalog, words []byte) (*Glossary, error) {
	g := &Glossary{Names: []Counterpart{}, Words: []Word{}}
	for _, ch := range c.Chapters {
		text, err := ch.Introduction()
		if err != nil {
			return nil, err
		}
		g.add(ch.ID(), text)
	}
	for _, e := range c.Entries() {
		text, err := e.File(catalog.Explanation)
		if err != nil {
			return nil, err
		}
		g.add(e.ID, text)
	}
	for _, t := range page.Tables(words) {
		for _, row := range t.Rows {
			g.Words = append(g.Words, Word{row[0], row[1]})
		}
	}
	slices.SortStableFunc(g.Names, func(a, b Counterpart) int {
		return cmp.Or(cmp.Compare(sortKey(a.Python), sortKey(b.Python)), cmp.Compare(sortKey(a.Go), sortKey(b.Go)))
	})
	slices.SortFunc(g.Words, func(a, b Word) int { return cmp.Compare(sortKey(a.Word), sortKey(b.Word)) })
	return g, nil
}

// add takes the tables of one explanation. A line that another one has, too, stands once, with both ids.
func (g *Glossary) add(id string, text []byte) {
	for _, t := range page.Tables(text) {
		if len(t.Head) < 2 || t.Head[0] != "Python" || t.Head[1] != "Go" {
			continue
		}
		for _, row := range t.Rows {
			n := Counterpart{Python: row[0], Go: row[1], Recipes: []string{id}}
			if len(row) > 2 {
				n.Remark = row[2]
			}
			if n.Remark != "" && t.Head[2] != "remark" {
				n.Remark = t.Head[2] + ": " + n.Remark
			}
			same := slices.IndexFunc(g.Names, func(m Counterpart) bool { return m.Python == n.Python && m.Go == n.Go && m.Remark == n.Remark })
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
	key := strings.ToLower(PlainCell(cell))
	if first, _ := utf8.DecodeRuneInString(key); !isWord(first) {
		return "\U0010ffff" + key
	}
	return key
}

// Search leaves the lines in which every term begins a word, or a part of an identifier.
func (g *Glossary) Search(terms []string) *Glossary {
	found := &Glossary{Names: []Counterpart{}, Words: []Word{}}
	for _, n := range g.Names {
		text := PlainCell(n.Python + "\n" + n.Go + "\n" + n.Remark)
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

// PlainCell is a cell as it is typed, without the marks of Markdown.
func PlainCell(cell string) string {
	return strings.NewReplacer("`", "", `\|`, "|").Replace(cell)
}

// Plain is the glossary for programs.
func (g *Glossary) Plain() *Glossary {
	out := &Glossary{Names: []Counterpart{}, Words: []Word{}}
	for _, n := range g.Names {
		out.Names = append(out.Names, Counterpart{PlainCell(n.Python), PlainCell(n.Go), PlainCell(n.Remark), n.Recipes})
	}
	for _, w := range g.Words {
		out.Words = append(out.Words, Word{PlainCell(w.Word), PlainCell(w.Meaning)})
	}
	return out
}

// Markdown is the glossary as a page.
func (g *Glossary) Markdown() []byte {
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
