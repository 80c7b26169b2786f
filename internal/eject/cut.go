package eject

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// edit puts text in the place of a part of a file.
type edit struct {
	from, to int
	text     string
}

// text returns a file of the module: without what is not live, and with the module's name in its imports. It is nil if nothing is left.
func (w *world) text(f *file, module string) ([]byte, error) {
	edits := w.renameImports(f, module)
	if f.pkg.folder == "" {
		edits = append(edits, w.edit(f.tree.Name.Pos(), f.tree.Name.End(), "main"))
	}
	if f.whole && f.live {
		return apply(f.text, edits), nil
	}
	if !f.live && (f.tree.Doc == nil || f.pkg.folder == "") {
		return nil, nil
	}
	cuts := w.cuts(f)
	edits = slices.DeleteFunc(edits, func(e edit) bool {
		return slices.ContainsFunc(cuts, func(c edit) bool { return c.from <= e.from && e.to <= c.to })
	})
	text, err := format.Source(apply(f.text, append(edits, cuts...)))
	if err != nil {
		return nil, fmt.Errorf("%s/%s without what the recipe does not reach: %w", f.pkg.folder, f.name, err)
	}
	return text, nil
}

// offset is where a position is in its file.
func (w *world) offset(at token.Pos) int { return w.fset.Position(at).Offset }

func (w *world) edit(from, to token.Pos, text string) edit {
	return edit{w.offset(from), w.offset(to), text}
}

// apply makes the edits, which do not overlap.
func apply(text []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(text[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(text[at:])
	return out.Bytes()
}

// renameImports gives the imports of the library the name of the module.
func (w *world) renameImports(f *file, module string) (edits []edit) {
	for _, spec := range f.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has read it
		}
		if folder, ok := folderOf(imported); ok {
			edits = append(edits, w.edit(spec.Path.Pos(), spec.Path.End(), strconv.Quote(module+"/"+folder)))
		}
	}
	return edits
}

// used are the names of the imports that the live declarations of a file use. Those that have no name of use stay with a live file.
func (f *file) used() map[string]bool {
	names := map[string]bool{}
	for _, u := range f.units {
		if u.live || f.whole && f.live {
			for name := range u.imports {
				names[name] = true
			}
		}
	}
	if f.live {
		names["_"], names["."] = true, true
	}
	return names
}

// cuts are the parts of a file that go: declarations that are not live, imports that nothing uses, and comments that stand alone and have
// nothing live after them.
func (w *world) cuts(f *file) []edit {
	live := map[ast.Node]bool{}
	for _, u := range f.units {
		live[u.node] = u.live
	}
	used := f.used()
	isLive := func(s ast.Spec) bool {
		spec, ok := s.(*ast.ImportSpec)
		if !ok {
			return live[s]
		}
		imported, err := strconv.Unquote(spec.Path.Value)
		return err == nil && used[w.nameOf(spec, imported)]
	}
	var cuts []edit
	attached := map[*ast.CommentGroup]bool{f.tree.Doc: true}
	cut := func(n ast.Node, doc, line *ast.CommentGroup) {
		from, to := n.Pos(), n.End()
		if doc != nil {
			from = doc.Pos()
		}
		if line != nil {
			to = max(to, line.End())
		}
		cuts = append(cuts, wholeLines(f.text, w.edit(from, to, "")))
	}
	var kept []bool // whether each declaration has something live
	for _, d := range f.tree.Decls {
		keep := false
		switch d := d.(type) {
		case *ast.FuncDecl:
			attached[d.Doc] = true
			if keep = live[d]; !keep {
				cut(d, d.Doc, nil)
			}
		case *ast.GenDecl:
			attached[d.Doc] = true
			if d.Tok == token.CONST {
				keep = live[d]
			} else {
				keep = slices.ContainsFunc(d.Specs, isLive)
			}
			if !keep {
				cut(d, d.Doc, nil)
			} else if d.Tok != token.CONST {
				w.cutSpecs(f, d, isLive, cut, &cuts)
			}
		}
		kept = append(kept, keep)
	}
	cuts = append(cuts, w.loneComments(f, kept, attached)...)
	return merged(cuts)
}

// cutSpecs cuts the lines of a group that are not live, each with its comments.
func (w *world) cutSpecs(f *file, d *ast.GenDecl, isLive func(ast.Spec) bool, cut func(n ast.Node, doc, line *ast.CommentGroup), cuts *[]edit) {
	doc := map[*ast.CommentGroup]bool{}
	for _, s := range d.Specs {
		above, beside := commentsOf(s)
		doc[above], doc[beside] = true, true
		if !isLive(s) {
			cut(s, above, beside)
		}
	}
	for _, group := range f.tree.Comments {
		if group.Pos() < d.Lparen || group.End() > d.Rparen || doc[group] {
			continue
		}
		next := slices.IndexFunc(d.Specs, func(s ast.Spec) bool { return s.End() > group.Pos() })
		if next >= 0 && d.Specs[next].Pos() > group.End() && !isLive(d.Specs[next]) {
			*cuts = append(*cuts, wholeLines(f.text, w.edit(group.Pos(), group.End(), "")))
		}
	}
}

func commentsOf(s ast.Spec) (above, beside *ast.CommentGroup) {
	switch s := s.(type) {
	case *ast.ImportSpec:
		return s.Doc, s.Comment
	case *ast.ValueSpec:
		return s.Doc, s.Comment
	case *ast.TypeSpec:
		return s.Doc, s.Comment
	}
	return nil, nil
}

// loneComments are the comments between declarations after which, up to the next one of their kind, nothing is kept. Comments above the
// package clause stay.
func (w *world) loneComments(f *file, kept []bool, attached map[*ast.CommentGroup]bool) (cuts []edit) {
	var lone []*ast.CommentGroup
	for _, group := range f.tree.Comments {
		inside := slices.ContainsFunc(f.tree.Decls, func(d ast.Decl) bool { return d.Pos() <= group.Pos() && group.Pos() < d.End() })
		if group.Pos() > f.tree.Package && !attached[group] && !inside {
			lone = append(lone, group)
		}
	}
	for i, group := range lone {
		until := token.Pos(len(f.text)) + f.tree.FileEnd
		if i+1 < len(lone) {
			until = lone[i+1].Pos()
		}
		keep := false
		for j, d := range f.tree.Decls {
			keep = keep || kept[j] && group.Pos() < d.Pos() && d.Pos() < until
		}
		if !keep {
			cuts = append(cuts, wholeLines(f.text, w.edit(group.Pos(), group.End(), "")))
		}
	}
	return cuts
}

// wholeLines widens a cut to the ends of its lines: with the comment that stands behind it, and its line break if nothing is left.
func wholeLines(text []byte, e edit) edit {
	line := text[e.to:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	if rest := strings.TrimSpace(string(line)); rest == "" || strings.HasPrefix(rest, "//") {
		e.to += len(line)
	}
	start := bytes.LastIndexByte(text[:e.from], '\n') + 1
	if len(bytes.TrimSpace(text[start:e.from])) == 0 && e.to < len(text) && text[e.to] == '\n' {
		e.from = start
		e.to++
	}
	return e
}

// merged sorts cuts, and makes one of those that overlap.
func merged(cuts []edit) (out []edit) {
	slices.SortFunc(cuts, func(a, b edit) int { return a.from - b.from })
	for _, c := range cuts {
		if last := len(out) - 1; last >= 0 && c.from < out[last].to {
			out[last].to = max(out[last].to, c.to)
		} else {
			out = append(out, c)
		}
	}
	return out
}
