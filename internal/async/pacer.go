package async

import (
	"context"
	"time"
)

// A pacer sleeps for a paced loop. It goes on sleeping while mail is read: only an earlier timer ends it.
type pacer struct {
	until  time.Duration
	cancel context.CancelFunc
	slept  chan struct{}
	err    error
}

func (l *Loop) idlePaced(ctx context.Context, until time.Duration) {
	if l.pacer != nil && until < l.pacer.until {
		l.pacer.end()
		l.pacer = nil
	}
	if l.pacer == nil {
		ctx, cancel := context.WithCancel(ctx)
		p := &pacer{until: until, cancel: cancel, slept: make(chan struct{})}
		d := until - l.now
		go func() {
			defer close(p.slept)
			p.err = l.pace(ctx, d)
		}()
		l.pacer = p
	}
	select {
	case <-l.wakeMail:
	case <-l.pacer.slept:
		if err := l.pacer.err; err != nil {
			l.stopping, l.why = true, err
			if ctx.Err() != nil {
				l.why = context.Cause(ctx)
			}
		} else {
			l.now = l.pacer.until
		}
		l.pacer.end()
		l.pacer = nil
	}
}

// end wakes the pacer, if there is one, and waits for it.
func (p *pacer) end() {
	if p != nil {
		p.cancel()
		<-p.slept
	}
}
