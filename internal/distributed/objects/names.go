package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"

	"cookbook/internal/distributed/engine"
)

// A NameServer knows the objects of a space by their names. It is a bucket in the engine: a name belongs to the first object that
// takes it, as long as the server of that object is there. Its methods may be called from any goroutine.
//
// Python: what Pyro4.locateNS() returns.
type NameServer struct {
	conn   *engine.Conn
	bucket jetstream.KeyValue
}

// Locate returns the name server of the space that conn is in.
func Locate(ctx context.Context, conn *engine.Conn) (*NameServer, error) {
	bucket, err := conn.Bucket(ctx, jetstream.KeyValueConfig{Bucket: "objects"})
	if err != nil {
		return nil, fmt.Errorf("locate the name server: %w", err)
	}
	return &NameServer{conn, bucket}, nil
}

// Dial connects to an engine and returns the name server of the address's space. [NameServer.Close] ends the connection.
//
// Python: Pyro4.locateNS().
func Dial(ctx context.Context, at engine.Address) (*NameServer, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return nil, err
	}
	ns, err := Locate(ctx, conn)
	if err != nil {
		conn.Close()
	}
	return ns, err
}

// Close ends the connection of the name server, with all that uses it: proxies and servers of objects too.
func (ns *NameServer) Close() { ns.conn.Close() }

// An entry says where an object is.
type entry struct {
	Name string `json:"name"`
	ID   string `json:"id"` // of its service, which no other object has had
}

// kind is the name of the services of all objects of the space.
func (ns *NameServer) kind() string { return ns.conn.Name("objects") }

// A ping is sent again until this time has passed: the engine may not have noticed yet that a server is gone.
const (
	pingTry   = 250 * time.Millisecond // for the first try; every further one has twice as much
	pingLimit = 4 * time.Second        // for all
)

// ping asks the service of an object for a sign of life. The error wraps [ErrGone] if the engine knows that it is not there.
func (ns *NameServer) ping(ctx context.Context, id string) error {
	subject, err := micro.ControlSubject(micro.PingVerb, ns.kind(), id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	for try := pingTry; ; try *= 2 {
		limited, cancel := context.WithTimeout(ctx, try)
		_, err := ns.conn.NC.RequestWithContext(limited, subject, nil)
		cancel()
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			return ErrGone
		case err == nil, ctx.Err() != nil, !errors.Is(err, context.DeadlineExceeded):
			return err
		}
	}
}

// find returns who has a name. The error wraps jetstream.ErrKeyNotFound if nobody has.
func (ns *NameServer) find(ctx context.Context, name string) (e entry, revision uint64, err error) {
	var kv jetstream.KeyValueEntry
	err = ns.conn.Again(ctx, func(ctx context.Context) (err error) {
		kv, err = ns.bucket.Get(ctx, escape(name))
		return err
	})
	if err != nil {
		return e, 0, err
	}
	return e, kv.Revision(), json.Unmarshal(kv.Value(), &e)
}

// Lookup returns a proxy for the object of that name. It asks the object's server for a sign of life. The error is
// [ErrUnknown], and lists the names that there are, or [ErrGone].
//
// Python: Pyro4.Proxy("PYRONAME:" + name).
func (ns *NameServer) Lookup(ctx context.Context, name string) (*Proxy, error) {
	err := checkName(name)
	var e entry
	if err == nil {
		e, _, err = ns.find(ctx, name)
	}
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		all, listErr := ns.list(ctx)
		if listErr != nil {
			return nil, fmt.Errorf("look up %q: %w (and the names that there are: %w)", name, ErrUnknown, cause(ctx, listErr))
		}
		id, ok := all[name] // one replica of a cluster may know it before another
		if !ok {
			return nil, fmt.Errorf("look up %q: %w; there are: %s", name, ErrUnknown, list(slices.Sorted(maps.Keys(all))))
		}
		return newProxy(ns, entry{name, id}), nil
	}
	if err == nil {
		err = ns.ping(ctx, e.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("look up %q: %w", name, cause(ctx, err))
	}
	return newProxy(ns, e), nil
}

// Wait waits until an object of that name is registered and its server is there, and returns a proxy for it.
func (ns *NameServer) Wait(ctx context.Context, name string) (*Proxy, error) {
	p, err := ns.wait(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("wait for an object %q: %w", name, cause(ctx, err))
	}
	return p, nil
}

func (ns *NameServer) wait(ctx context.Context, name string) (*Proxy, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx) // a watcher lasts as long as its context
	defer cancel()
	watcher, err := ns.bucket.Watch(ctx, escape(name), jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer watcher.Stop()
	for {
		select {
		case kv, ok := <-watcher.Updates():
			if !ok {
				return nil, nats.ErrConnectionClosed
			}
			var e entry
			if kv == nil { // what there was has come
				continue
			}
			if err := json.Unmarshal(kv.Value(), &e); err != nil {
				return nil, err
			}
			switch err := ns.ping(ctx, e.ID); {
			case err == nil:
				return newProxy(ns, e), nil
			case !errors.Is(err, ErrGone):
				return nil, err
			}
		case <-ns.conn.Done(): // the watcher does not always say so
			return nil, nats.ErrConnectionClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// List returns the names of all objects whose servers are there, sorted.
//
// Python: ns.list().
func (ns *NameServer) List(ctx context.Context) ([]string, error) {
	all, err := ns.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the objects: %w", cause(ctx, err))
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// list returns the ids of all objects whose servers are there, by their names.
func (ns *NameServer) list(ctx context.Context) (map[string]string, error) {
	ctx, cancel := context.WithCancel(ctx) // a watcher lasts as long as its context
	defer cancel()
	watcher, err := ns.bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, err
	}
	defer watcher.Stop()
	all := map[string]string{}
	var mu sync.Mutex
	var pings sync.WaitGroup
	for more := true; more; {
		select {
		case kv, open := <-watcher.Updates():
			if !open {
				err = nats.ErrConnectionClosed
			}
			var e entry
			if more = kv != nil; !more || json.Unmarshal(kv.Value(), &e) != nil {
				continue
			}
			pings.Go(func() {
				if ns.ping(ctx, e.ID) == nil {
					mu.Lock()
					defer mu.Unlock()
					all[e.Name] = e.ID
				}
			})
		case <-ns.conn.Done():
			more, err = false, nats.ErrConnectionClosed
		case <-ctx.Done():
			more, err = false, ctx.Err()
		}
	}
	pings.Wait()
	return all, err
}

// maxName bounds names of objects and methods.
const maxName = 200 // bytes

func checkName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return ErrName
	}
	return nil
}

// escape writes a name so that it is one part of a subject and a key of a bucket: =2E stands for a dot.
func escape(name string) string {
	if name == "" {
		return "="
	}
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// cause is why something failed: the end of the caller's context comes before what it has led to.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
