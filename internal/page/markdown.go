package page

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"cookbook/internal/terminal"
)

const (
	prose  = 100 // columns beyond which nobody likes to read a sentence
	narrow = 60  // columns below which margins are halved
	least  = 12  // columns that even the deepest nesting leaves
)

// room is the columns a block may fill: sentences, and what is better wide (tables).
type room struct{ prose, full int }

// less returns what is left of r beside n columns.
func (r room) less(n int) room {
	return room{max(r.prose-n, least), max(r.full-n, least)}
}

// document is a Markdown text being laid out.
type document struct{ src []byte }

// markdownLines lays src out as a manual page does: headings stand at the left, their text is indented.
func markdownLines(src []byte, columns int) []terminal.Line {
	clean := strings.ReplaceAll(string(src), "\r\n", "\n")
	clean = terminal.Safe(strings.TrimPrefix(clean, "\ufeff"))
	d := document{src: []byte(clean)}
	root := newParser().Parse(text.NewReader(d.src))

	margin := 4
	if columns < narrow {
		margin = 2
	}
	page := room{min(columns, prose) - 2, columns}.less(0)
	var (
		lines []terminal.Line
		tight = true // no blank line before the next block
	)
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		heading, isHeading := n.(*ast.Heading)
		var block []terminal.Line
		if isHeading {
			block = d.heading(heading, page, margin)
		} else {
			block = terminal.Indent(d.block(n, page.less(margin)), margin)
		}
		if len(block) == 0 {
			continue
		}
		if !tight {
			lines = append(lines, nil)
		}
		lines = append(lines, block...)
		tight = isHeading && heading.Level > 1
	}
	return lines
}

// heading draws a heading of the page itself: the first level underlined, the third half way in.
func (d document) heading(h *ast.Heading, page room, margin int) []terminal.Line {
	switch h.Level {
	case 1:
		lines := terminal.Wrap(d.inline(h, terminal.Bold|terminal.Magenta), page.prose)
		if len(lines) == 0 {
			return nil
		}
		return append(lines, rule("━", terminal.Widest(lines)))
	case 2:
		return terminal.Wrap(d.inline(h, terminal.Bold|terminal.Magenta), page.prose)
	}
	return terminal.Indent(terminal.Wrap(d.inline(h, terminal.Bold), page.prose-margin/2), margin/2)
}

// block lays one block out; nil if there is nothing to see.
func (d document) block(n ast.Node, r room) []terminal.Line {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		return terminal.Wrap(d.inline(n, 0), r.prose)
	case *ast.Heading:
		return terminal.Wrap(d.inline(n, terminal.Bold), r.prose)
	case *ast.ThematicBreak:
		return []terminal.Line{rule("─", r.prose)}
	case *ast.FencedCodeBlock:
		return terminal.Indent(codeLines(n.Lines().Value(d.src), language(string(n.Language(d.src)))), 2)
	case *ast.CodeBlock:
		return terminal.Indent(codeLines(n.Lines().Value(d.src), language("")), 2)
	case *ast.Blockquote:
		return d.quote(n, r)
	case *ast.List:
		return d.list(n, r)
	case *extast.Table:
		return d.table(n, r)
	case *ast.HTMLBlock:
		return d.html(n)
	}
	return nil
}

// blocks lays out what n contains, one below the other.
func (d document) blocks(n ast.Node, r room, tight bool) []terminal.Line {
	var lines []terminal.Line
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		block := d.block(c, r)
		if len(block) > 0 && len(lines) > 0 && !tight {
			lines = append(lines, nil)
		}
		lines = append(lines, block...)
	}
	return lines
}

func (d document) quote(q *ast.Blockquote, r room) []terminal.Line {
	lines := d.blocks(q, r.less(2), false)
	for i, l := range lines {
		if len(l) == 0 {
			lines[i] = terminal.Text(terminal.Dim, "│")
			continue
		}
		lines[i] = append(terminal.Text(terminal.Dim, "│ "), l...)
	}
	return lines
}

func (d document) list(l *ast.List, r room) []terminal.Line {
	bullet := bulletOf(l)
	wide := 2
	if l.IsOrdered() {
		wide = len(strconv.Itoa(l.Start+max(l.ChildCount()-1, 0))) + 2
	}
	var lines []terminal.Line
	number := l.Start
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		if len(lines) > 0 && !l.IsTight {
			lines = append(lines, nil)
		}
		marker := bullet
		if l.IsOrdered() {
			marker = strconv.Itoa(number) + "."
			marker = strings.Repeat(" ", max(wide-1-len(marker), 0)) + marker
			number++
		}
		block := terminal.Indent(d.blocks(item, r.less(wide), l.IsTight), wide)
		if len(block) == 0 || len(block[0]) == 0 {
			block = append([]terminal.Line{{{Text: ""}}}, block...)
		}
		first := terminal.Line{}.Add(marker, terminal.Cyan)
		if len(block[0]) > 1 {
			first = append(first.Add(" ", 0), block[0][1:]...)
		}
		block[0] = first
		lines = append(lines, block...)
	}
	return lines
}

// bulletOf alternates with the depth of the list.
func bulletOf(l *ast.List) string {
	depth := 0
	for p := l.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindList {
			depth++
		}
	}
	if depth%2 == 1 {
		return "◦"
	}
	return "•"
}

// html shows HTML as it is written, except comments, which are not meant to be seen.
func (d document) html(n *ast.HTMLBlock) []terminal.Line {
	raw := n.Lines().Value(d.src)
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(d.src)...)
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("<!--")) {
		return nil
	}
	return paint(strings.TrimRight(string(raw), "\n"), []mark{{0, len(raw), terminal.Dim}})
}

func rule(stroke string, n int) terminal.Line {
	return terminal.Text(terminal.Dim, strings.Repeat(stroke, n))
}
