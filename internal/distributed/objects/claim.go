package objects

import (
	"context"
	"encoding/json"
	"errors"

	"cookbook/internal/distributed/engine"

	"github.com/nats-io/nats.go/jetstream"
)

// claim makes a name belong to an object, and returns the revision of the entry.
func (ns *NameServer) claim(ctx context.Context, e entry) (revision uint64, err error) {
	value, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	for {
		err = ns.conn.Again(ctx, func(ctx context.Context) (err error) {
			revision, err = ns.bucket.Create(ctx, escape(e.Name), value)
			return err
		})
		if !conflict(err) {
			return revision, err
		}
		holder, at, err := ns.find(ctx, e.Name)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound): // it has gone in between
			continue
		case err != nil:
			return 0, err
		case holder.ID == e.ID: // our own, whose acknowledgement was lost
			return at, nil
		}
		if err := ns.ping(ctx, holder.ID); !errors.Is(err, ErrGone) {
			return 0, ErrTaken
		}
		err = ns.conn.Again(ctx, func(ctx context.Context) (err error) {
			revision, err = ns.bucket.Update(ctx, escape(e.Name), value, at)
			return err
		})
		if !conflict(err) { // else another one was quicker
			return revision, err
		}
	}
}

// release gives a name back, if it still belongs to who claimed it.
func (ns *NameServer) release(ctx context.Context, name string, revision uint64) error {
	err := ns.conn.Again(ctx, func(ctx context.Context) error {
		return ns.bucket.Delete(ctx, escape(name), jetstream.LastRevision(revision))
	})
	if conflict(err) {
		return nil
	}
	return err
}

// conflict reports whether a key has been changed by somebody else. Create does not always translate the code that a cluster
// has for that.
func conflict(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) || engine.Overtaken(err)
}
