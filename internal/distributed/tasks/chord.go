package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"cookbook/internal/distributed/engine"
)

// headerIncrement adds to the counter that a subject of a counter stream is.
const headerIncrement = "Nats-Incr"

// A membership says for which chord a call counts.
type membership struct {
	Chord string // the first part of the ids of its calls
	Index int    // of the call in it
	Count int    // of the calls in it
	Final link   // the call that gets their results
}

func (m *membership) write(r *Request) error {
	r.ID = memberID(m.Chord, m.Index)
	return setMore(r, headerChord, m)
}

func memberID(chord string, index int) string { return fmt.Sprintf("%s-%d", chord, index) }

var errMembership = errors.New("not a membership of a chord")

func readMembership(r *Request) (m membership, err error) {
	if err := json.Unmarshal([]byte(r.More[headerChord]), &m); err != nil {
		return m, fmt.Errorf("%w: %w", errMembership, err)
	}
	if !validID(memberID(m.Chord, m.Index)) || m.Index < 0 || m.Count < 1 || m.Index >= m.Count || m.Count > maxChord {
		return m, errMembership
	}
	if _, err := m.Final.request(nil); err != nil {
		return m, fmt.Errorf("%w: %w", errMembership, err)
	}
	return m, nil
}

// maxChord is how many calls a chord may have. Their results have to fit into one message, which is less in practice.
const maxChord = 100_000

// Chord sends calls as [Group] does, and once all have succeeded it calls final with their results, in the order of the calls. The result
// is that of final. If one of the calls fails, final fails at once, and is not begun; the others go on. Without calls final is called at
// once, with nothing. The results together have to fit into a message. Celery: chord(header)(final.s()).
func Chord[A, R any](ctx context.Context, app *App, calls []Signature[A], final *Task[[]A, R], options ...Option) (*AsyncResult[R], error) {
	last, err := final.Request([]A{}, options...)
	if err == nil {
		err = linkable(last)
	}
	if err != nil {
		return nil, fmt.Errorf("a chord's last call: %w", err)
	}
	if len(calls) == 0 {
		if err := app.send(ctx, last); err != nil {
			return nil, err
		}
		return resultOf[R](app, last), nil
	}
	if len(calls) > maxChord {
		return nil, fmt.Errorf("a chord of %d calls, where %d may be: %w", len(calls), maxChord, ErrOption)
	}
	m := membership{Chord: "chord-" + nuid.Next(), Count: len(calls), Final: linkOf(last)}
	requests := make([]*Request, len(calls))
	for i, s := range calls {
		one := m
		one.Index = i
		if requests[i], err = s.link(&one); err != nil {
			return nil, fmt.Errorf("call %d of a chord: %w", i, err)
		}
	}
	if err := app.sendBatches(ctx, requests); err != nil {
		return nil, err
	}
	return resultOf[R](app, last), nil
}

// counters is the stream in which the calls of chords are counted: a subject is a counter. It is read from its leader only,
// because a replica may be behind.
func counters(ctx context.Context, c *engine.Conn) (jetstream.Stream, error) {
	return c.Stream(ctx, jetstream.StreamConfig{
		Name: "counters", Subjects: []string{c.Subject("chord", "*")}, AllowMsgCounter: true, MaxAge: keepResults, Duplicates: time.Hour,
	})
}

// count counts a call for its chord, and sends the final one if it was the last. A failure ends the chord.
func (a *App) count(ctx context.Context, m membership, record Record) error {
	if record.State != Success {
		return a.endChord(ctx, m, fmt.Sprintf("call %d of %d has failed: %s", m.Index, m.Count, record.Error), record.Kind)
	}
	add := nats.NewMsg(a.conn.Subject("chord", m.Chord))
	add.Header.Set(headerIncrement, "1")
	add.Header.Set(jetstream.MsgIDHeader, memberID(m.Chord, m.Index)) // a call that is counted twice counts once
	if _, err := a.conn.Publish(ctx, add); err != nil {
		return fmt.Errorf("count for the chord %s: %w", m.Chord, err)
	}
	counted, err := a.counted(ctx, add.Subject)
	if err != nil || counted < m.Count {
		return err
	}
	argument, missing, err := a.gather(ctx, m)
	if err == nil && missing { // a replica is behind; or a call was counted twice, and one will come
		err = fmt.Errorf("the results of the chord %s are not all there", m.Chord)
	}
	if err != nil {
		return err
	}
	final, err := m.Final.request(argument)
	if err != nil {
		return nil
	}
	err = a.send(ctx, final)
	if permanent(err) {
		return a.endChord(ctx, m, err.Error(), "")
	}
	return err
}

// counted reads a counter. The acknowledgement of a message that was sent twice does not say.
func (a *App) counted(ctx context.Context, subject string) (int, error) {
	m, err := a.last(ctx, a.chords, subject)
	if err != nil {
		return 0, fmt.Errorf("read the counter %s: %w", subject, err)
	}
	var body struct {
		Value int `json:"val,string"`
	}
	if err := json.Unmarshal(m.Data, &body); err != nil {
		return 0, fmt.Errorf("read the counter %s: %w", subject, err)
	}
	return body.Value, nil
}

// gather makes an array of the results of a chord.
func (a *App) gather(ctx context.Context, m membership) (argument json.RawMessage, missing bool, err error) {
	results := make([]json.RawMessage, m.Count)
	for first := 0; first < m.Count; first += maxBatch {
		subjects := map[string]int{}
		var names []string
		for i := first; i < min(first+maxBatch, m.Count); i++ {
			name := a.resultSubject(memberID(m.Chord, i))
			subjects[name], names = i, append(names, name)
		}
		found, err := jetstreamext.GetLastMsgsFor(ctx, a.js, "KV_"+a.conn.Name("results"), names)
		if err != nil {
			return nil, false, fmt.Errorf("read the results of the chord %s: %w", m.Chord, err)
		}
		for msg, err := range found {
			if errors.Is(err, jetstreamext.ErrNoMessages) {
				break
			}
			if err != nil {
				return nil, false, fmt.Errorf("read the results of the chord %s: %w", m.Chord, err)
			}
			if record := readRecord(msg.Data); record.State == Success {
				results[subjects[msg.Subject]] = record.Result
			}
		}
	}
	for _, r := range results {
		if r == nil {
			return nil, true, nil
		}
	}
	argument, err = json.Marshal(results)
	return argument, false, err
}

// endChord lets the final call of a chord fail.
func (a *App) endChord(ctx context.Context, m membership, why, kind string) error {
	final, err := m.Final.request(nil)
	if err != nil {
		return nil
	}
	end := Record{State: Failure, Task: final.Name, Error: cut(why, maxError), Kind: kind, At: time.Now()}
	if err := a.settle(ctx, final.ID, end); err != nil {
		return err
	}
	return a.follow(ctx, final, end)
}
