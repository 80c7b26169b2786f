package cpu

import (
	"errors"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu/driver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBuffersHaveNoMoreThanTheMemory(t *testing.T) {
	d := &device{info: driver.Info{Name: "small", Memory: 1000}}
	b, err := d.Alloc(600)
	if err != nil {
		t.Fatal(err)
	}
	const words = "a buffer of 401 bytes: out of device memory: 600 of the 1000 bytes of small are in use"
	if _, err := d.Alloc(401); !errors.Is(err, driver.ErrMemory) || err.Error() != words {
		t.Errorf("%v, want %s", err, words)
	}
	if _, err := d.Alloc(400); err != nil {
		t.Error(err)
	}
	if err := b.Free(); err != nil {
		t.Error(err)
	}
	if _, err := d.Alloc(600); err != nil {
		t.Error(err)
	}
}

func TestSyncWaitsForWhatOthersQueueToo(t *testing.T) {
	q := newQueue()
	defer q.Close()
	var all sync.WaitGroup
	defer all.Wait()
	for range 8 {
		all.Go(func() {
			for range 1000 {
				e := q.add(func() error { return nil })
				if err := q.Sync(); err != nil {
					t.Error(err)
				}
				select {
				case <-e.ended:
				default:
					t.Error("Sync returned before a command that had been queued")
					return
				}
			}
		})
	}
}
