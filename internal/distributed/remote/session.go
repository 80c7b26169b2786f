package remote

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// The operations, and their operands. The client's side knows the first two.
const (
	opCall     byte = iota // object, arguments, keyword arguments
	opMethod               // object, name, arguments, keyword arguments
	opExecute              // text
	opEval                 // text
	opName                 // name, arguments, keyword arguments: calls what has the global name
	opSetName              // name, value
	opModule               // name
	opAttr                 // object, name
	opSetAttr              // object, name, value
	opIndex                // object, key
	opSetIndex             // object, key, value
	opLen                  // object
	opText                 // object
	opDir                  // object
	opObtain               // object
	opDeliver              // copy of a list or dict
)

// dialect is Starlark with what Python allows in a module.
var dialect = syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true, LoadBindsGlobally: true, Recursion: true}

// A session is the interpreter of one connection. One thread of it runs at a time; a thread that waits for the client lets
// another one run, as Python's interpreter does with its lock. Otherwise a function of the client could not call back.
type session struct {
	server  *Server
	peer    *peer
	turn    chan struct{} // holds a token while no thread runs
	globals starlark.StringDict
	sys     *system
	texts   atomic.Int64
}

func newSession(s *Server) *session {
	x := &session{server: s, turn: make(chan struct{}, 1), globals: maps.Clone(s.names)}
	x.sys = &system{stdout: &standard{&s.output}}
	x.globals["print"] = starlark.NewBuiltin("print", x.print)
	x.turn <- struct{}{}
	return x
}

// handle does one request of the client.
func (x *session) handle(ctx context.Context, op byte, operands []any) (any, error) {
	values := make([]starlark.Value, len(operands))
	for i, v := range operands {
		var err error
		if values[i], err = x.in(v); err != nil {
			return nil, err
		}
	}
	select {
	case <-x.turn:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { x.turn <- struct{}{} }()
	r := newRun(ctx, x)
	defer r.close()
	v, err := x.do(r, op, values)
	if err != nil {
		return nil, r.explain(err)
	}
	if op == opObtain {
		left := budget(MaxMessage)
		return copyOut(v, 0, &left)
	}
	return x.out(v)
}

// do does one request, while it is this thread's turn.
func (x *session) do(r *run, op byte, v []starlark.Value) (starlark.Value, error) {
	o := operands(v)
	switch op {
	case opExecute:
		if text, ok := o.text(0); ok && len(v) == 1 {
			return starlark.None, x.execute(r, text)
		}
	case opEval:
		if text, ok := o.text(0); ok && len(v) == 1 {
			return starlark.EvalOptions(&dialect, r.thread, x.fileName(), text, x.globals)
		}
	case opName:
		if name, ok := o.text(0); ok {
			f, err := x.global(name)
			if err != nil {
				return nil, err
			}
			return o.call(r, f, 1)
		}
	case opSetName:
		if name, ok := o.text(0); ok && len(v) == 2 {
			x.globals[name] = v[1]
			return starlark.None, nil
		}
	case opModule:
		if name, ok := o.text(0); ok && len(v) == 1 {
			return x.module(name)
		}
	case opCall:
		if len(v) > 0 {
			return o.call(r, v[0], 1)
		}
	case opDeliver, opObtain:
		if len(v) == 1 {
			return v[0], nil
		}
	default:
		if len(v) > 0 {
			return o.onObject(r, op)
		}
	}
	return nil, ErrNonsense
}

// execute runs a text in the global names of the session. The interpreter gives it a copy of those that it mentions and takes that
// back at the end. Meanwhile another thread may have given them new values: so only what the text has changed is taken.
func (x *session) execute(r *run, text string) error {
	f, err := dialect.Parse(x.fileName(), text, 0)
	if err != nil {
		return err
	}
	before, after := maps.Clone(x.globals), maps.Clone(x.globals)
	err = starlark.ExecREPLChunk(f, r.thread, after)
	for name, v := range after {
		if !same(before[name], v) {
			x.globals[name] = v
		}
	}
	return err
}

// same reports whether two values are one.
func same(a, b starlark.Value) bool {
	if x, ok := a.(starlark.Tuple); ok {
		y, ok := b.(starlark.Tuple)
		return ok && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
	}
	t := reflect.TypeOf(a)
	return a != nil && t == reflect.TypeOf(b) && t.Comparable() && a == b
}

// fileName names the next text, for positions and back traces.
func (x *session) fileName() string { return fmt.Sprintf("text %d", x.texts.Add(1)) }

func (x *session) global(name string) (starlark.Value, error) {
	if v := x.globals[name]; v != nil {
		return v, nil
	}
	if v := starlark.Universe[name]; v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("undefined: %s", name)
}

// module is what load and [Conn.Module] find.
func (x *session) module(name string) (*module, error) {
	name = strings.TrimSuffix(name, ".star")
	if name == "sys" {
		return &module{name, nil, x.sys}, nil
	}
	if members, ok := x.server.modules[name]; ok {
		return &module{name, members, nil}, nil
	}
	there := append(slices.Collect(maps.Keys(x.server.modules)), "sys")
	slices.Sort(there)
	return nil, fmt.Errorf("%w: %s; this server offers %s", ErrNoModule, name, strings.Join(there, ", "))
}

// print is Python's: it writes to sys.stdout, wherever that is.
func (x *session) print(th *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	sep, end := " ", "\n"
	if err := starlark.UnpackArgs(b.Name(), nil, kwargs, "sep?", &sep, "end?", &end); err != nil {
		return nil, err
	}
	var line strings.Builder
	for i, v := range args {
		if i > 0 {
			line.WriteString(sep)
		}
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		line.WriteString(s)
	}
	line.WriteString(end)
	write, err := x.sys.stdout.(starlark.HasAttrs).Attr("write")
	if err != nil {
		return nil, err
	}
	_, err = starlark.Call(th, write, starlark.Tuple{starlark.String(line.String())}, nil)
	return starlark.None, err
}
