// Package opencl will hold the devices of opencl.
package opencl

import (
	"fmt"

	"cookbook/internal/gpu/driver"
)

// Backend finds the devices.
type Backend struct{}

// Name returns "opencl".
func (Backend) Name() string { return "opencl" }

// Devices returns none.
func (Backend) Devices() ([]driver.Info, *driver.Missing) {
	return nil, &driver.Missing{Backend: "opencl", Reason: "this program was built without it"}
}

// Open opens none.
func (Backend) Open(index int) (driver.Device, error) {
	return nil, fmt.Errorf("opencl:%d: %w", index, driver.ErrNoDevice)
}
