package jit

import (
	"go/ast"
	"go/token"
	"go/types"
)

// use is an element that a loop over threads reads or writes.
type use struct {
	at      token.Pos
	of      *variable   // the array, or the slice's root
	element string      // as it is written
	write   bool        //
	loop    *threadLoop // the innermost one
	again   bool        // the loop is repeated in the outermost one
}

// exprs returns indices as they are written.
func exprs(indices []ast.Expr) string {
	text := ""
	for _, e := range indices {
		text += "[" + types.ExprString(e) + "]"
	}
	return text
}

// nests refuses loops over threads that need a barrier inside of another one: there is one behind the outermost only. In Go, an inner
// loop ends before the next one begins, or before its next round; on a device, each thread goes on. So what an inner loop writes can be
// used elsewhere in the outermost one only as the same element, which is the same thread's.
func (f *function) nests() {
	first, message := token.NoPos, ""
	for _, l := range f.loops {
		for _, w := range l.uses {
			if !w.write || w.of.mask != 0 || f.register(w.of) {
				continue
			}
			for _, u := range l.uses {
				if u.of == w.of && (u.loop != w.loop || w.again) && u.element != w.element && (first == token.NoPos || u.at < first) {
					first, message = u.at, w.element+" and "+u.element
				}
			}
		}
	}
	if first != token.NoPos {
		f.fail(first, "%s are used in one outermost loop over threads, in which the threads do not wait for each other: end that loop between them", message)
	}
}
