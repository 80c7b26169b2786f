package remote

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"

	"cookbook/internal/wire"
)

func TestAStrangerIsRefused(t *testing.T) {
	s := listen(t)
	for _, wrong := range [][]byte{nil, []byte("guess"), append([]byte("x"), secret...)} {
		if _, err := Dial(soon(t), s.Addr(), wrong); !errors.Is(err, ErrRefused) {
			t.Errorf("with %q: %v", wrong, err)
		}
	}
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(make([]byte, 4096))
	if n, err := io.Copy(io.Discard, conn); n > 100 {
		t.Errorf("one that says nonsense hears %d bytes, %v", n, err)
	}
	if got := eval[int](t, dial(t, s), "1"); got != 1 {
		t.Error("the server is of no use afterwards")
	}
	if _, err := Listen("", nil); !errors.Is(err, ErrNoSecret) {
		t.Errorf("a server without a secret: %v", err)
	}
}

func TestTheServerIsOnLoopbackUnlessTold(t *testing.T) {
	for _, address := range []string{"", ":0"} {
		s, err := Listen(address, secret)
		if err != nil {
			t.Fatal(err)
		}
		host, _, _ := net.SplitHostPort(s.Addr())
		if s.Close(); host != "127.0.0.1" {
			t.Errorf("%q listens on %s", address, host)
		}
	}
}

func TestTheEndOfOneSideIsAnErrorOfTheOther(t *testing.T) {
	names, called, open := gate()
	s := listen(t, WithNames(names))
	c := dial(t, s)
	r := Async(soon(t), eval[*Ref](t, c, "gate"))
	<-called
	close(open)
	if _, err := r.Value(soon(t)); err != nil {
		t.Fatal(err)
	}
	in := make(chan struct{})
	waits := Func(func(ctx context.Context, _ Tuple, _ Kwargs) (any, error) { close(in); <-ctx.Done(); return nil, nil })
	if err := c.Set(soon(t), "waits", waits); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Execute(soon(t), "waits()") }()
	<-in
	s.Close()
	if err := <-done; !errors.Is(err, ErrGone) {
		t.Errorf("a call that waits: %v", err)
	}
	<-c.Done()
	if _, err := c.Eval(soon(t), "1"); !errors.Is(err, ErrGone) || !errors.Is(c.Err(), ErrGone) {
		t.Errorf("a call afterwards: %v; %v", err, c.Err())
	}
	if _, err := Dial(soon(t), s.Addr(), secret); !errors.Is(err, ErrGone) {
		t.Errorf("nobody is there: %v", err)
	}
}

func TestTheServerEndsWhatRunsForAClientThatIsGone(t *testing.T) {
	names, called, open := gate()
	s := listen(t, WithNames(names))
	c := dial(t, s)
	done := make(chan error, 1)
	go func() { done <- c.Execute(soon(t), "gate()\nwhile True: pass") }()
	<-called
	p := peerOf(t, s)
	c.Close()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("the call: %v", err)
	}
	<-p.ctx.Done()
	close(open)
	p.wg.Wait() // for ever, if the loop goes on
	if err := context.Cause(p.ctx); !errors.Is(err, ErrGone) {
		t.Errorf("the server is told: %v", err)
	}
}

func TestObjectsAreHeldUntilTheyAreReleased(t *testing.T) {
	s := listen(t)
	c, ctx := dial(t, s), soon(t)
	list := eval[*Ref](t, c, "[1]")
	held := peerOf(t, s).objects
	if n := held.len(); n != 1 {
		t.Errorf("%d objects are held", n)
	}
	list.Release()
	list.Release()
	if _, err := list.Len(ctx); !errors.Is(err, ErrReleased) {
		t.Errorf("after the release: %v", err)
	}
	if n := held.len(); n != 0 {
		t.Errorf("%d objects are held", n)
	}
	other := dial(t, s)
	if _, err := other.Call(ctx, "len", eval[*Ref](t, c, "[1]")); !errors.Is(err, ErrReleased) {
		t.Errorf("a reference of another connection: %v", err)
	}
}

func TestGarbageIsReleasedOnBothSides(t *testing.T) {
	s := listen(t)
	c, ctx := dial(t, s), soon(t)
	f := Func(func(context.Context, Tuple, Kwargs) (any, error) { return nil, nil })
	for range 100 {
		if _, err := c.Call(ctx, "len", Tuple{f, f}); err != nil {
			t.Fatal(err)
		}
		eval[*Ref](t, c, "[]")
	}
	there, here := peerOf(t, s).objects, c.peer.objects
	for there.len() > 0 || here.len() > 0 {
		if ctx.Err() != nil {
			t.Fatalf("%d objects are held there and %d here", there.len(), here.len())
		}
		runtime.GC()
		eval[int](t, c, "1")
	}
}

func TestAnAnswerThatNobodyWaitsForIsReleased(t *testing.T) {
	names, called, open := gate()
	s := listen(t, WithNames(names))
	c := dial(t, s)
	execute(t, c, "def late():\n  gate()\n  return []")
	late := eval[*Ref](t, c, "late")
	begun, err := c.peer.start(soon(t), opCall, yours(late.handle.id), Tuple{}, Tuple{})
	if err != nil {
		t.Fatal(err)
	}
	<-called
	c.peer.forget(begun) // as by the end of a context that the server hears of too late
	close(open)
	eval[int](t, c, "1")
	eval[int](t, c, "1")
	if n := peerOf(t, s).objects.len(); n != 1 { // late itself
		t.Errorf("%d objects are held", n)
	}
	runtime.KeepAlive(late)
}

// raw is a connection that was admitted and says what it likes.
func raw(t testing.TB, s *Server) net.Conn {
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Call(conn, secret, nil); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestNonsenseIsAnErrorOrEndsTheConnection(t *testing.T) {
	s := listen(t)
	for name, of := range map[string]struct {
		body    []byte
		answers bool
	}{
		"nothing":                    {[]byte{}, false},
		"no number":                  {[]byte{request}, false},
		"no operation":               {[]byte{request, 1}, true},
		"an operation of the client": {[]byte{request, 1, 99, tagNil}, true},
		"no operands":                {[]byte{request, 1, opEval}, true},
		"other operands":             {[]byte{request, 1, opEval, tagTrue}, true},
		"half a value":               {[]byte{request, 1, opEval, tagString, 9, 'x'}, true},
		"an object that is not held": {[]byte{request, 1, opText, tagYours, 7}, true},
		"arguments that are not":     {[]byte{request, 1, opName, tagString, 3, 'l', 'e', 'n', tagNil, tagNil}, true},
		"names that are not":         {[]byte{request, 1, opName, tagString, 3, 'l', 'e', 'n', tagTuple, 0, tagTuple, 1, tagNil}, true},
		"an unhashable key":          {[]byte{request, 1, opDeliver, tagDict, 2, tagList, 0, tagNil}, true},
		"half a dict":                {[]byte{request, 1, opDeliver, tagDict, 1, tagNil}, true},
		"a reply with two values":    {[]byte{reply, 1, tagNil, tagNil}, false},
		"a failure without text":     {[]byte{failure, 1}, false},
		"a release of half an id":    {[]byte{release, 0, 0x80}, false},
		"another message":            {[]byte{200, 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, s)
			defer conn.Close()
			if err := wire.WriteFrame(conn, append(wire.NewFrame(nil), of.body...), MaxMessage); err != nil {
				t.Fatal(err)
			}
			answer, err := wire.ReadFrame(bufio.NewReader(conn), nil, MaxMessage)
			if of.answers != (err == nil) || err == nil && answer[0] != failure {
				t.Errorf("%v, %v", answer, err)
			}
		})
	}
	conn := raw(t, s)
	defer conn.Close()
	conn.Write(binary.LittleEndian.AppendUint32(nil, MaxMessage+1))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a frame that is too large is answered")
	}
	if got := eval[int](t, dial(t, s), "1"); got != 1 {
		t.Error("the server is of no use afterwards")
	}
}
