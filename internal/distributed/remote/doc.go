// Package remote runs text that a client sends, in the process of a server: what RPyC calls its classic mode.
//
// The text is Starlark, a small language in Python's shape: go.starlark.net interprets it. It has functions, lists, dicts, sets,
// comprehensions, for and while. It has no classes, no exceptions, no import, and nothing in it reaches a file, the network or the
// process that it runs in. What it may use beside, the server offers.
//
//	s, err := remote.Listen("", secret, remote.WithLimits(remote.Limits{Steps: 1_000_000, Time: time.Second}))
//	defer s.Close()
//	…
//	c, err := remote.Dial(ctx, s.Addr(), secret)
//	defer c.Close()
//	err = c.Execute(ctx, "print('hi python cookbook')")  // appears at the server
//	err = c.Redirect(ctx, os.Stdout)
//	err = c.Execute(ctx, "print('hi here')")             // appears here
//	n, err := remote.As[int](c.Eval(ctx, "len('text')"))
//
// # Values and references
//
// What is immutable travels by value: None (nil), bool, int (an int, or a *big.Int where that has no room), float, string, bytes
// ([]byte), and tuples of them ([Tuple]). What is mutable, or can be called, stays where it is, and a reference to it travels: a
// [Ref] here, and in a text an object like any other. A reference that comes back to its side is the object itself. Text can call
// a [Func] or the methods of [Methods] that the client passes, and write to an [io.Writer]. [Conn.Deliver] and [Ref.Obtain] copy
// lists, sets and dicts.
//
// An object is held for the other side until that side releases it, has it as garbage, or is gone.
//
// # One interpreter, back and forth
//
// A connection has one interpreter with its own global names, and one text runs in it at a time. While a text waits for a function
// of the client, others run: so that function can call the server in turn, and so on, 1000 calls deep. As between Python's threads,
// what they find has perhaps been changed by another one, but a list or dict that a for statement goes through cannot be.
//
// # Who may, and how much
//
// Client and server show each other that they know a secret, and neither says it. What follows is not encrypted. The listener is
// on the loopback interface unless its address names another host.
//
// [Limits] bound the steps, the depth of the calls, the time, and the heap. A message, so each value that is sent, is bounded by
// [MaxMessage] and [MaxDepth]. Not bounded is what a single operation takes: [0] * (1 << 29), list(range(1 << 40)), or the text of
// a list that is nested a million times. The memory is looked at only every 10 ms, and code inside one built-in function is ended
// after it. So who knows the secret can end the server's process, but cannot leave the interpreter. Let the server be a process of
// its own, and give that a limit of the operating system if it matters.
//
// A message that makes no sense is answered by an error, or ends its connection; others do not notice.
//
// # What it costs
//
// Measured on two busy cores over loopback: a call takes 48 µs where one of net/rpc takes 40, a text of one line 95 µs, an expression
// that calls the client once 125 µs, and a connection 170 µs; go test -bench . ./internal/distributed/remote shows what it is
// elsewhere.
//
// # From Python
//
//	rpyc_classic.py                       Listen
//	rpyc.classic.connect(host)            Dial
//	conn.execute(text), conn.eval(text)   Conn.Execute, Conn.Eval
//	conn.namespace["x"] = v               Conn.Set
//	conn.modules.math                     Conn.Module; in a text load("math", "sqrt")
//	conn.modules.sys.stdout = sys.stdout  Conn.Redirect
//	obj.name, obj.name = v                Ref.Attr, Ref.SetAttr
//	obj(1, k=2), obj.name(1)              Ref.Call, Ref.Method, with Kwargs
//	obj[k], obj[k] = v, len(obj)          Ref.Index, Ref.SetIndex, Ref.Len
//	str(obj), dir(obj)                    Ref.Text, Ref.Dir
//	isinstance(obj, t)                    Conn.Call(ctx, "isinstance", obj, t)
//	rpyc.classic.obtain, deliver          Ref.Obtain, Conn.Deliver
//	rpyc.async_(f)(x)                     Async
//	res.ready, res.wait(), res.value      Result.Ready, Result.Wait, Result.Value
//	res.set_expiry(s)                     the context of Async
//	EOFError                              ErrGone
//	AsyncResultTimeout                    context.DeadlineExceeded
package remote
