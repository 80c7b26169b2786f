package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime/trace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"
	"github.com/nats-io/nuid"

	"cookbook/internal/distributed/engine"
)

// A Proxy stands for an object that is elsewhere. If the object's server has ended and another one has registered an object of that
// name, the proxy stands for that one. Its methods may be called from any goroutine.
type Proxy struct {
	ns   *NameServer
	name string
	id   atomic.Pointer[string]
}

func newProxy(ns *NameServer, e entry) *Proxy {
	p := &Proxy{ns: ns, name: e.Name}
	p.id.Store(&e.ID)
	return p
}

// Name is the name of the object.
func (p *Proxy) Name() string { return p.name }

// Call calls a method of the object and returns its result as an R; R is struct{} for a method without a result. It waits until
// the answer comes or ctx ends. The method's context gets the deadline of ctx.
//
// The error is a [RemoteError] if the object's server has answered, [ErrGone] if it is not there or ends before it has answered
// (noticed within 0.3 s, or 10 s if its machine has vanished), [ErrArguments] if they cannot travel, or the cause of ctx. After
// ErrGone and a time-out nobody knows whether the method has done its work.
//
// Python: proxy.method(…).
func Call[R any](ctx context.Context, p *Proxy, method string, args ...any) (result R, err error) {
	data, err := p.call(ctx, method, false, args)
	if err != nil {
		return result, err
	}
	if _, none := any(result).(struct{}); none {
		return result, nil
	}
	if err := decode(data, reflect.ValueOf(&result).Elem()); err != nil {
		return result, fmt.Errorf("call %s.%s: %w: %w", p.name, method, ErrResult, err)
	}
	return result, nil
}

// Send calls a method and does not wait for its end: it returns when the server has taken the call and found the arguments right.
// How the method ends nobody learns. Errors as of [Call].
//
// Python: @Pyro4.oneway, which returns before that.
func Send(ctx context.Context, p *Proxy, method string, args ...any) error {
	_, err := p.call(ctx, method, true, args)
	return err
}

// call sends a call to the object, wherever that is now.
func (p *Proxy) call(ctx context.Context, method string, oneWay bool, args []any) ([]byte, error) {
	if len(method) > maxName { // the engine would hang up
		return nil, fmt.Errorf("call %s.%.40s…: a name of %d bytes: %w", p.name, method, len(method), ErrNoMethod)
	}
	what := fmt.Sprintf("call %s.%s", p.name, method)
	key := ""
	if trace.IsEnabled() {
		key = nuid.Next()
	}
	body, err := pack(ctx, key, oneWay, args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	engine.Sends(key, p.name+"."+method)
	id := *p.id.Load()
	data, err := p.send(ctx, id, method, body)
	if errors.Is(err, errNotTaken) {
		if e, _, findErr := p.ns.find(ctx, p.name); findErr == nil && e.ID != id {
			p.id.Store(&e.ID)
			data, err = p.send(ctx, e.ID, method, body)
		} else if findErr != nil && !errors.Is(findErr, jetstream.ErrKeyNotFound) {
			err = findErr
		}
	}
	if err == nil && !oneWay {
		engine.Receives(key + "=")
	}
	var remote *RemoteError
	switch {
	case err == nil, errors.As(err, &remote):
		return data, err
	case errors.Is(err, errNotTaken):
		return nil, fmt.Errorf("%s: not begun: %w", what, ErrGone)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: no answer yet: %w", what, context.Cause(ctx))
	}
	return nil, fmt.Errorf("%s: %w", what, err)
}

// errNotTaken is a call that certainly has not begun.
var errNotTaken = errors.New("nobody took the call")

// pack makes the request of a call.
func pack(ctx context.Context, key string, oneWay bool, args []any) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r := request{OneWay: oneWay, Key: key, Args: make([]json.RawMessage, len(args))}
	if deadline, ok := ctx.Deadline(); ok && !oneWay {
		r.Within = max(1, time.Until(deadline).Microseconds())
	}
	for i, arg := range args {
		data, err := encode(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d, a %T, cannot travel: %s: %w", i+1, arg, strings.TrimPrefix(err.Error(), "json: "), ErrArguments)
		}
		r.Args[i] = data
	}
	return json.Marshal(r)
}

// send sends a call to a service and returns its answer.
func (p *Proxy) send(ctx context.Context, id, method string, body []byte) ([]byte, error) {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(pingEvery, func() { p.watch(watched, id, cancel) })
	defer timer.Stop()
	m, err := p.ns.conn.NC.RequestWithContext(watched, p.ns.subject(id, escape(method)), body)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, errNotTaken
	case errors.Is(err, nats.ErrMaxPayload):
		return nil, fmt.Errorf("arguments of %d bytes: %w", len(body), engine.ErrTooLarge)
	case watched.Err() != nil && err != nil:
		return nil, context.Cause(watched)
	case err != nil:
		return nil, err
	}
	code := m.Header.Get(micro.ErrorCodeHeader)
	if code == "" {
		return m.Data, nil
	}
	f := &failure{Code: code}
	if json.Unmarshal(m.Data, f) != nil || f.Message == "" {
		f.Message = m.Header.Get(micro.ErrorHeader)
	}
	if code == codeStopped {
		return nil, errNotTaken
	}
	return nil, f.remote(p.name, method)
}

// While a call waits, its server is asked for a sign of life this often, and is taken for gone if two pings in turn get no answer for so long.
const (
	pingEvery   = 250 * time.Millisecond
	silentLimit = 5 * time.Second
)

// watch ends a call when the server of its object is gone. It returns when the call has ended.
func (p *Proxy) watch(ctx context.Context, id string, cancel context.CancelCauseFunc) {
	heard := time.Now()
	for {
		err := p.ns.ping(ctx, id)
		switch {
		case err == nil:
			heard = time.Now()
		case errors.Is(err, ErrGone), ctx.Err() == nil && time.Since(heard) > silentLimit:
			cancel(ErrGone)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pingEvery):
		}
	}
}
