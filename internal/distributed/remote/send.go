package remote

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/wire"
)

func (p *peer) sendRequest(ctx context.Context, number uint64, op byte, operands []any) error {
	return p.post(ctx, request, number, func(to []byte) ([]byte, error) { return appendAll(append(to, op), operands) })
}

// send sends a message that is values.
func (p *peer) send(ctx context.Context, what byte, number uint64, values ...any) error {
	return p.post(ctx, what, number, func(to []byte) ([]byte, error) { return appendAll(to, values) })
}

func appendAll(to []byte, values []any) ([]byte, error) {
	for _, v := range values {
		var err error
		if to, err = appendValue(to, v, 0); err != nil {
			return to, err
		}
	}
	return to, nil
}

// post sends a message, and with it what there is to release. It waits while others send and while the other side does not read,
// until ctx ends. One that was sent in part ends the connection.
func (p *peer) post(ctx context.Context, what byte, number uint64, body func([]byte) ([]byte, error)) error {
	var frame []byte
	select {
	case frame = <-p.write:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
	defer func() { p.write <- wire.Keep(frame) }()
	if frame = p.appendDropped(frame); len(frame) > 0 { // before, so that what was released is not there for this message
		if err := p.put(ctx, frame); err != nil {
			return err
		}
	}
	frame, err := body(binary.AppendUvarint(append(wire.NewFrame(frame), what), number))
	if err == nil && len(frame)-wire.HeaderSize > MaxMessage {
		err = ErrTooLarge
	}
	if err != nil {
		return err
	}
	return p.put(ctx, frame)
}

// put writes a frame.
func (p *peer) put(ctx context.Context, frame []byte) error {
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		p.conn.SetWriteDeadline(time.Unix(1, 0))
		close(over)
	})
	err := wire.WriteFrame(p.conn, frame, MaxMessage)
	if !stop() {
		<-over
		p.conn.SetWriteDeadline(time.Time{}) // it would meet the next frame
	}
	switch {
	case err == nil:
		return nil
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	}
	p.fail(fmt.Errorf("%w: %w", ErrGone, err))
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrGone) {
		return context.Cause(ctx)
	}
	return context.Cause(p.ctx)
}

// appendDropped makes a frame of what is to be released; it is empty if there is nothing.
func (p *peer) appendDropped(frame []byte) []byte {
	const most = 1000 // in one frame
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.dropped) == 0 {
		return frame[:0]
	}
	n := max(0, len(p.dropped)-most)
	frame = append(wire.NewFrame(frame), release, 0)
	for _, id := range p.dropped[n:] {
		frame = binary.AppendUvarint(frame, id)
	}
	p.dropped = p.dropped[:n]
	if n == 0 {
		p.dropped = nil
	}
	return frame
}

// drop notes that an object of the other side is not needed any more. The next message takes the note along.
func (p *peer) drop(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending != nil {
		p.dropped = append(p.dropped, id)
	}
}
