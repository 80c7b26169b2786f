// Package turn lets whoever schedules a run decide when a goroutine begins and when a time-out ends a wait.
//
// A library that starts goroutines or waits for a time asks the context's [Taker]. Without one, which is the ordinary case, it
// goes on at once and takes its time from the clock. The explorer of orders is a Taker; see package explore.
package turn

import (
	"context"
	"time"
)

// A Taker decides. Its methods may be called from any goroutine.
type Taker interface {
	// Begin is called by a goroutine of that name before it does anything. It may block for as long as it likes.
	Begin(name string)

	// Timeout stands for [time.NewTimer]: the channel gets a value when the time-out is due. stop says that nobody waits for it
	// any longer.
	Timeout(d time.Duration) (due <-chan time.Time, stop func())
}

// A Chooser is a Taker that decides as well what a library leaves open, such as which of several messages a receive is given.
type Chooser interface {
	Taker

	// Choose is called by a goroutine that may go on in several ways, and returns the number of one. what and the options are for people.
	// When ctx ends, nobody waits for the choice any longer.
	Choose(ctx context.Context, what string, options []string) int

	// Yield is called by a goroutine that was woken, before it looks whether it may go on, or that is about to do something that another
	// process would feel: others may go first. It may block for as long as it likes.
	Yield()
}

type key struct{}

// NewContext puts a taker into a context made from ctx.
func NewContext(ctx context.Context, t Taker) context.Context {
	return context.WithValue(ctx, key{}, t)
}

// FromContext returns the taker of ctx, nil if there is none. It is for a goroutine that begins often, so that it looks only once.
func FromContext(ctx context.Context) Taker {
	t, _ := ctx.Value(key{}).(Taker)
	return t
}

// Begin is called by a goroutine before it does anything. It blocks until the taker of ctx, if there is one, lets it begin.
func Begin(ctx context.Context, name string) {
	if t := FromContext(ctx); t != nil {
		t.Begin(name)
	}
}

// Yield lets others go first, if the chooser of ctx, if there is one, wants that.
func Yield(ctx context.Context) {
	if c := ChooserOf(ctx); c != nil {
		c.Yield()
	}
}

// ChooserOf returns the chooser of ctx, nil if there is none.
func ChooserOf(ctx context.Context) Chooser {
	c, _ := ctx.Value(key{}).(Chooser)
	return c
}

// Timeout returns a channel that gets a value after d, by the taker of ctx or else by the clock, and a function that says that
// nobody waits for it any longer.
func Timeout(ctx context.Context, d time.Duration) (due <-chan time.Time, stop func()) {
	if t := FromContext(ctx); t != nil {
		return t.Timeout(d)
	}
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}
