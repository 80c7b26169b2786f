package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// How long the engine keeps things. Runs that remove what they have made do not need it; a shared engine does.
const (
	keepTasks   = 7 * 24 * time.Hour // calls that no worker has taken
	keepResults = 24 * time.Hour     // results, states and keys; as Celery's result_expires
	keepDead    = 7 * 24 * time.Hour
	duplicates  = 2 * time.Minute // the window in which a call that is sent again is known as the same
)

// maxPending is the number of messages that may be on their way to the engine without an answer.
const maxPending = 2048

// An App is a connection's view of the queues: what calls are sent with, and results are had from. Its methods may be called
// from any goroutine. It ends with its connection. Celery: Celery(…).
type App struct {
	conn    *engine.Conn
	js      jetstream.JetStream // for messages that are sent without waiting
	stream  jetstream.Stream    // the calls
	dead    jetstream.Stream
	chords  jetstream.Stream // counts the calls of each
	results jetstream.KeyValue
	records jetstream.Stream // that of results
	waits   waits
}

// NewApp makes what the queues need in the engine, if it is not there, and returns their App.
func NewApp(ctx context.Context, conn *engine.Conn) (*App, error) {
	js, err := jetstream.New(conn.NC, jetstream.WithPublishAsyncMaxPending(2*maxPending), jetstream.WithPublishAsyncTimeout(publishTimeout))
	if err != nil {
		return nil, err
	}
	a := &App{conn: conn, js: js}
	a.stream, err = conn.Stream(ctx, jetstream.StreamConfig{
		Name: "tasks", Subjects: []string{conn.Subject("task", ">"), conn.Subject("later", ">")},
		Retention: jetstream.WorkQueuePolicy, MaxAge: keepTasks, Duplicates: duplicates,
		AllowMsgTTL: true, AllowMsgSchedules: true, AllowRollup: true, AllowAtomicPublish: true,
	})
	if err != nil {
		return nil, err
	}
	a.dead, err = conn.Stream(ctx, jetstream.StreamConfig{
		Name: "dead", Subjects: []string{conn.Subject("dead", ">")}, MaxAge: keepDead, Duplicates: duplicates,
	})
	if err != nil {
		return nil, err
	}
	if a.chords, err = counters(ctx, conn); err != nil {
		return nil, err
	}
	// What is stored is also published, for those who wait: they need no consumer, of which a stream has 1,000 at most.
	a.results, err = conn.Bucket(ctx, jetstream.KeyValueConfig{
		Bucket: "results", TTL: keepResults,
		RePublish: &jetstream.RePublish{Source: a.resultSubject(">"), Destination: conn.Subject("stored", ">")},
	})
	if err != nil {
		return nil, err
	}
	err = conn.Again(ctx, func(ctx context.Context) (err error) {
		a.records, err = conn.JS.Stream(ctx, "KV_"+conn.Name("results"))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the results: %w", err)
	}
	return a, nil
}

// Conn is the connection that it was made with.
func (a *App) Conn() *engine.Conn { return a.conn }

// taskSubject is where calls of a queue and priority wait.
func (a *App) taskSubject(queue string, p Priority) string {
	return a.conn.Subject("task", queue, p.String())
}

// origin is the inverse of taskSubject.
func (a *App) origin(subject string) (string, Priority) {
	queue, name, _ := strings.Cut(strings.TrimPrefix(subject, a.conn.Subject("task")+"."), ".")
	for _, p := range priorities() {
		if p.String() == name {
			return queue, p
		}
	}
	return queue, Normal
}

// laterSubject is where the engine keeps a call until its time. No consumer looks there: it would take the schedule for a
// call.
func (a *App) laterSubject(id string) string { return a.conn.Subject("later", id) }

// resultSubject is where a bucket keeps a key.
func (a *App) resultSubject(id string) string { return "$KV." + a.conn.Name("results") + "." + id }

// storedSubject is where a record is published as soon as it is stored.
func (a *App) storedSubject(id string) string { return a.conn.Subject("stored", id) }

// keyID is the id of the call with that key.
func keyID(task, key string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", task, key))
	return "key-" + hex.EncodeToString(sum[:16])
}
