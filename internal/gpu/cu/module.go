//go:build cuda && cgo

package cu

import (
	"fmt"

	nv "gorgonia.org/cu"

	"cookbook/internal/gpu/driver"
)

// module is a built program.
type module struct {
	device  *device
	nv      nv.Module
	kernels map[string]*kernel
}

// kernel is a function of a module.
type kernel struct {
	info       driver.KernelInfo
	nv         nv.Function
	maxThreads int // of a block, that the driver allows
	shared     int // bytes that it takes itself
}

// Build compiles a program, which takes some 50 to 100 ms, and loads it.
func (d *device) Build(p driver.Program) (driver.Module, error) {
	image, err := d.shared.Compile(p)
	if err != nil {
		return nil, err
	}
	m := &module{device: d, kernels: map[string]*kernel{}}
	err = d.do("program "+p.Name, func() (err error) {
		m.nv, err = nv.LoadData(string(image))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, info := range p.Kernels {
		k := &kernel{info: info}
		if err := d.do("kernel "+info.Name, func() error { return k.find(m.nv) }); err != nil {
			m.Close()
			return nil, err
		}
		m.kernels[info.Name] = k
	}
	return m, nil
}

// find finds a kernel in a module.
func (k *kernel) find(m nv.Module) (err error) {
	if k.nv, err = m.Function("k_" + k.info.Name); err != nil {
		return err
	}
	if k.maxThreads, err = k.nv.Attribute(nv.FnMaxThreadsPerBlock); err != nil {
		return err
	}
	k.shared, err = k.nv.Attribute(nv.SharedSizeBytes)
	return err
}

// Kernel returns a kernel by its name.
func (m *module) Kernel(name string) (driver.Kernel, error) {
	if k := m.kernels[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("kernel %s: %w: the program has none of that name", name, driver.ErrArgument)
}

// Close unloads the program.
func (m *module) Close() error { return m.device.do("closing a program", m.nv.Unload) }

func (k *kernel) Info() driver.KernelInfo { return k.info }
