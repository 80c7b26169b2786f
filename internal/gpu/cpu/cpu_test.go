package cpu

import (
	"errors"
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
