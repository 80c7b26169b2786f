package opencl

import (
	"sync"
	"testing"

	"cookbook/internal/gpu/driver/drivertest"
)

// TestDeviceServesManyGoroutines launches one kernel from many goroutines, on queues of their own and on one that all share, while
// others allocate and build.
func TestDeviceServesManyGoroutines(t *testing.T) {
	onDevices(t, func(t *testing.T, shared *queue) {
		d := shared.device
		kernel := build(t, d)
		var all sync.WaitGroup
		defer all.Wait()
		for g := range 8 {
			all.Go(func() {
				if err := drivertest.Serve(d, shared, program(), kernel("saxpy"), g, 10); err != nil {
					t.Errorf("goroutine %d: %v", g, err)
				}
			})
		}
	})
}
