//go:build cuda && cgo

package gpu

import (
	"cookbook/internal/gpu/cu"
	"cookbook/internal/gpu/driver"
)

// cudaBackend is linked with NVIDIA's driver, through gorgonia.org/cu.
func cudaBackend() driver.Backend { return cu.Backend{} }
