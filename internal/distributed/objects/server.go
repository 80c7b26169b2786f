package objects

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/micro"

	"cookbook/internal/distributed/engine"
)

// A Server lets objects of this process be called from elsewhere. Calls run at the same time, each in a goroutine of its own, so an
// object has to guard what it changes, and a method may call back into its own server. Its methods may be called from any
// goroutine. It has to be closed.
//
// Python: Pyro4.Daemon.
type Server struct {
	ns     *NameServer
	serial bool
	ctx    context.Context // of the methods
	cancel context.CancelFunc
	calls  sync.WaitGroup

	mu      sync.Mutex
	closing bool
	objects []*object
}

// An object is a value with a name.
type object struct {
	name     string
	methods  map[string]*method
	turn     chan struct{} // of a serial object: who has put something into it may run
	service  micro.Service
	revision uint64 // of its entry at the name server
}

// An Option is an option of [NewServer].
type Option func(*Server)

// WithSerial lets each object do one call after the other. A call whose deadline passes before its turn is not begun. An object that
// waits for itself, even by way of others, then waits until a deadline passes.
//
// Python: SERVERTYPE = "multiplex", which does so for a daemon.
func WithSerial() Option { return func(s *Server) { s.serial = true } }

// NewServer makes a server without objects.
func NewServer(ns *NameServer, options ...Option) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{ns: ns, ctx: ctx, cancel: cancel}
	for _, o := range options {
		o(s)
	}
	return s
}

// Register lets a value be called under a name: its exported methods, or of these only those that are named. When Register
// returns, the object can be found and called from everywhere.
//
// A method takes a context first, or does not; then anything that can travel as JSON. It returns at most one result, and an
// error or not. The context has the caller's deadline. Methods of another form are not exposed.
//
// The error is [ErrTaken] if the name belongs to an object whose server is there, also one of this server; [ErrName],
// [ErrNoMethods], [ErrNoMethod] for a name that is not a method, or [ErrClosed].
//
// Python: daemon.register and ns.register; @Pyro4.expose.
func (s *Server) Register(ctx context.Context, name string, value any, methods ...string) error {
	err := checkName(name)
	var exposed map[string]*method
	if err == nil {
		exposed, err = methodsOf(value, methods)
	}
	if err == nil {
		o := &object{name: name, methods: exposed}
		if s.serial {
			o.turn = make(chan struct{}, 1)
		}
		err = s.register(ctx, o)
	}
	if err != nil {
		return fmt.Errorf("register %q: %w", name, cause(ctx, err))
	}
	return nil
}

func (s *Server) register(ctx context.Context, o *object) (err error) {
	signatures := map[string]string{}
	for name, m := range o.methods {
		signatures[name] = m.signature
	}
	o.service, err = micro.AddService(s.ns.conn.NC, micro.Config{
		Name: s.ns.kind(), Version: "1.0.0", Description: "the object " + o.name, Metadata: map[string]string{"object": o.name},
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			o.service.Stop()
		}
	}()
	id := o.service.Info().ID
	handler := micro.HandlerFunc(func(r micro.Request) { s.handle(o, r) })
	subject := s.ns.subject(id, "*")
	if err := o.service.AddEndpoint("methods", handler, micro.WithEndpointSubject(subject), micro.WithEndpointMetadata(signatures)); err != nil {
		return err
	}
	if err := s.ns.conn.Flush(ctx); err != nil { // the engine knows of it before anybody else does
		return err
	}
	if o.revision, err = s.ns.claim(ctx, entry{o.name, id}); err != nil {
		return err
	}
	s.mu.Lock()
	if !s.closing {
		s.objects = append(s.objects, o)
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	return errors.Join(ErrClosed, s.ns.release(context.WithoutCancel(ctx), o.name, o.revision))
}

// closeLimit is how long Serve waits for calls in progress, and Close for the engine, twice.
const closeLimit = 5 * time.Second

// Serve waits until ctx ends, then closes the server, and waits at most 5 s for calls in progress.
//
// Python: daemon.requestLoop.
func (s *Server) Serve(ctx context.Context) error {
	<-ctx.Done()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	return s.Close(limited)
}

// Serve registers one value under a name, at the name server of the space that conn is in, and serves it until ctx ends, as
// [Server.Serve] does.
func Serve(ctx context.Context, conn *engine.Conn, name string, value any, options ...Option) error {
	ns, err := Locate(ctx, conn)
	if err != nil {
		return err
	}
	s := NewServer(ns, options...)
	if err := s.Register(ctx, name, value); err != nil {
		return err
	}
	return s.Serve(ctx)
}

// Close gives the names back, takes no more calls, waits for those in progress, and returns when their answers have been sent. If
// ctx ends before, it ends the contexts of the methods, and waits a second more; the error is then [ErrBusy] if one still runs. A
// second Close does nothing. Without the engine it gives up after 5 s to give names back, and 5 s to send answers.
//
// Python: daemon.shutdown.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	s.mu.Unlock()
	defer s.cancel()
	var err error
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	for _, o := range s.objects {
		err = errors.Join(err, s.ns.release(limited, o.name, o.revision))
	}
	done := make(chan struct{})
	go func() {
		s.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.cancel()
		select {
		case <-done:
		case <-time.After(time.Second):
			err = errors.Join(err, ErrBusy)
		}
	}
	for _, o := range s.objects {
		err = errors.Join(err, o.service.Stop())
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	if err = errors.Join(err, s.ns.conn.Flush(sending)); err != nil {
		return fmt.Errorf("close the server: %w", err)
	}
	return nil
}
