package async

import (
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/turn"
)

// jump is a taker whose time-outs are due at once.
type jump struct{ asked chan time.Duration }

func (jump) Begin(string) {}

func (j jump) Timeout(d time.Duration) (<-chan time.Time, func()) {
	j.asked <- d
	due := make(chan time.Time, 1)
	due <- time.Time{}
	return due, func() {}
}

func TestATakerDecidesWhenTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, begun := jump{make(chan time.Duration, 9)}, time.Now()
		ctx := turn.NewContext(t.Context(), j)
		_, err := Run(ctx, nothing(func(main *Task) error {
			ok(t, main.Sleep(time.Hour))
			equal(t, "the loop's clock", main.Loop().Time(), time.Hour)
			_, err := NewFuture[int]().ResultTimeout(main, time.Minute)
			fails(t, err, ErrTimeout, "after 1m0s")
			equal(t, "the loop's clock", main.Loop().Time(), time.Hour+time.Minute)
			return nil
		}))
		ok(t, err)
		_, err = NewFuture[int]().ResultTimeout(ctx, time.Second)
		fails(t, err, ErrTimeout, "after 1s")
		equal(t, "the first time-out", <-j.asked, time.Hour)
		equal(t, "the second", <-j.asked, time.Minute)
		equal(t, "the third", <-j.asked, time.Second)
		equal(t, "time that has passed", time.Since(begun), 0)
	})
}
