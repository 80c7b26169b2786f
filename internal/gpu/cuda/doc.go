// Package cuda will hold the devices of cuda.
package cuda

import (
	"fmt"

	"cookbook/internal/gpu/driver"
)

// Backend finds the devices.
type Backend struct{}

// Name returns "cuda".
func (Backend) Name() string { return "cuda" }

// Devices returns none.
func (Backend) Devices() ([]driver.Info, *driver.Missing) {
	return nil, &driver.Missing{Backend: "cuda", Reason: "this program was built without it"}
}

// Open opens none.
func (Backend) Open(index int) (driver.Device, error) {
	return nil, fmt.Errorf("cuda:%d: %w", index, driver.ErrNoDevice)
}
