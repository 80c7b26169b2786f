package page

import (
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"cookbook/internal/terminal"
)

// Section is a part of a Markdown text as HTML: a heading of the first or second level with what stands below it.
type Section struct {
	Level int    // 1 or 2; 0: what stands before the first heading
	ID    string // for an anchor, made of the title's words; no two of one text are alike
	Title string // plain
	Name  string // the title as HTML
	Body  string // what stands below, as HTML
	Text  string // the same as plain words, in one line
}

// HTML turns Markdown into HTML. It has no styles and no scripts of its own: what is highlighted has a class (see [Class]). HTML in
// the source is shown as it is written.
type HTML struct {
	// Link returns where a piece of code leads, such as ch2.lock or sync.Mutex; "": nowhere. Column is the head of the table's column
	// that it stands in, "" outside of a table. Link may be nil.
	Link func(code, column string) string
}

// Sections divides a text at its headings of the first two levels.
func (h HTML) Sections(src []byte) []Section {
	clean := strings.ReplaceAll(string(src), "\r\n", "\n")
	clean = terminal.Safe(strings.TrimPrefix(clean, "\ufeff"))
	w := &htmlWriter{HTML: h, src: []byte(clean), ids: map[string]int{}}
	root := newParser().Parse(text.NewReader(w.src))
	all := []Section{{}}
	end := func() {
		last := &all[len(all)-1]
		last.Body, last.Text = w.out.String(), terminal.OneLine(w.plain.String())
		w.out.Reset()
		w.plain.Reset()
	}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		heading, ok := n.(*ast.Heading)
		if !ok || heading.Level > 2 {
			w.block(n)
			continue
		}
		end()
		w.inline(heading)
		s := Section{Level: heading.Level, Name: w.out.String(), Title: terminal.OneLine(w.plain.String())}
		s.ID = w.id(s.Title)
		w.out.Reset()
		w.plain.Reset()
		all = append(all, s)
	}
	end()
	if all[0].Body == "" {
		all = all[1:]
	}
	return all
}

// Cell is the cell of a table, in the column with this head, as HTML.
func (h HTML) Cell(src, column string) string {
	w := &htmlWriter{HTML: h, src: []byte(terminal.Safe(src)), cell: true, column: column}
	root := newParser().Parse(text.NewReader(w.src))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if n != root.FirstChild() {
			w.out.WriteByte(' ')
		}
		w.inline(n)
	}
	return w.out.String()
}

// htmlWriter writes the HTML of one text, and its words.
type htmlWriter struct {
	HTML
	src        []byte
	out, plain strings.Builder
	ids        map[string]int
	linked     bool // within a link
	cell       bool // within a table, in which a pipe is written \|
	column     string
}

// id makes an anchor of a heading's words.
func (w *htmlWriter) id(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	id := strings.TrimRight(b.String(), "-")
	if id == "" {
		id = "section"
	}
	w.ids[id]++
	if n := w.ids[id]; n > 1 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	return id
}

// say writes text, which is escaped, and notes its words.
func (w *htmlWriter) say(text string) {
	w.out.WriteString(html.EscapeString(text))
	w.plain.WriteString(text)
}

// within writes what write writes, in a tag.
func (w *htmlWriter) within(tag string, write func()) {
	w.out.WriteString("<" + tag + ">")
	write()
	name, _, _ := strings.Cut(tag, " ")
	w.out.WriteString("</" + name + ">")
}

func (w *htmlWriter) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.TextBlock:
		w.inline(n)
	case *ast.Paragraph:
		w.within("p", func() { w.inline(n) })
	case *ast.Heading:
		level := fmt.Sprintf("h%d", min(n.Level, 6))
		w.within(level, func() { w.inline(n) })
	case *ast.ThematicBreak:
		w.out.WriteString("<hr>")
	case *ast.FencedCodeBlock:
		w.code(string(n.Lines().Value(w.src)), string(n.Language(w.src)))
	case *ast.CodeBlock:
		w.code(string(n.Lines().Value(w.src)), "")
	case *ast.Blockquote:
		w.within("blockquote", func() { w.blocks(n) })
	case *ast.List:
		w.list(n)
	case *extast.Table:
		w.table(n)
	case *ast.HTMLBlock:
		w.within("pre", func() { w.say(string(n.Lines().Value(w.src))) })
	}
	w.out.WriteByte('\n')
	w.plain.WriteByte('\n')
}

func (w *htmlWriter) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.block(c)
	}
}

func (w *htmlWriter) code(src, name string) {
	src = strings.TrimSuffix(src, "\n")
	if name == "" {
		name = "sh" // blocks without a language are what the reader types
	}
	w.plain.WriteString(src)
	w.within("pre", func() { w.within("code", func() { w.out.WriteString(Code(src, name)) }) })
}

func (w *htmlWriter) list(l *ast.List) {
	tag := "ul"
	if l.IsOrdered() {
		tag = "ol"
		if l.Start != 1 {
			tag = fmt.Sprintf("ol start=\"%d\"", l.Start)
		}
	}
	w.within(tag, func() {
		for item := l.FirstChild(); item != nil; item = item.NextSibling() {
			w.within("li", func() { w.blocks(item) })
		}
	})
}
