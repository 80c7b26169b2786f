package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Signature is a call of a task that has not been sent, or a chain of them: R is the type of the last one's result. It is
// what [Group] and [Chord] are made of. It may be used once.
type Signature[R any] struct {
	calls []*Request
	err   error
}

// S makes a call without sending it. An error, as of [Task.Apply], comes when it is sent. Celery: add.s(2, 2).
func (t *Task[A, R]) S(arg A, options ...Option) Signature[R] {
	r, err := t.Request(arg, options...)
	if err == nil {
		err = linkable(r)
	}
	return Signature[R]{[]*Request{r}, err}
}

// Then chains another call to first: its argument is the result of first. If first fails, it fails too, and is not begun. A
// time in its options counts from now. Celery: first | next.s().
func Then[A, R any](first Signature[A], next *Task[A, R], options ...Option) Signature[R] {
	if first.err != nil {
		return Signature[R]{err: first.err}
	}
	r, err := newRequest(next.name, nil, append(next.defaults[:len(next.defaults):len(next.defaults)], options...))
	if err == nil {
		err = linkable(r)
	}
	if err != nil {
		return Signature[R]{err: fmt.Errorf("call %s: %w", next.name, err)}
	}
	return Signature[R]{append(first.calls[:len(first.calls):len(first.calls)], r), nil}
}

// linkable refuses what others wait for and nobody would see.
func linkable(r *Request) error {
	switch {
	case r.Key != "":
		return fmt.Errorf("%w: a call with a key may have ended before its chain begins, so nothing can follow it", ErrOption)
	case r.IgnoreResult:
		return fmt.Errorf("%w: a call whose result is not kept cannot hand it on", ErrOption)
	}
	return nil
}

// Apply sends the first call. The result is that of the last one; [AsyncResult.Get] says which one has failed, if one has.
func (s Signature[R]) Apply(ctx context.Context, app *App) (*AsyncResult[R], error) {
	r, err := s.link(nil)
	if err != nil {
		return nil, err
	}
	if err := app.send(ctx, r); err != nil {
		return nil, err
	}
	return resultOf[R](app, s.last()), nil
}

func (s Signature[R]) last() *Request { return s.calls[len(s.calls)-1] }

// link writes into the first call which ones follow it, and what the last one counts for.
func (s Signature[R]) link(m *membership) (*Request, error) {
	if s.err != nil {
		return nil, s.err
	}
	if len(s.calls) == 0 {
		return nil, fmt.Errorf("send a signature: %w: it has no call", ErrOption)
	}
	if m != nil {
		if err := m.write(s.last()); err != nil {
			return nil, err
		}
	}
	first := s.calls[0]
	if err := writeLinks(first, s.calls[1:]); err != nil {
		return nil, err
	}
	return first, nil
}

// The headers of what follows a call.
const (
	headerNext  = "Task-Next"  // a JSON array of links, if the call has others behind it in a chain
	headerChord = "Task-Chord" // a membership as JSON, if it counts for a chord
)

// A link is a call in a chain, without its argument, which is the result of the one before it.
type link struct {
	Header map[string]string
	Queue  string
	Rank   Priority
	ETA    time.Time `json:",omitzero"`
}

func linkOf(r *Request) link {
	l := link{Header: map[string]string{}, Queue: r.Queue, Rank: r.Priority, ETA: r.ETA}
	for name, values := range r.header() {
		l.Header[name] = values[0]
	}
	return l
}

// request is the call with that argument.
func (l link) request(argument json.RawMessage) (*Request, error) {
	h := map[string][]string{}
	for name, value := range l.Header {
		h[name] = []string{value}
	}
	r, err := readRequest(h, argument)
	if err != nil {
		return nil, err
	}
	if r.Queue, r.Priority = l.Queue, l.Rank; !validID(r.Queue) || r.Priority < Low || r.Priority > High || r.ID == "" {
		return nil, &malformedError{fmt.Errorf("a link to %q in the queue %.40q", r.ID, r.Queue)}
	}
	r.ETA = l.ETA
	return r, nil
}

// setMore sets a header of a call to a value as JSON.
func setMore(r *Request, name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("call %s: %w", r.Name, err)
	}
	if r.More == nil {
		r.More = map[string]string{}
	}
	r.More[name] = string(b)
	return nil
}

func writeLinks(r *Request, rest []*Request) error {
	if len(rest) == 0 {
		return nil
	}
	links := make([]link, len(rest))
	for i, next := range rest {
		links[i] = linkOf(next)
	}
	return setMore(r, headerNext, links)
}

// readLinks reads the calls that follow one in its chain. There is at least one.
func readLinks(r *Request) ([]*Request, error) {
	var links []link
	if err := json.Unmarshal([]byte(r.More[headerNext]), &links); err != nil {
		return nil, &malformedError{fmt.Errorf("the calls of its chain: %w", err)}
	}
	rest := make([]*Request, len(links))
	for i, l := range links {
		var err error
		if rest[i], err = l.request(nil); err != nil {
			return nil, err
		}
	}
	if len(rest) == 0 {
		return nil, &malformedError{errors.New("its chain has no calls")}
	}
	return rest, nil
}
