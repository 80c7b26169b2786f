package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// A mutant is a file with one change.
type mutant struct {
	Recipe   string `json:"recipe"`
	File     string `json:"file"` // recipes/ch2/lock.go
	Line     int    `json:"line"`
	Function string `json:"function"`
	Operator string `json:"operator"`
	Old      string `json:"old"`      // the line that is changed
	New      string `json:"new"`      // what stands there then; "": nothing
	Nth      int    `json:"nth"`      // among those of one function that are otherwise the same, from 1
	Compiles bool   `json:"compiles"` // found by go/types

	file       *file
	start, end int // of what is replaced
	by         string
	or         string // instead of by, if the file would not compile; "": nothing
}

// Key names a mutant for as long as its line stays as it is, wherever that moves.
func (m *mutant) key() string {
	nth := ""
	if m.Nth > 1 {
		nth = fmt.Sprintf(" #%d", m.Nth)
	}
	return fmt.Sprintf("%s %s: %s%s: %s", m.File, m.Function, m.Operator, nth, m.Old)
}

// compiles reports whether it compiles. It takes the other form of the change if there is one and only that compiles.
func (m *mutant) compiles() bool {
	if m.file.compiles(m.text()) {
		return true
	}
	if m.or == "" {
		return false
	}
	m.by, m.or = m.or, ""
	m.describe()
	return m.file.compiles(m.text())
}

// text is the file as the mutant has it.
func (m *mutant) text() []byte {
	return slices.Concat(m.file.src[:m.start], []byte(m.by), m.file.src[m.end:])
}

// diff is the change in two lines.
func (m *mutant) diff() string { return "- " + m.Old + "\n+ " + m.New }

// sum stands for all that a verdict on the mutant depends on: its own text, and what is given.
func (m *mutant) sum(given []byte) string {
	sum := sha256.Sum256(slices.Concat(m.text(), []byte{0}, given))
	return hex.EncodeToString(sum[:])
}

// mutants returns every mutant of a file, in the order of its lines. Those of one place are in the order of the operators.
func mutants(f *file, recipe string) []*mutant {
	var all []*mutant
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		same := map[string]int{}
		s := site{file: f}
		s.found = func(operator string, start, end int, by, or string) {
			m := &mutant{Recipe: recipe, File: f.pkg.dir + "/" + f.name, Function: fn.Name.Name, Operator: operator,
				file: f, start: start, end: end, by: by, or: or}
			m.describe()
			m.Nth = 1
			same[m.key()]++
			m.Nth = same[m.key()]
			all = append(all, m)
		}
		ast.PreorderStack(fn.Body, nil, func(n ast.Node, stack []ast.Node) bool {
			s.stack = stack
			for _, op := range operators {
				op(s, n)
			}
			return true
		})
	}
	slices.SortStableFunc(all, func(a, b *mutant) int { return a.Line - b.Line })
	return all
}

// describe finds the first line that the change alters, and what it becomes.
func (m *mutant) describe() {
	// What both texts begin with is not changed, nor is what both end with.
	old, by, at := string(m.file.src[m.start:m.end]), m.by, m.start
	same := 0
	for same < min(len(old), len(by)) && old[same] == by[same] {
		same++
	}
	if same < len(old) {
		same += len(old[same:]) - len(strings.TrimLeft(old[same:], " \t\n"))
		at += same
	}
	m.Line, m.Old = lineOf(m.file.src, min(at, m.end-1))
	if strings.TrimSpace(by) == "" {
		begin := m.start
		rest := strings.TrimSpace(strings.Replace(m.Old, strings.Split(old, "\n")[0], "", 1))
		if _, first := lineOf(m.file.src, begin); first == m.Old && strings.HasPrefix(rest, "//") {
			rest = ""
		}
		m.New = rest
		return
	}
	_, m.New = lineOf(m.text(), min(at, len(m.text())-1))
}
