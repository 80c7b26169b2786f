package page

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// newParser returns a parser of CommonMark with GitHub's tables. It does not use goldmark's extension package, which has them too:
// that package, once linked, compiles regular expressions before main, and every child process started 0.7 ms later.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithParagraphTransformers(util.Prioritized(pipeTables{}, 200)),
	)
}

// pipeTables makes tables of paragraphs that are written as one: a line of headers, a line of dashes, and a line for each row,
// with pipes between the cells (GitHub Flavored Markdown, section 4.10). Lines above the headers stay a paragraph.
type pipeTables struct{}

// Transform implements parser.ParagraphTransformer.
func (pipeTables) Transform(p *ast.Paragraph, reader text.Reader, _ parser.Context) {
	lines, src := p.Lines(), reader.Source()
	for i := 1; i < lines.Len(); i++ {
		head, rule := lines.At(i-1), lines.At(i)
		heads := pipeCells(head, src)
		align := alignments(pipeCells(rule, src), src)
		if len(align) == 0 || len(heads) != len(align) || !bytes.ContainsRune(src[head.Start:rule.Stop], '|') {
			continue // without any pipe it is a heading
		}
		table := extast.NewTable()
		table.Alignments = align
		table.AppendChild(table, extast.NewTableHeader(tableRow(heads, align)))
		for j := i + 1; j < lines.Len(); j++ {
			table.AppendChild(table, tableRow(pipeCells(lines.At(j), src), align))
		}
		parent := p.Parent()
		parent.InsertAfter(parent, p, table)
		lines.SetSliced(0, i-1)
		if i == 1 {
			parent.RemoveChild(parent, p)
		} else {
			last := lines.At(i - 2)
			lines.Set(i-2, last.TrimRightSpace(src))
		}
		return
	}
}

// tableRow makes a row of cells, as many as there are columns; missing ones are empty.
func tableRow(cells []text.Segment, align []extast.Alignment) *extast.TableRow {
	row := extast.NewTableRow(align)
	for i := range align {
		cell := extast.NewTableCell()
		cell.Alignment = align[i]
		if i < len(cells) && !cells[i].IsEmpty() {
			cell.Lines().Append(cells[i])
		}
		row.AppendChild(row, cell)
	}
	return row
}

// pipeCells divides a line at its pipes, but for those behind a backslash. Pipes at the two ends are not cells.
func pipeCells(line text.Segment, src []byte) []text.Segment {
	line = line.TrimLeftSpace(src)
	line = line.TrimRightSpace(src)
	start := line.Start
	var cells []text.Segment
	cut := func(stop int) {
		cell := text.NewSegment(start, stop)
		cell = cell.TrimLeftSpace(src)
		cells = append(cells, cell.TrimRightSpace(src))
		start = stop + 1
	}
	for i := line.Start; i < line.Stop; i++ {
		if src[i] != '|' || i > line.Start && src[i-1] == '\\' {
			continue
		}
		if i == line.Start {
			start++
		} else {
			cut(i)
		}
	}
	if start < line.Stop {
		cut(line.Stop)
	}
	return cells
}

var dashes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^:?-+:?$`) })

// alignments reads a line of dashes, in which colons say how the columns are aligned; nil if it is not one.
func alignments(cells []text.Segment, src []byte) []extast.Alignment {
	var align []extast.Alignment
	for _, c := range cells {
		cell := string(c.Value(src))
		if !dashes().MatchString(cell) {
			return nil
		}
		switch left, right := strings.HasPrefix(cell, ":"), strings.HasSuffix(cell, ":"); {
		case left && right:
			align = append(align, extast.AlignCenter)
		case left:
			align = append(align, extast.AlignLeft)
		case right:
			align = append(align, extast.AlignRight)
		default:
			align = append(align, extast.AlignNone)
		}
	}
	return align
}

// Table is a table of a Markdown text. Its cells are Markdown, as they are written there; every row has a cell for every column.
type Table struct {
	Head []string
	Rows [][]string
}

// Tables returns the tables of a Markdown text, from first to last.
func Tables(src []byte) []Table {
	var all []Table
	root := newParser().Parse(text.NewReader(src))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // no function below returns an error
		t, ok := n.(*extast.Table)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		var table Table
		for row := t.FirstChild(); row != nil; row = row.NextSibling() {
			var cells []string
			for c := row.FirstChild(); c != nil; c = c.NextSibling() {
				cells = append(cells, string(c.Lines().Value(src)))
			}
			if row.Kind() == extast.KindTableHeader {
				table.Head = cells
			} else {
				table.Rows = append(table.Rows, cells)
			}
		}
		all = append(all, table)
		return ast.WalkSkipChildren, nil
	})
	return all
}
