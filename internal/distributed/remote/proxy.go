package remote

import (
	"fmt"
	"runtime"

	"go.starlark.net/starlark"
)

// A handle stands for an object of the other side. When it is garbage, that side is told.
type handle struct {
	id   uint64
	drop runtime.Cleanup
}

func newHandle(p *peer, id uint64) *handle {
	h := &handle{id: id}
	h.drop = runtime.AddCleanup(h, p.drop, id)
	return h
}

// A proxy is an object of the client in the interpreter: what RPyC calls a netref. It can be called, and has methods.
type proxy struct {
	session *session
	handle  *handle
	kind    string
}

var _ interface {
	starlark.Callable
	starlark.HasAttrs
} = (*proxy)(nil)

func (p *proxy) String() string        { return "<" + p.Type() + " of the client>" }
func (p *proxy) Type() string          { return p.kind }
func (p *proxy) Freeze()               {}
func (p *proxy) Truth() starlark.Bool  { return true }
func (p *proxy) Hash() (uint32, error) { return uint32(p.handle.id), nil }
func (p *proxy) Name() string          { return p.Type() }
func (p *proxy) AttrNames() []string   { return nil }

// Attr returns a method. Whether the client has it shows when it is called.
func (p *proxy) Attr(name string) (starlark.Value, error) {
	return starlark.NewBuiltin(name, func(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return p.ask(th, opMethod, args, kwargs, name)
	}), nil
}

// CallInternal calls the client's function, and waits until it has returned.
func (p *proxy) CallInternal(th *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return p.ask(th, opCall, args, kwargs)
}

func (p *proxy) ask(th *starlark.Thread, op byte, args starlark.Tuple, kwargs []starlark.Tuple, name ...any) (starlark.Value, error) {
	r, x := th.Local(runKey).(*run), p.session
	pairs := make(starlark.Tuple, len(kwargs))
	for i, pair := range kwargs {
		pairs[i] = pair
	}
	both, err := x.out(starlark.Tuple{args, pairs})
	if err != nil {
		return nil, err
	}
	operands := append(append([]any{yours(p.handle.id)}, name...), both.(Tuple)...)
	v, err := r.wait(func() (any, error) { return x.peer.call(r.ctx, op, operands...) })
	runtime.KeepAlive(p)
	if err != nil {
		return nil, err
	}
	return x.in(v)
}

// standard is the server's own output, as sys.stdout is before it is redirected.
type standard struct{ output *output }

var _ starlark.HasAttrs = (*standard)(nil)

func (s *standard) String() string        { return "<the server's output>" }
func (s *standard) Type() string          { return "file" }
func (s *standard) Freeze()               {}
func (s *standard) Truth() starlark.Bool  { return true }
func (s *standard) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: file") }
func (s *standard) AttrNames() []string   { return []string{"write"} }

func (s *standard) Attr(name string) (starlark.Value, error) {
	if name != "write" {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var text string
		if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &text); err != nil {
			return nil, err
		}
		return starlark.None, s.output.write(text)
	}), nil
}
