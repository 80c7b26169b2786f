package page

import (
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// inline writes the text within n.
func (w *htmlWriter) inline(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.span(c)
	}
}

func (w *htmlWriter) span(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		value := n.Value(w.src)
		if !n.IsRaw() {
			value = unescape(value)
		}
		w.say(string(value))
		switch {
		case n.HardLineBreak():
			w.out.WriteString("<br>")
			w.plain.WriteByte(' ')
		case n.SoftLineBreak():
			w.say("\n")
		}
	case *ast.String:
		w.say(string(n.Value))
	case *ast.CodeSpan:
		w.codeSpan(n)
	case *ast.Emphasis:
		tag := "em"
		if n.Level > 1 {
			tag = "strong"
		}
		w.within(tag, func() { w.inline(n) })
	case *ast.Link:
		w.link(string(unescape(n.Destination)), func() { w.inline(n) })
	case *ast.AutoLink:
		w.link(string(n.URL(w.src)), func() { w.say(string(n.Label(w.src))) })
	case *ast.RawHTML:
		if raw := string(n.Segments.Value(w.src)); strings.HasPrefix(raw, "<br") {
			w.out.WriteString("<br>")
		} else {
			w.say(raw)
		}
	default: // an image is its words: a page has no resources of others
		w.inline(n)
	}
}

// link writes a link, unless it stands within one, or leads to what a browser would run.
func (w *htmlWriter) link(url string, text func()) {
	scheme, _, found := strings.Cut(url, ":")
	if w.linked || url == "" || found && scheme != "https" && scheme != "http" && scheme != "mailto" {
		text()
		return
	}
	w.linked = true
	w.within(fmt.Sprintf("a href=\"%s\"", html.EscapeString(url)), text)
	w.linked = false
}

func (w *htmlWriter) codeSpan(n *ast.CodeSpan) {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Value(w.src))
			if t.SoftLineBreak() && c.NextSibling() != nil {
				b.WriteByte(' ')
			}
		}
	}
	code := strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", " ")
	if w.cell {
		code = strings.ReplaceAll(code, `\|`, "|")
	}
	write := func() {
		w.within("code", func() {
			if !w.cell {
				w.say(code)
				return
			}
			for i, part := range breakable(code) {
				if i > 0 {
					w.out.WriteString("<wbr>")
				}
				w.say(part)
			}
		})
	}
	url := ""
	if w.Link != nil {
		url = w.Link(code, w.column)
	}
	w.link(url, write)
}

// table writes a table whose cells bear the name of their column, for a page that is too narrow for columns.
func (w *htmlWriter) table(t *extast.Table) {
	w.cell = true
	defer func() { w.cell, w.column = false, "" }()
	var head []string
	w.out.WriteString(`<table role="table">`)
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		isHead := row.Kind() == extast.KindTableHeader
		cell, scope := "td", ` role="cell"`
		if isHead {
			cell, scope = "th", ` role="columnheader" scope="col"`
			w.out.WriteString(`<thead role="rowgroup">`)
		}
		w.out.WriteString(`<tr role="row">`)
		column := 0
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			start := w.plain.Len()
			label := ""
			if !isHead && column < len(head) {
				w.column = head[column]
				label = fmt.Sprintf(` data-label="%s"`, html.EscapeString(head[column]))
			}
			w.out.WriteString("<" + cell + scope + label + ">")
			w.inline(c)
			w.out.WriteString("</" + cell + ">")
			if isHead {
				head = append(head, w.plain.String()[start:])
			}
			w.plain.WriteString(" ")
			column++
		}
		w.out.WriteString("</tr>")
		if isHead {
			w.out.WriteString(`</thead><tbody role="rowgroup">`)
		}
		w.plain.WriteString("\n")
	}
	w.out.WriteString("</tbody></table>")
}

// breakable divides code where a narrow column may break it: behind a point, and behind a parenthesis that is not closed at once.
func breakable(code string) []string {
	var parts []string
	start := 0
	for i := 1; i < len(code); i++ {
		if before := code[i-1]; before == '.' || before == '(' && code[i] != ')' {
			parts = append(parts, code[start:i])
			start = i
		}
	}
	return append(parts, code[start:])
}
