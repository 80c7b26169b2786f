package bare

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// A source is a Go file: its text and the tree of it.
type source struct {
	text string
	tree *ast.File
	base int // the position of the text's first byte
	set  *token.FileSet
}

func parse(text string) (*source, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "main.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &source{text, tree, set.File(tree.FileStart).Base(), set}, nil
}

// of returns the text of a node.
func (s *source) of(n ast.Node) string { return s.between(n.Pos(), n.End()) }

func (s *source) between(from, to token.Pos) string { return s.text[s.at(from):s.at(to)] }

// at is a position as an index into the text.
func (s *source) at(p token.Pos) int { return int(p) - s.base }

// An edit puts another text in place of a part of a source.
type edit struct {
	from, to int
	text     string
}

// replace puts a text in place of a node.
func (s *source) replace(n ast.Node, text string) edit {
	return edit{s.at(n.Pos()), s.at(n.End()), text}
}

// remove takes a part out, and its line as well if nothing else stands there.
func (s *source) remove(from, to token.Pos) edit {
	e := edit{from: s.at(from), to: s.at(to)}
	begin := strings.LastIndexByte(s.text[:e.from], '\n') + 1
	rest := strings.IndexByte(s.text[e.to:], '\n') + 1
	if rest > 0 && strings.TrimSpace(s.text[begin:e.from]) == "" && strings.TrimSpace(s.text[e.to:e.to+rest]) == "" {
		e.from, e.to = begin, e.to+rest
	}
	return e
}

// apply makes the edits, but for those within another one, and reports whether there was one.
func (s *source) apply(edits []edit) (string, bool) {
	slices.SortFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var out strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue
		}
		out.WriteString(s.text[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.WriteString(s.text[at:])
	return out.String(), len(edits) > 0
}
