package gpu

import (
	"errors"
	"sync/atomic"
	"testing"

	"cookbook/internal/gpu/cpu"
	"cookbook/internal/gpu/driver"
)

// small is a device, not in Go, with memory for a few buffers.
type small struct {
	driver.Device
	used atomic.Int64
}

func (d *small) Info() driver.Info {
	info := d.Device.Info()
	info.Language = driver.OpenCLC
	return info
}

func (d *small) Alloc(bytes int) (driver.Buffer, error) {
	if d.used.Add(1) > 8 {
		d.used.Add(-1)
		return nil, driver.ErrMemory
	}
	b, err := d.Device.Alloc(bytes)
	return smallBuffer{b, d}, err
}

type smallBuffer struct {
	driver.Buffer
	device *small
}

func (b smallBuffer) Free() error {
	b.device.used.Add(-1)
	return b.Buffer.Free()
}

func TestArraysThatNobodyUsesMakeRoom(t *testing.T) {
	d, err := cpu.Backend{}.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	device, err := newDevice(&small{Device: d})
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for i := range 100 {
		if _, err := NewArray[float32](device, 1000); err != nil {
			t.Fatalf("array %d: %v", i, err)
		}
	}
	var kept []*Array[float32]
	for len(kept) < 20 {
		a, err := NewArray[float32](device, 1000)
		if err != nil {
			break
		}
		kept = append(kept, a)
	}
	if _, err := NewArray[float32](device, 1000); len(kept) != 8 || !errors.Is(err, ErrMemory) {
		t.Errorf("with %d arrays in use: %v, want ErrMemory after 8", len(kept), err)
	}
	for _, a := range kept {
		a.Free()
	}
}
