package page

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"cookbook/internal/terminal"
)

// inline returns the text within n, drawn over base.
func (d document) inline(n ast.Node, base terminal.Look) []terminal.Span {
	in := inliner{src: d.src, tick: "`"}
	in.children(n, base)
	return in.spans
}

// inliner collects the spans of a paragraph.
type inliner struct {
	src   []byte
	tick  string // drawn around code, so that it can be told apart without colour
	cell  bool   // of a table, in which a pipe is written \|
	spans []terminal.Span
}

func (in *inliner) add(text string, a terminal.Look) {
	in.spans = append(in.spans, terminal.Span{Text: text, Look: a})
}

// addText adds text on one line.
func (in *inliner) addText(text string, a terminal.Look) {
	in.add(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, terminal.Safe(text)), a)
}

func (in *inliner) children(n ast.Node, base terminal.Look) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		in.node(c, base)
	}
}

func (in *inliner) node(n ast.Node, base terminal.Look) {
	switch n := n.(type) {
	case *ast.Text:
		in.text(n, base)
	case *ast.String:
		in.addText(string(n.Value), base)
	case *ast.CodeSpan:
		in.code(n, base)
	case *ast.Emphasis:
		look := terminal.Italic
		if n.Level > 1 {
			look = terminal.Bold
		}
		in.children(n, base.With(look))
	case *ast.Link:
		in.link(n, string(n.Destination), base.With(terminal.Blue|terminal.Underline))
	case *ast.Image:
		in.link(n, string(n.Destination), base.With(terminal.Italic))
	case *ast.AutoLink:
		in.addText(string(n.Label(in.src)), base.With(terminal.Blue|terminal.Underline))
	case *ast.RawHTML:
		in.html(string(n.Segments.Value(in.src)), base)
	default:
		in.children(n, base)
	}
}

func (in *inliner) text(t *ast.Text, base terminal.Look) {
	value := t.Value(in.src)
	if !t.IsRaw() {
		value = unescape(value)
	}
	in.addText(string(value), base)
	switch {
	case t.HardLineBreak():
		in.add("\n", base)
	case t.SoftLineBreak():
		in.add(" ", base)
	}
}

func (in *inliner) code(n *ast.CodeSpan, base terminal.Look) {
	in.add(in.tick, base.With(terminal.Dim)&^terminal.Underline)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			in.node(c, base.With(terminal.Cyan))
			continue
		}
		value := string(t.Value(in.src))
		if c.NextSibling() == nil {
			value = strings.TrimSuffix(value, "\n")
		}
		if in.cell {
			value = strings.ReplaceAll(value, `\|`, "|")
		}
		in.addText(value, base.With(terminal.Cyan))
	}
	in.add(in.tick, base.With(terminal.Dim)&^terminal.Underline)
}

// link adds the text of a link and, where it tells the reader something new, its address.
func (in *inliner) link(n ast.Node, url string, look terminal.Look) {
	url = string(unescape([]byte(url)))
	before := len(in.spans)
	in.children(n, look)
	var shown strings.Builder
	for _, s := range in.spans[before:] {
		shown.WriteString(s.Text)
	}
	switch {
	case url == "" || url == shown.String() || url == "mailto:"+shown.String():
	case strings.HasPrefix(url, "#") && shown.Len() > 0: // a place in this page
	default:
		if shown.Len() > 0 {
			in.add(" ", 0)
		}
		in.addText("("+url+")", terminal.Dim)
	}
}

func (in *inliner) html(raw string, base terminal.Look) {
	switch tag := strings.ToLower(strings.TrimRight(raw, " />")); {
	case tag == "<br":
		in.add("\n", base)
	case strings.HasPrefix(tag, "<!--"):
	default:
		in.addText(raw, base.With(terminal.Dim))
	}
}

// unescape resolves backslashes before punctuation, and entities.
func unescape(src []byte) []byte {
	if !bytes.ContainsAny(src, `\&`) {
		return src
	}
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\' && i+1 < len(src) && util.IsPunct(src[i+1]):
			i++
			out = append(out, src[i])
			continue
		case c == '&':
			end := bytes.IndexByte(src[i:min(len(src), i+40)], ';')
			if end < 0 {
				break
			}
			entity := src[i : i+end+1]
			if plain := util.ResolveEntityNames(util.ResolveNumericReferences(entity)); !bytes.Equal(plain, entity) {
				out = append(out, plain...)
				i += end
				continue
			}
		}
		out = append(out, src[i])
	}
	return out
}
