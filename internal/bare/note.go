package bare

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// width is where a comment made of a note is wrapped.
const width = 100

// comment puts a comment in place of a statement: what the call of Note says. A note whose text is not known here leaves nothing.
func (r rewriter) comment(stmt ast.Node, note *ast.CallExpr) edit {
	e := r.remove(stmt.Pos(), stmt.End())
	words := strings.Fields(r.noteText(note))
	if len(words) == 0 {
		return e
	}
	begin := strings.LastIndexByte(r.text[:r.at(stmt.Pos())], '\n') + 1
	indent := strings.Repeat("\t", strings.Count(r.text[begin:r.at(stmt.Pos())], "\t"))
	var out strings.Builder
	line := ""
	for _, word := range words {
		if line != "" && 4*len(indent)+len("// ")+len(line)+1+len(word) > width {
			out.WriteString(indent + "// " + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	out.WriteString(indent + "// " + line + "\n")
	e.text = out.String()
	if e.to == r.at(stmt.End()) { // it shares its line with others
		e.text = "\n" + e.text
	}
	return e
}

// noteText is what a call of Note says, with the arguments' own text in place of the verbs.
func (r rewriter) noteText(call *ast.CallExpr) string {
	text, ok := literal(call.Args[0])
	if !ok {
		return ""
	}
	args, known := call.Args[1:], true
	text = verb().ReplaceAllStringFunc(text, func(verb string) string {
		if verb == "%%" {
			return "%"
		}
		if len(args) == 0 {
			known = false
			return verb
		}
		arg := args[0]
		args = args[1:]
		if s, ok := literal(arg); ok {
			return s
		}
		known = known && text != verb
		return r.of(arg)
	})
	if !known {
		return ""
	}
	return text
}

func verb() *regexp.Regexp { return regexp.MustCompile(`%[-+# 0]*[0-9]*(\.[0-9]+)?[a-zA-Z%]`) }

// literal is the value of a string that stands in the text, in one piece or in several with + between them.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok1 := literal(x.X)
		right, ok2 := literal(x.Y)
		return left + right, ok1 && ok2 && x.Op == token.ADD
	}
	return "", false
}

// noteOfIf is the note of a choice between notes: the last one, which says what is usual. It is nil if there is more in a branch.
func (r rewriter) noteOfIf(stmt *ast.IfStmt) *ast.CallExpr {
	note := r.onlyNote(stmt.Body)
	if note == nil {
		return nil
	}
	switch other := stmt.Else.(type) {
	case nil:
		return note
	case *ast.BlockStmt:
		return r.onlyNote(other)
	case *ast.IfStmt:
		return r.noteOfIf(other)
	}
	return nil
}

func (r rewriter) onlyNote(block *ast.BlockStmt) *ast.CallExpr {
	if len(block.List) != 1 {
		return nil
	}
	stmt, ok := block.List[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	if name, call, _ := r.method(stmt.X); name == "Note" {
		return call
	}
	return nil
}
