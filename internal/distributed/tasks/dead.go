package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The headers that a dead letter has beside those of the call.
const (
	headerReason = "Dead-Reason"
	headerWorker = "Dead-Worker"
)

// bury keeps a call that has failed for good as a dead letter. Its headers are those of this package and no others: the engine
// would take some for orders.
func (w *worker) bury(ctx context.Context, j *job, cause error) error {
	m := &nats.Msg{Subject: w.app.conn.Subject("dead", j.request.ID), Header: j.request.header(), Data: j.m.Data()}
	if headerSize(m) > maxHeader-slack {
		for name := range j.request.More {
			m.Header.Del(name)
		}
	}
	m.Header.Set(headerReason, oneLine(cause.Error()))
	m.Header.Set(headerWorker, w.name)
	m.Header.Set(jetstream.MsgIDHeader, j.request.ID)
	if len(m.Data)+headerSize(m) > int(w.app.conn.NC.MaxPayload()) { // by what was added
		m.Data = nil
		m.Header.Set(headerReason, oneLine("without its argument, which does not fit beside this: "+cause.Error()))
	}
	_, err := w.app.conn.Publish(ctx, m)
	return err
}

// A DeadLetter is a call that has failed for good.
type DeadLetter struct {
	Request *Request
	Reason  string
	Worker  string
	At      time.Time
}

// DeadLetters returns the calls that have failed for good, the oldest first, at most n. The engine keeps them for a week.
func (a *App) DeadLetters(ctx context.Context, n int) (letters []DeadLetter, err error) {
	var info *jetstream.StreamInfo
	err = a.conn.Again(ctx, func(ctx context.Context) (err error) {
		info, err = a.dead.Info(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for dead letters: %w", err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && len(letters) < n; seq++ {
		var m *jetstream.RawStreamMsg
		err := a.conn.Again(ctx, func(ctx context.Context) (err error) {
			m, err = a.dead.GetMsg(ctx, seq)
			return err
		})
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read a dead letter: %w", err)
		}
		r, _ := readRequest(m.Header, m.Data)
		letters = append(letters, DeadLetter{r, m.Header.Get(headerReason), m.Header.Get(headerWorker), m.Time})
	}
	return letters, nil
}

// oneLine is text as the value of a header can be.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, cut(s, 512))
}
