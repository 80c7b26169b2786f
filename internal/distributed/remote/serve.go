package remote

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"cookbook/internal/wire"
)

// serve reads until the connection ends, and returns when all has ended that it began.
func (p *peer) serve() {
	in := bufio.NewReaderSize(p.conn, 16<<10)
	var frame []byte
	for {
		var err error
		if frame, err = wire.ReadFrame(in, frame, MaxMessage); err == nil {
			err = p.receive(frame)
		} else if errors.Is(err, wire.ErrNonsense) {
			err = fmt.Errorf("%w: %w", ErrGone, ErrNonsense)
		} else {
			err = fmt.Errorf("%w: %w", ErrGone, err)
		}
		if err != nil {
			p.fail(err)
			break
		}
		frame = wire.Keep(frame)
	}
	p.wg.Wait()
}

// fail ends the connection. The first reason counts.
func (p *peer) fail(reason error) {
	p.end(reason)
	p.conn.Close()
	p.mu.Lock()
	pending := p.pending
	p.pending = nil
	p.mu.Unlock()
	for _, c := range pending {
		c.err = context.Cause(p.ctx)
		close(c.done)
	}
}

// receive does what a message says.
func (p *peer) receive(frame []byte) error {
	if len(frame) == 0 {
		return ErrNonsense
	}
	number, size := binary.Uvarint(frame[1:])
	if size <= 0 {
		return ErrNonsense
	}
	body := frame[1+size:]
	switch frame[0] {
	case request:
		p.begin(number, body)
	case reply:
		values, err := cutValues(body)
		if err != nil || len(values) != 1 {
			return ErrNonsense
		}
		p.answer(number, values[0], nil)
	case failure:
		if len(body) == 0 {
			return ErrNonsense
		}
		texts, err := wire.CutFields[string](body[1:])
		if err != nil || len(texts) != 3 {
			return ErrNonsense
		}
		p.answer(number, nil, &Error{code: body[0], Message: texts[0], Position: texts[1], Backtrace: texts[2]})
	case cancel:
		p.mu.Lock()
		stop := p.running[number]
		p.mu.Unlock()
		if stop != nil {
			stop(ErrCancelled)
		}
	case release:
		for len(body) > 0 {
			id, size := binary.Uvarint(body)
			if size <= 0 {
				return ErrNonsense
			}
			p.objects.drop(id)
			body = body[size:]
		}
	default:
		return ErrNonsense
	}
	return nil
}

// answer hands an answer to the call that waits for it.
func (p *peer) answer(number uint64, value any, err error) {
	p.mu.Lock()
	c := p.pending[number]
	delete(p.pending, number)
	if c == nil { // it does not wait any more: nobody will use what came
		p.dropped = appendMine(p.dropped, value)
	}
	p.mu.Unlock()
	if c != nil {
		c.value, c.err = value, err
		close(c.done)
	}
}

// appendMine appends the ids of the sender's objects in a value.
func appendMine(ids []uint64, v any) []uint64 {
	switch v := v.(type) {
	case mine:
		ids = append(ids, v.id)
	case Tuple:
		for _, item := range v {
			ids = appendMine(ids, item)
		}
	}
	return ids
}

// begin has a request of the other side done, in a goroutine of its own.
func (p *peer) begin(number uint64, body []byte) {
	var operands []any
	err := ErrNonsense
	if len(body) > 0 {
		operands, err = cutValues(body[1:])
	}
	ctx, stop := context.WithCancelCause(p.ctx)
	p.mu.Lock()
	switch {
	case err != nil || p.running[number] != nil:
		err = ErrNonsense
	case len(p.running) == maxRunning:
		err = fmt.Errorf("%d requests at once, or inside each other: %w", maxRunning, ErrTooMany)
	default:
		p.running[number] = stop
	}
	p.mu.Unlock()
	op := byte(0)
	if err == nil {
		op = body[0]
	}
	work := func() {
		defer stop(nil)
		var result any
		if err == nil {
			result, err = p.run(ctx, op, operands)
			p.mu.Lock()
			delete(p.running, number)
			p.mu.Unlock()
		}
		p.respond(number, result, err)
	}
	if err != nil { // said at once: a goroutine for each such request would not be bounded
		work()
		return
	}
	p.wg.Go(work)
}

// run calls the handler. A panic there is an error of the request.
func (p *peer) run(ctx context.Context, op byte, operands []any) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return p.handle(ctx, op, operands)
}

// respond sends an answer. If it cannot be sent, that is the answer.
func (p *peer) respond(number uint64, v any, err error) {
	if p.ctx.Err() != nil {
		return // the end of the connection is what the other side shall hear
	}
	if err == nil {
		if err = p.send(p.ctx, reply, number, v); err == nil || p.ctx.Err() != nil {
			return
		}
		p.objects.drop(appendMine(nil, v)...)
	}
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Message: err.Error(), code: codeOf(err)}
	}
	p.post(p.ctx, failure, number, func(to []byte) ([]byte, error) {
		return wire.AppendFields(append(to, e.code), cut(e.Message), cut(e.Position), cut(e.Backtrace)), nil
	})
}

// cut shortens a text that would not fit an answer.
func cut(text string) string {
	const most = 64 << 10
	if len(text) > most {
		return text[:most] + " …"
	}
	return text
}
