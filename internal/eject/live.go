package eject

import (
	"go/ast"
	"strings"
)

// called are methods that the standard library, or a module that ours imports, calls without a selector in our code: those of its
// interfaces. They stay with their type.
const called = `
	Error Is As Unwrap Timeout Temporary
	String GoString Format Set Type
	Value Done Err Deadline
	Read Write Close Seek ReadAt WriteAt ReadByte WriteByte ReadRune UnreadByte UnreadRune WriteString ReadFrom WriteTo Flush
	Len Less Swap Push Pop
	MarshalJSON UnmarshalJSON MarshalText UnmarshalText MarshalBinary UnmarshalBinary AppendBinary AppendText GobEncode GobDecode
	Lock Unlock RoundTrip ServeHTTP LogValue Handle Enabled WithAttrs WithGroup
	Open Stat ReadDir ReadFile Name Size Mode ModTime IsDir Sys Info
	Uint64 Int63 Seed
	LocalAddr RemoteAddr SetDeadline SetReadDeadline SetWriteDeadline Accept Addr Network
	Authenticate RegisterUser GetOpts Noticef Warnf Fatalf Errorf Debugf Tracef
	Freeze Truth Hash Attr AttrNames SetField SetKey SetIndex Index Get Iterate Next Items Call CallInternal Binary Unary CompareSameType
	Import Dial InProcessConn
	Cmp Slice Keys Has Position Union Elements Entries
`

// reach marks what is live, beginning with what is live already: a declaration that a live one names, a method of a live type that something
// may call, and what a package of theirs does when it starts.
func (w *world) reach() error {
	selectors := map[string]bool{}
	for _, name := range strings.Fields(called) {
		selectors[name] = true
	}
	scanned := map[*unit]bool{}
	for again := true; again; {
		again = false
		for _, p := range w.sorted() {
			for _, u := range p.units {
				if !u.live && p.live && (u.starts() && p.folder != "" || u.file.whole && u.file.live || u.isLiveMethod(selectors)) {
					w.mark(u)
				}
				if !u.live || scanned[u] {
					continue
				}
				scanned[u], again = true, true
				if err := w.scan(u, selectors); err != nil {
					return err
				}
				for _, r := range u.refs {
					if !(r.file.pkg.folder == "" && r.names[0] == filesVar) {
						w.mark(r)
					}
				}
			}
			if p.live {
				if err := w.loadBlank(p); err != nil {
					return err
				}
			}
		}
	}
	return w.keepAssertions()
}

func (w *world) mark(u *unit) { u.live, u.file.live, u.file.pkg.live = true, true, true }

// isLiveMethod reports whether it is a method of a live type, and of a name that something calls.
func (u *unit) isLiveMethod(selectors map[string]bool) bool {
	if !selectors[u.method()] {
		return false
	}
	for _, t := range u.file.pkg.named[u.recv] {
		if t.live {
			return true
		}
	}
	return false
}

// starts reports whether the unit does something when its package is initialised, and nothing has to name it for that.
func (u *unit) starts() bool {
	switch n := u.node.(type) {
	case *ast.FuncDecl:
		return n.Recv == nil && n.Name.Name == "init"
	case *ast.ValueSpec:
		return u.isBlank() && n.Values != nil && calls(n)
	}
	return false
}

func (u *unit) isBlank() bool {
	for _, name := range u.names {
		if name != "_" {
			return false
		}
	}
	return true
}

// calls reports whether a function is called, other than from a function literal. A conversion to a type in parentheses, as in (*T)(nil), is
// not a call.
func calls(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if _, conversion := n.Fun.(*ast.ParenExpr); !conversion {
				found = true
			}
		}
		return !found
	})
	return found
}

// loadBlank makes packages live that a live file imports for what they do when they start.
func (w *world) loadBlank(p *pkg) error {
	for _, f := range p.files {
		for _, spec := range f.tree.Imports {
			if !f.live || spec.Name == nil || spec.Name.Name != "_" {
				continue
			}
			folder, ok := folderOf(strings.Trim(spec.Path.Value, `"`))
			if !ok {
				continue
			}
			imported, err := w.load(folder)
			if err != nil {
				return err
			}
			if imported != nil && !imported.live {
				imported.live = true
			}
		}
	}
	return nil
}

// keepAssertions keeps blank declarations that only say something about live ones, as that a type has the methods of an interface.
func (w *world) keepAssertions() error {
	for _, p := range w.sorted() {
		for _, u := range p.units {
			if u.live || !p.live || !u.isBlank() || u.starts() {
				continue
			}
			if err := w.scan(u, map[string]bool{}); err != nil {
				return err
			}
			live := true
			for _, r := range u.refs {
				live = live && r.live
			}
			if live && len(u.refs) > 0 {
				w.mark(u)
			}
		}
	}
	return nil
}
