package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// An Engine is what a run stands on: a server in this process, or one that is somewhere else. It has to be closed.
type Engine struct {
	at     Address
	server *Server // nil: not ours
	keep   bool    // what the run has made stays

	closing sync.Mutex
	closed  bool
}

// Open opens the engine of a run: the one that [WithAddress] names, or a new server in this process that listens on
// loopback, with a secret and a private store that Close removes. It does not look whether a server elsewhere is there:
// Connect does.
func Open(ctx context.Context) (*Engine, error) {
	if at, ok := AddressOf(ctx); ok {
		return openAt(at), nil
	}
	return start(ctx, Config{}, newSpace())
}

// OpenDir is Open with a store that stays: a later run finds there what this one has kept. If the engine is a server
// elsewhere, dir is not used, and what the run makes is under the space [Shared] and stays there.
func OpenDir(ctx context.Context, dir string) (*Engine, error) {
	if at, ok := AddressOf(ctx); ok {
		if at.Space == "" {
			at.Space = Shared
		}
		return &Engine{at: at, keep: true}, nil
	}
	e, err := start(ctx, Config{Dir: dir}, Shared)
	if err != nil {
		return nil, err
	}
	e.keep = true
	return e, nil
}

// ErrAlone is that nobody can have joined an engine that has just started.
var ErrAlone = errors.New("no worker can have joined an engine that starts with this run; name a running one: --engine nats://HOST:PORT")

// OpenShared opens the engine that [WithAddress] names in the space [Shared], where workers serve that were started by hand.
// Without an address it is [ErrAlone].
func OpenShared(ctx context.Context) (*Engine, error) {
	at, ok := AddressOf(ctx)
	if !ok {
		return nil, fmt.Errorf("use workers that have joined: %w", ErrAlone)
	}
	at.Space = Shared
	return openAt(at), nil
}

func openAt(at Address) *Engine {
	e := &Engine{at: at, keep: at.Space == Shared}
	if at.Space == "" {
		e.at.Space = newSpace()
	}
	return e
}

func start(ctx context.Context, c Config, space string) (*Engine, error) {
	c.Token = rand.Text()
	s, err := Start(ctx, c)
	if err != nil {
		return nil, err
	}
	e := &Engine{at: s.Address(), server: s}
	e.at.Space = space
	return e, nil
}

// Address is how other processes reach the engine.
func (e *Engine) Address() Address { return e.at }

// Embedded reports whether the server runs in this process.
func (e *Engine) Embedded() bool { return e.server != nil }

// Connect connects this process, without the network if the server runs in it. Errors as of [Connect].
func (e *Engine) Connect(ctx context.Context) (*Conn, error) {
	if e.server == nil {
		return Connect(ctx, e.at)
	}
	return connect(ctx, e.at, nats.InProcessServer(e.server))
}

// ErrNotOurs is an engine that runs elsewhere.
var ErrNotOurs = errors.New("the engine is a server elsewhere")

// Restart ends the server and starts it again, with what it has kept. Connections come back by themselves. It is
// [ErrNotOurs] if the server does not run in this process.
func (e *Engine) Restart(ctx context.Context) error {
	if e.server == nil {
		return fmt.Errorf("restart the engine: %w", ErrNotOurs)
	}
	return e.server.Restart(ctx)
}

// closeLimit is how long Close tries to remove what the run has made.
const closeLimit = 10 * time.Second

// Close removes what the run has made, unless that is to stay, and ends the engine with all connections if it runs in this
// process. It may be called any number of times.
func (e *Engine) Close() error {
	e.closing.Lock()
	defer e.closing.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	var err error
	if !e.keep {
		err = e.remove()
	}
	if e.server != nil {
		return e.server.Close() // what could not be removed goes with the store
	}
	return err
}

// remove removes what the run has made. A server in this process ends ten times as fast after it: it has nothing to write.
func (e *Engine) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	conn, err := e.Connect(ctx)
	if err != nil {
		return fmt.Errorf("remove what the run has made: %w", err)
	}
	defer conn.Close()
	return conn.removeAll(ctx)
}

// removeAll removes all streams of the space, the buckets among them.
func (c *Conn) removeAll(ctx context.Context) error {
	var mine []string
	all := c.JS.StreamNames(ctx)
	for name := range all.Name() {
		if strings.HasPrefix(strings.TrimPrefix(name, "KV_"), c.space+"_") {
			mine = append(mine, name)
		}
	}
	err := all.Err()
	for _, name := range mine {
		err = errors.Join(err, c.JS.DeleteStream(ctx, name))
	}
	return err
}
