package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Version is that of the NATS server in this program.
const Version = server.VERSION

// ErrStart is a server that did not start.
var ErrStart = errors.New("the engine did not start")

// ErrEnded is the use of an engine after its Close.
var ErrEnded = errors.New("the engine has been closed")

// Config says how a [Server] runs. The zero value is a server on loopback, on a free port, with a store of its own that
// Close removes, for everybody on this machine that knows no secret: set Token.
type Config struct {
	Dir    string      // the store; "": a temporary one
	Listen string      // HOST:PORT; "": loopback and a free port
	Token  string      // what a caller has to know; "": nothing
	TLS    *tls.Config // nil: in clear; RootCAs are for the other servers of the cluster, which have to show certificates as well

	Name    string     // of this server, which a cluster needs; "": chosen
	Cluster string     // HOST:PORT for the other servers of the cluster; "": alone
	Routes  []*url.URL // where others of the cluster listen; the secret, if there is one, is the password

	MaxPayload int // bytes of a message; 0: 1 MiB
}

// start-up and end of a server are bounded by these.
const (
	startLimit = 20 * time.Second
	maxPayload = 1 << 20
)

// A Server is a NATS server with JetStream in this process. Its methods may be called from any goroutine.
type Server struct {
	config Config
	store  *store
	host   string
	port   int

	mu  sync.Mutex
	now *server.Server // nil: ended
}

// Start starts a server and returns when it takes connections.
func Start(ctx context.Context, c Config) (*Server, error) {
	listen := c.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	host, port, err := hostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", listen, err)
	}
	var st *store
	if c.Dir == "" {
		st, err = tempStore()
	} else {
		st, err = openStore(c.Dir)
	}
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, store: st, host: host, port: port}
	if err := s.start(ctx); err != nil {
		st.close()
		return nil, err
	}
	return s, nil
}

// hostPort reads HOST:PORT. Port 0, which stands for a free one, is -1 as the server wants it.
func hostPort(at string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(at)
	if err != nil {
		return "", 0, err
	}
	if port, err = strconv.Atoi(text); err != nil {
		return "", 0, errors.New("the port is not a number")
	}
	if port == 0 {
		port = -1
	}
	return host, port, nil
}

// start starts the server; s.mu is held or nobody knows s yet.
func (s *Server) start(ctx context.Context) error {
	o := &server.Options{
		ServerName: s.config.Name, Host: s.host, Port: s.port, Authorization: s.config.Token,
		DontListen: runtime.GOOS == "js",
		JetStream:  true, StoreDir: s.store.dir,
		MaxPayload: int32(s.config.MaxPayload),
		NoSigs:     true, NoLog: true,
	}
	if o.MaxPayload == 0 {
		o.MaxPayload = maxPayload
	}
	if s.config.TLS != nil {
		o.TLS, o.TLSConfig, o.TLSTimeout = true, s.config.TLS, 5
	}
	if s.config.Cluster != "" {
		if err := s.cluster(o); err != nil {
			return err
		}
	}
	srv, err := server.NewServer(o)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	said := &complaints{}
	srv.SetLoggerV2(said, false, false, false)
	srv.Start()
	for limit := time.Now().Add(startLimit); ; {
		if srv.ReadyForConnections(200 * time.Millisecond) {
			break
		}
		if !srv.Running() || said.fatal() || ctx.Err() != nil || time.Now().After(limit) {
			srv.Shutdown()
			srv.WaitForShutdown()
			if err := context.Cause(ctx); err != nil {
				return fmt.Errorf("%w: %w", ErrStart, err)
			}
			return fmt.Errorf("%w: %s", ErrStart, said)
		}
	}
	if addr, ok := srv.Addr().(*net.TCPAddr); ok {
		s.port = addr.Port
	}
	s.now = srv
	return nil
}

// cluster makes the server one of several.
func (s *Server) cluster(o *server.Options) error {
	host, port, err := hostPort(s.config.Cluster)
	if err != nil {
		return fmt.Errorf("listen for the cluster on %s: %w", s.config.Cluster, err)
	}
	o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "cookbook", host, port
	if s.config.Token != "" {
		o.Cluster.Username, o.Cluster.Password = "cookbook", s.config.Token
	}
	if s.config.TLS != nil { // between servers each has to show a certificate
		c := s.config.TLS.Clone()
		c.ClientCAs, c.ClientAuth = c.RootCAs, tls.RequireAndVerifyClientCert
		o.Cluster.TLSConfig, o.Cluster.TLSTimeout = c, 5
	}
	for _, route := range s.config.Routes {
		u := *route
		if u.User == nil && s.config.Token != "" {
			u.User = url.UserPassword("cookbook", s.config.Token)
		}
		o.Routes = append(o.Routes, &u)
	}
	return nil
}

// URL is where clients reach the server.
func (s *Server) URL() string {
	if s.port < 0 {
		return "nats://in-this-process" // in a page nobody can listen
	}
	scheme := "nats"
	if s.config.TLS != nil {
		scheme = "tls"
	}
	return scheme + "://" + net.JoinHostPort(s.host, strconv.Itoa(s.port))
}

// Dir is the folder of the store, which holds its lock as well.
func (s *Server) Dir() string { return s.store.dir }

// Address is how other processes of this machine reach the server. It has no space.
func (s *Server) Address() Address { return Address{URL: s.URL(), Token: s.config.Token} }

// InProcessConn connects to the server without the network. It makes a Server what nats.InProcessServer takes, and a
// connection survives a restart of the server.
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil, net.ErrClosed
	}
	return s.now.InProcessConn()
}

// Restart ends the server and starts it again: same port, same store. Connections come back by themselves. After Close it is
// [ErrEnded].
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return ErrEnded
	}
	s.stop()
	return s.start(ctx)
}

// stop ends the server; s.mu is held.
func (s *Server) stop() {
	if s.now != nil {
		s.now.Shutdown()
		s.now.WaitForShutdown()
		s.now = nil
	}
}

// Close ends the server, and removes its store if it was a temporary one. It may be called any number of times.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	if s.store == nil {
		return nil
	}
	err := s.store.close()
	s.store = nil
	return err
}
