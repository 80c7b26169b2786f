package remote

import (
	"context"
	"fmt"
	"runtime"
)

// A Ref is a reference to an object at the server: a list, a dict, a function, a module … RPyC calls it a netref. As an argument it
// is the object itself. The server holds the object until the reference is released, is garbage here, or the connection ends.
type Ref struct {
	conn   *Conn
	handle *handle
	kind   string
}

// Kwargs are keyword arguments: f(1, name=2) is f.Call(ctx, 1, Kwargs{"name": 2}).
type Kwargs map[string]any

// Kind returns the name of the object's type.
func (r *Ref) Kind() string { return r.kind }

// String describes the reference, without asking the server. See [Ref.Text].
func (r *Ref) String() string {
	return fmt.Sprintf("<%s %d at %s>", r.kind, r.handle.id, r.conn.server)
}

// Release has the server hold the object no longer for this reference. A reference that was released is [ErrReleased]. The next
// request takes the note along.
func (r *Ref) Release() {
	r.handle.drop.Stop()
	r.conn.peer.drop(r.handle.id)
}

// Call calls the object. The last arguments may be [Kwargs].
func (r *Ref) Call(ctx context.Context, args ...any) (any, error) {
	return r.ask(ctx, "call", opCall, arguments(args)...)
}

// Method calls a method of the object, in one round trip. The last arguments may be [Kwargs].
func (r *Ref) Method(ctx context.Context, name string, args ...any) (any, error) {
	return r.ask(ctx, "call "+name+" of", opMethod, append([]any{name}, arguments(args)...)...)
}

// Attr returns an attribute: object.name.
func (r *Ref) Attr(ctx context.Context, name string) (any, error) {
	return r.ask(ctx, "get "+name+" of", opAttr, name)
}

// SetAttr sets an attribute: object.name = v.
func (r *Ref) SetAttr(ctx context.Context, name string, v any) error {
	_, err := r.ask(ctx, "set "+name+" of", opSetAttr, name, v)
	return err
}

// Index returns an item: object[key].
func (r *Ref) Index(ctx context.Context, key any) (any, error) {
	return r.ask(ctx, "get an item of", opIndex, key)
}

// SetIndex sets an item: object[key] = v.
func (r *Ref) SetIndex(ctx context.Context, key, v any) error {
	_, err := r.ask(ctx, "set an item of", opSetIndex, key, v)
	return err
}

// Len returns the number of items.
func (r *Ref) Len(ctx context.Context) (int, error) {
	return As[int](r.ask(ctx, "get the length of", opLen))
}

// Text returns str(object).
func (r *Ref) Text(ctx context.Context) (string, error) {
	return As[string](r.ask(ctx, "get the text of", opText))
}

// Dir returns the names of the object's attributes.
func (r *Ref) Dir(ctx context.Context) ([]string, error) {
	names, err := As[*Ref](r.ask(ctx, "get the names of", opDir))
	if err != nil {
		return nil, err
	}
	defer names.Release()
	items, err := As[[]any](names.Obtain(ctx))
	if err != nil {
		return nil, err
	}
	all := make([]string, len(items))
	for i, name := range items {
		all[i], _ = name.(string)
	}
	return all, nil
}

// Obtain returns a copy of a list, a set, a tuple ([]any; [Tuple]) or a dict (map[any]any), with all that it holds.
//
// RPyC: rpyc.classic.obtain(object).
func (r *Ref) Obtain(ctx context.Context) (any, error) {
	return r.ask(ctx, "obtain", opObtain)
}

func (r *Ref) ask(ctx context.Context, doing string, op byte, operands ...any) (any, error) {
	v, err := r.conn.ask(ctx, doing+" "+r.kind, op, append([]any{r}, operands...)...)
	runtime.KeepAlive(r)
	return v, err
}

// arguments are the operands of a call.
func arguments(args []any) []any {
	pairs := Tuple{}
	for len(args) > 0 {
		named, ok := args[len(args)-1].(Kwargs)
		if !ok {
			break
		}
		for name, v := range named {
			pairs = append(pairs, Tuple{name, v})
		}
		args = args[:len(args)-1]
	}
	return []any{Tuple(args), pairs}
}
