package practice

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Clocked is where a program waits for the clock, and with what: exercise.go:31:3: time.Sleep. "" is nowhere, or source is no Go.
//
// A solution does without the clock. A judge takes every pause of the log away, because a pause makes a fault rare and does not mend it.
// It cannot take time.Sleep away, and a search lets time pass only when nothing else can go on. So a program that waits long enough would
// be accepted. The same holds for a wait with a time-out: how long is enough is a guess.
func Clocked(name string, source []byte) string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	where := ""
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || where != "" {
			return where == ""
		}
		of, _ := s.X.(*ast.Ident)
		if of == nil {
			of = &ast.Ident{}
		}
		waits := strings.HasSuffix(s.Sel.Name, "Timeout") && !strings.HasPrefix(s.Sel.Name, "Err") // of threading, process, async
		if waits || slices.Contains(clocks(), of.Name+"."+s.Sel.Name) {
			where = fmt.Sprintf("%s: %s", fset.Position(s.Sel.Pos()), strings.TrimPrefix(of.Name+"."+s.Sel.Name, "."))
		}
		return true
	})
	return where
}

// clocks are the other names that wait for the clock, as they are written in a program.
func clocks() []string {
	return []string{
		"time.Sleep", "time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker",
		"context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause",
		"async.WaitFor", "threading.NewTimer",
	}
}
