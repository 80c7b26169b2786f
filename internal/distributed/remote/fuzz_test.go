package remote

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"cookbook/internal/wire"
)

func FuzzValues(f *testing.F) {
	for _, v := range []any{nil, true, -1, 1.5, "x", []byte("y"), Tuple{1, Tuple{}}, []any{1}, dict{"a", 1}, mine{3, "list"}, yours(4)} {
		b, err := appendValue(nil, v, 0)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{tagTuple, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{tagBig, 0, 1, 5})
	f.Fuzz(func(t *testing.T, from []byte) {
		values, err := cutValues(from)
		if err != nil {
			if !errors.Is(err, ErrNonsense) {
				t.Errorf("%v", err)
			}
			return
		}
		once, err := appendAll(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		again, err := cutValues(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := appendAll(nil, again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%x became %x became %x: %v", from, once, twice, err)
		}
	})
}

// FuzzMessages says to a server what a client may say that knows the secret and follows no rule.
func FuzzMessages(f *testing.F) {
	for _, m := range [][]byte{
		{request, 1, opEval, tagString, 1, '1'}, {request, 1, opExecute, tagString, 1, '1'}, {request, 1, opLen, tagList, 0},
		{request, 1, opName, tagString, 3, 'l', 'e', 'n', tagTuple, 1, tagList, 0, tagTuple, 0}, {cancel, 1}, {release, 0, 1},
		{request, 1, opCall, tagMine, 1, 0, tagTuple, 0, tagTuple, 0}, {reply, 1, tagNil}, {failure, 1, 3, 0, 0, 0},
		{request, 1, opSetAttr, tagNil, tagString, 1, 'x', tagNil}, {request, 1, opModule, tagString, 3, 's', 'y', 's'},
		{request, 1, opDeliver, tagDict, 2, tagInt, 2, tagMine, 9, 1, 'x'}, {request, 1, opIndex, tagList, 1, tagNil, tagInt, 0},
	} {
		f.Add(m, m)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		here, there := net.Pipe()
		s := &Server{limits: Limits{Steps: 1000, Calls: 10}, output: output{w: io.Discard}, peers: map[*peer]bool{},
			names: builtins(), modules: map[string]starlark.StringDict{}}
		served := make(chan struct{})
		go func() {
			s.serve(there)
			close(served)
		}()
		heard := make(chan struct{})
		go func() {
			io.Copy(io.Discard, here)
			close(heard)
		}()
		here.SetWriteDeadline(time.Now().Add(10 * time.Second))
		for _, m := range [][]byte{first, second} {
			wire.WriteFrame(here, append(wire.NewFrame(nil), m...), MaxMessage)
		}
		here.Close()
		<-served
		<-heard
	})
}

// FuzzTexts runs any text, and looks whether the server lives on.
func FuzzTexts(f *testing.F) {
	for _, text := range []string{"x = 1", "def f(): f()\nf()", "while True: pass", "load('os', 'x')", "print(print)", "isinstance(1, (int,))",
		"'%s' % ((),)", "x = []\nx.append(x)\nprint(x)", "fail('x')", "sys.stdout = None", "[x for x in range(1 << 60)]"[:20], "\x00", "(((((((("} {
		f.Add(text)
	}
	s := listen(f, WithLimits(Limits{Steps: 10_000, Time: time.Second}))
	f.Fuzz(func(t *testing.T, text string) {
		if bytes.Contains([]byte(text), []byte("range")) || bytes.Contains([]byte(text), []byte("*")) {
			t.Skip("one operation may take all memory: see the package's text")
		}
		c := dial(t, s)
		defer c.Close()
		for _, err := range []error{c.Execute(soon(t), text), func() error { _, err := c.Eval(soon(t), text); return err }()} {
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
