// Package serve shows the cookbook's pages on this machine, where every recipe runs: each run is a child process of this program.
//
//	server.go   Server: from the listener to the end
//	guard.go    who is let in: the secret, Host, Origin, and the headers of every answer
//	files.go    the pages
//	request.go  what a page asks for, as a run
//	run.go      a run: its request, and its answer as a stream (see package live)
//	child.go    the child process
//	turns.go    one run of each page at a time, and not too many at all
//	conns.go    not too many connections
//
// Only a page that this server has sent can have something run: a request needs the secret in its path, which is new for each
// server, and the server's own name in Host and Origin. It can name a recipe of the catalog and values for the recipe's own flags,
// except those that name files; nothing else of a request reaches a command line, an environment or a file system.
package serve

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"cookbook/internal/catalog"
)

// Config says what is served.
type Config struct {
	Port    int              // of 127.0.0.1; 0: a free one
	Catalog *catalog.Catalog // the recipes that run
	Exe     string           // this program, which runs them
	Env     []string         // where it runs, as os.Environ gives it; a run gets little of it
}

// Server is a listener and those who are connected to it.
type Server struct {
	config   Config
	files    fs.FS
	listener net.Listener
	port     string
	secret   string
	turns    turns
	conns    conns

	patience time.Duration // how long a request may take to arrive behind its headers, and a reader may take nothing
}

// PortError is a port on which another program listens.
type PortError struct{ Port int }

func (e *PortError) Error() string {
	return fmt.Sprintf("another program listens on port %d of this machine, perhaps another cookbook serve; choose another port, as in --port %d, or a free one by --port 0",
		e.Port, min(e.Port+1, 65535))
}

// The bounds of what a server does at once.
const (
	maxConns  = 100
	maxHeader = 16 << 10 // bytes
)

// Listen makes a server. Nobody is answered before Serve. The error is a *[PortError], or that of the system.
func Listen(c Config) (*Server, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &PortError{c.Port}
	case err != nil:
		return nil, fmt.Errorf("serve on port %d: %w", c.Port, err)
	}
	s := &Server{
		config: c, listener: listener, secret: rand.Text(), patience: 10 * time.Second,
		port:  strconv.Itoa(listener.Addr().(*net.TCPAddr).Port),
		turns: turns{most: runtime.GOMAXPROCS(0), patience: 500 * time.Millisecond},
		conns: conns{most: maxConns},
	}
	return s, nil
}

// URL is the address of the first page. The secret is a part of it.
func (s *Server) URL() string { return "http://127.0.0.1:" + s.port + "/" + s.secret + "/" }

// Close gives the port back, of a server that is not to serve.
func (s *Server) Close() error { return s.listener.Close() }

// Serve answers with these pages until ctx ends. Then it ends what runs, and returns when all children and connections are gone, at
// most some seconds later, with nil or why it could not go on.
func (s *Server) Serve(ctx context.Context, files fs.FS) error {
	s.files = files
	serving, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	server := &http.Server{
		Handler: s, BaseContext: func(net.Listener) context.Context { return serving }, ConnState: s.conns.change,
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(io.Discard, "", 0), // what a stranger sends is not worth a line
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(s.listener) }()
	var err error
	select {
	case <-ctx.Done():
		s.listener.Close() // Serve then returns
		<-stopped
	case err = <-stopped:
	}
	cancel(errEnding)
	s.turns.close()
	last, stop := context.WithTimeout(context.WithoutCancel(serving), time.Second) // for the last bytes of answers
	defer stop()
	server.Shutdown(last)
	server.Close()
	s.conns.wait()
	return err
}
