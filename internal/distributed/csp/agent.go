package csp

import (
	"context"
	"fmt"

	"cookbook/internal/distributed/engine"
)

// An agent stands at the home for an end in another process: it does there what the end asks for. The home's lock guards it.
type agent[T any] struct {
	h    *Home[T]
	in   *Reader[T] // one of the two
	out  *Writer[T]
	what string

	session uint64 // of the process that has opened the end; 0: none yet
	ticks   int    // of the lease that are left
	left    bool   // it has retired, poisoned, or is lost
	now     *operation
}

// An operation is a read or a write. Its result stays until the next one comes, in case that the answer was lost.
type operation struct {
	seq    uint64
	cancel context.CancelFunc
	done   chan struct{} // closed when there is a result
	result answer
}

// accept does what a request asks for, if that needs no waiting. Else it returns the operation to wait for.
func (a *agent[T]) accept(q *request) (*operation, answer) {
	if q.session == 0 || a.session != q.session && (a.session != 0 || q.op != opOpen) {
		return nil, refuse(fmt.Sprintf("the %s of channel %s is open in another process, or in none; take an end for each process", a.what, a.h.c.name))
	}
	a.session = q.session
	a.ticks = ticksOfLease
	done := answer{status: stDone}
	switch q.op {
	case opOpen, opBeat:
		return nil, done
	case opPoison:
		a.h.c.Poison()
		a.leave()
		return nil, done
	case opRetire:
		a.leave()
		return nil, done
	}
	if q.op == opRead && a.in == nil || q.op == opWrite && a.out == nil {
		return nil, refuse(fmt.Sprintf("this is a %s of channel %s", a.what, a.h.c.name))
	}
	return a.operate(q)
}

// operate finds the operation of a request, or begins it.
func (a *agent[T]) operate(q *request) (*operation, answer) {
	if o := a.now; o != nil && q.seq <= o.seq {
		if q.seq < o.seq {
			return nil, answer{status: stCancelled} // an old message
		}
		if q.op == opCancel {
			o.cancel()
		}
		return o, answer{}
	}
	if a.now != nil && !isClosed(a.now.done) {
		return nil, refuse(fmt.Sprintf("the %s of channel %s is still in use", a.what, a.h.c.name))
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &operation{seq: q.seq, cancel: cancel, done: make(chan struct{})}
	a.now = o
	if q.op == opCancel || q.op == opWait { // of what never came
		o.result = answer{status: stCancelled}
		close(o.done)
		return o, answer{}
	}
	a.h.all.Go(func() {
		defer cancel()
		defer close(o.done)
		if a.in != nil {
			o.result = a.read(ctx)
		} else {
			o.result = a.write(ctx, q.payload)
		}
	})
	return o, answer{}
}

// read reads a value. One that cannot be sent is lost, and the channel with it.
func (a *agent[T]) read(ctx context.Context) answer {
	i, err := a.in.read(ctx)
	if err != nil {
		return answerFor(err)
	}
	payload, err := encode(a.h.c.name, a.h.nc.MaxPayload(), &i)
	if err != nil {
		err = &detailed{ErrRefused, err.Error()}
		a.h.c.poison(err)
		return answerFor(err)
	}
	return answer{stDone, payload}
}

func (a *agent[T]) write(ctx context.Context, payload []byte) answer {
	i, err := parseItem[T](payload)
	if err != nil {
		return refuse(fmt.Sprintf("read a value for channel %s: %v", a.h.c.name, err))
	}
	if err := a.out.write(ctx, i); err != nil {
		return answerFor(err)
	}
	return answer{status: stDone}
}

// leave is the end of the agent's work. What it is doing ends.
func (a *agent[T]) leave() {
	a.left = true
	if a.in != nil {
		a.in.Retire()
	} else {
		a.out.Retire()
	}
}

// encode makes bytes of an item, no more than fit a message.
func encode[T any](channel string, most int64, i *item[T]) ([]byte, error) {
	b, err := i.append(nil)
	if err != nil {
		return nil, fmt.Errorf("send a value of channel %s: %w", channel, err)
	}
	if int64(len(b)) > most-requestHead {
		return nil, fmt.Errorf("send a value of channel %s: it has %d bytes, and %d fit: %w", channel, len(b), most-requestHead, engine.ErrTooLarge)
	}
	return b, nil
}
