//go:build !cuda || !cgo

package gpu

import (
	"cookbook/internal/gpu/cuda"
	"cookbook/internal/gpu/driver"
)

// cudaBackend calls NVIDIA's driver if there is one.
func cudaBackend() driver.Backend { return cuda.Backend{} }
