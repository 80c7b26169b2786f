package opencl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"cookbook/internal/gpu/driver"
)

// TestDeviceServesManyGoroutines launches one kernel from many goroutines, on queues of their own and on one that all share, while
// others allocate and build.
func TestDeviceServesManyGoroutines(t *testing.T) {
	onDevices(t, func(t *testing.T, shared *queue) {
		d := shared.device
		kernel := build(t, d)
		const goroutines, rounds, n = 8, 10, 64
		var all sync.WaitGroup
		defer all.Wait()
		for g := range goroutines {
			all.Go(func() {
				if err := serve(d, shared, kernel("saxpy"), g, rounds, n); err != nil {
					t.Errorf("goroutine %d: %v", g, err)
				}
			})
		}
	})
}

// serve launches saxpy rounds times and looks at the result.
func serve(d *device, q *queue, k driver.Kernel, g, rounds, n int) (err error) {
	if g%2 == 0 {
		own, err := d.NewQueue()
		if err != nil {
			return err
		}
		defer own.Close()
		q = own.(*queue)
	}
	if g%4 == 1 {
		m, err := d.Build(driver.Program{Name: "test", Source: testProgram, Kernels: testKernels()})
		if err != nil {
			return err
		}
		defer m.Close()
		if k, err = m.Kernel("saxpy"); err != nil {
			return err
		}
	}
	do := func(e driver.Event, failed error) {
		if err = errors.Join(err, failed); failed == nil {
			err = errors.Join(err, e.Wait())
			e.Free()
		}
	}
	x, errX := d.Alloc(4 * n)
	y, errY := d.Alloc(4 * n)
	if err := errors.Join(errX, errY); err != nil {
		return err
	}
	defer x.Free()
	defer y.Free()
	one := make([]byte, 4*n)
	for i := range n {
		copy(one[4*i:], []byte{0, 0, 0x80, 0x3f}) // 1
	}
	do(q.Write(x, 0, one))
	for range rounds {
		do(q.Launch(context.Background(), k, line(n/16, 16), []driver.Arg{{Scalar: float32(g)}, {Buffer: x, Len: n}, {Buffer: y, Len: n}}))
	}
	got := make([]byte, 4*n)
	do(q.Read(y, 0, got))
	want := math.Float32bits(float32(g * rounds))
	for i := range n {
		if v := uint32(got[4*i]) | uint32(got[4*i+1])<<8 | uint32(got[4*i+2])<<16 | uint32(got[4*i+3])<<24; v != want && err == nil {
			err = fmt.Errorf("element %d is %v, want %d", i, math.Float32frombits(v), g*rounds)
		}
	}
	return err
}
