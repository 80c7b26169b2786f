package objects

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"cookbook/internal/distributed/engine"
)

// subject is where the calls of a method go to.
func (ns *NameServer) subject(id, method string) string {
	return ns.conn.Subject("objects", id, method)
}

// handle takes a call. It must not wait, or the calls after this one do.
func (s *Server) handle(o *object, r micro.Request) {
	s.mu.Lock()
	closing := s.closing
	if !closing {
		s.calls.Add(1)
	}
	s.mu.Unlock()
	if closing {
		s.answer(r.Reply(), nil, &failure{Code: codeStopped, Message: ErrClosed.Error()})
		return
	}
	go s.serve(o, r)
}

// serve does a call and answers.
func (s *Server) serve(o *object, r micro.Request) {
	defer s.calls.Done()
	reply := r.Reply()
	var result []byte
	fail := &failure{Code: codePanicked, Message: "the method ended its goroutine"}
	defer func() {
		if v := recover(); v != nil {
			fail = &failure{Code: codePanicked, Message: fmt.Sprintf("the method panicked: %v", v)}
		}
		s.answer(reply, result, fail)
	}()
	name := r.Subject()[strings.LastIndexByte(r.Subject(), '.')+1:]
	m := o.methods[name]
	if m == nil {
		signatures := []string{}
		for _, name := range slices.Sorted(maps.Keys(o.methods)) {
			signatures = append(signatures, o.methods[name].signature)
		}
		fail = &failure{Code: codeNoMethod, Message: fmt.Sprintf("%v; it has: %s", ErrNoMethod, list(signatures))}
		return
	}
	call, err := parse(r.Data())
	if err != nil {
		fail = &failure{Code: codeArguments, Message: err.Error()}
		return
	}
	if call.Key != "" {
		engine.Receives(call.Key)
		if !call.OneWay {
			defer engine.Sends(call.Key+"=", "result of "+o.name+"."+name)
		}
	}
	ctx, ended := engine.Works(s.ctx)
	defer ended()
	defer engine.Does(ctx, o.name+"."+name)()
	if call.Within > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(call.Within)*time.Microsecond)
		defer cancel()
		ctx = limited
	}
	if o.turn != nil {
		select {
		case o.turn <- struct{}{}:
			defer func() { <-o.turn }()
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			fail = failed(fmt.Errorf("not begun, as other calls of the object took so long: %w", ctx.Err()))
			return
		}
	}
	values, err := m.arguments(ctx, call.Args)
	if err != nil {
		fail = &failure{Code: codeArguments, Message: err.Error()}
		return
	}
	if call.OneWay {
		s.answer(reply, []byte("null"), nil)
		reply = ""
	}
	result, fail = m.invoke(values)
}

// answer sends what came of a call. Nobody may wait for it.
func (s *Server) answer(reply string, result []byte, fail *failure) {
	if reply == "" {
		return
	}
	m := &nats.Msg{Subject: reply, Data: result}
	if most := s.ns.conn.NC.MaxPayload(); fail == nil && int64(len(result)) > most {
		fail = &failure{Code: codeResult, Message: fmt.Sprintf("its result has %d bytes, and a message at most %d", len(result), most)}
	}
	if fail != nil {
		m.Header = nats.Header{micro.ErrorCodeHeader: {fail.Code}, micro.ErrorHeader: {fail.Code}}
		const room = 100 << 10 // for the text of an error
		if len(fail.Message) > room {
			fail.Message = strings.ToValidUTF8(fail.Message[:room], "") + "…"
		}
		m.Data, _ = json.Marshal(fail)
	}
	s.ns.conn.NC.PublishMsg(m) // an error means that the connection is closed, and the caller will notice that
}
