package remote

import (
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"sync"
	"time"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"

	"cookbook/internal/wire"
)

// NewSecret returns a secret for a server and its clients.
func NewSecret() []byte { return wire.NewSecret() }

// Limits bound what one request may take. A limit of 0 is none, but Steps and Calls have defaults.
type Limits struct {
	// Steps is how many steps of the interpreter a request may take; 0 stands for 100 million, some seconds. The same text
	// takes the same number of steps in every run.
	Steps uint64
	// Calls is how many calls may be open inside each other; 0 stands for 1000, as in Python. It is looked at every 1000 steps.
	Calls int
	// Time is how long a request may run. The time in which it waits for the client counts, that for its turn does not.
	Time time.Duration
	// Memory is how many bytes the heap of the server's process may have, without garbage, but with what other connections have.
	// It is looked at every 10 ms while a request runs: a request that runs while there are more is ended. Read in the
	// package's text what this does not bound.
	Memory uint64
}

// An Option is an option of [Listen].
type Option func(*Server)

// WithLimits sets the limits of every request.
func WithLimits(l Limits) Option { return func(s *Server) { s.limits = l } }

// WithOutput says where print writes until a client redirects it; without it that is the standard output.
func WithOutput(w io.Writer) Option { return func(s *Server) { s.output.w = w } }

// WithModule offers a module that can be loaded, beside json, math and sys. Its values are frozen and are shared by all
// connections, so Go functions among them may be called by several goroutines at a time.
func WithModule(name string, members starlark.StringDict) Option {
	return func(s *Server) { s.modules[name] = members }
}

// WithNames makes values known in every text without a load. They are frozen and shared, as those of [WithModule].
func WithNames(names starlark.StringDict) Option {
	return func(s *Server) { maps.Copy(s.names, names) }
}

// A Server runs the text that its clients send, with an interpreter and global names of its own for each connection. It has to be
// closed.
type Server struct {
	limits  Limits
	output  output
	modules map[string]starlark.StringDict // that can be loaded, besides sys
	names   starlark.StringDict

	listener *wire.Listener
	mu       sync.Mutex
	peers    map[*peer]bool
}

// Listen starts a server for clients that know the secret. In an address without a host, such as ":18812", the host is the
// loopback interface, and a port of 0 is a free one; "" stands for ":0". The error wraps [ErrNoSecret] if the secret is empty.
func Listen(address string, secret []byte, opts ...Option) (*Server, error) {
	if len(secret) == 0 {
		return nil, fmt.Errorf("listen on %s: %w", address, ErrNoSecret)
	}
	if address == "" {
		address = ":0"
	}
	if address[0] == ':' {
		address = "127.0.0.1" + address
	}
	s := &Server{output: output{w: os.Stdout}, peers: map[*peer]bool{}, names: builtins(),
		modules: map[string]starlark.StringDict{"json": safeJSON(), "math": math.Module.Members}}
	for _, o := range opts {
		o(s)
	}
	if s.limits.Steps == 0 {
		s.limits.Steps = 100_000_000
	}
	if s.limits.Calls == 0 {
		s.limits.Calls = 1000
	}
	s.names.Freeze()
	for _, m := range s.modules {
		m.Freeze()
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	s.listener = wire.Listen(l, secret, 0, func(conn net.Conn, _ []byte) { s.serve(conn) })
	return s, nil
}

// Addr returns where the server listens, as in 127.0.0.1:18812.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close hangs up on all clients, ends the code that runs for them, and returns when it has ended. Code that is inside one built-in
// function ends after that.
func (s *Server) Close() error {
	s.listener.Shut()
	s.mu.Lock()
	for p := range s.peers {
		p.end(ErrClosed)
	}
	s.mu.Unlock()
	s.listener.Close()
	return nil
}

// serve has one client served.
func (s *Server) serve(conn net.Conn) {
	session := newSession(s)
	p := newPeer(conn, session.handle)
	session.peer = p
	s.mu.Lock()
	s.peers[p] = true
	s.mu.Unlock()
	p.serve()
	s.mu.Lock()
	delete(s.peers, p)
	s.mu.Unlock()
}

// safeJSON is Starlark's json, whose decode follows brackets inside brackets for as long as there are any, which can end the process.
func safeJSON() starlark.StringDict {
	members := maps.Clone(json.Module.Members)
	decode := members["decode"]
	members["decode"] = starlark.NewBuiltin("json.decode", func(th *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) > 0 {
			if text, ok := args[0].(starlark.String); ok && brackets(string(text)) > MaxDepth {
				return nil, fmt.Errorf("json.decode: %w", ErrTooDeep)
			}
		}
		return starlark.Call(th, decode, args, kwargs)
	})
	return members
}

// brackets returns how deep a text of JSON may be nested: as if every bracket in a string counted.
func brackets(text string) int {
	depth, most := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			depth++
			most = max(most, depth)
		case ']', '}':
			depth--
		}
	}
	return most
}

// An output is where print writes. Several connections may print at the same time.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *output) write(text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := io.WriteString(o.w, text)
	return err
}
