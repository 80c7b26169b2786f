package cuda

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// What kernels are asked: CUfunction_attribute.
const (
	functionMaxThreads = 0
	functionShared     = 1
)

// module is a built program.
type module struct {
	device  *device
	handle  uintptr
	kernels map[string]*kernel
}

// kernel is a function of a module.
type kernel struct {
	info       driver.KernelInfo
	handle     uintptr
	maxThreads int // of a block; fewer than the device takes, where the kernel needs many registers
	shared     int // bytes that it takes itself
}

// Build compiles a program with NVRTC, which takes some 50 to 100 ms, and loads it.
func (d *device) Build(p driver.Program) (driver.Module, error) {
	m, err := d.build(p)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (d *device) build(p driver.Program) (*module, error) {
	image, log, failed := d.compiler.run(p.Name, p.Source, d.arch)
	if failed != "" {
		return nil, d.buildError(p, log, failed)
	}
	m := &module{device: d, kernels: map[string]*kernel{}}
	if rc := d.do(d.loadModule, uintptr(unsafe.Pointer(&m.handle)), uintptr(unsafe.Pointer(&image[0]))); rc != success {
		return nil, d.failure(rc, "program %s, compiled by NVRTC %v for %s,", p.Name, d.compiler.version, d.arch)
	}
	for _, info := range p.Kernels {
		k, rc := m.kernel(info)
		if rc != success {
			m.Close()
			return nil, d.failure(rc, "kernel %s", info.Name)
		}
		m.kernels[info.Name] = k
	}
	return m, nil
}

// kernel finds a kernel.
func (m *module) kernel(info driver.KernelInfo) (*kernel, code) {
	d, k := m.device, &kernel{info: info}
	name := cText("k_" + info.Name)
	rc := d.do(d.getFunction, uintptr(unsafe.Pointer(&k.handle)), m.handle, uintptr(unsafe.Pointer(&name[0])))
	for _, ask := range []struct {
		what uintptr
		to   *int
	}{{functionMaxThreads, &k.maxThreads}, {functionShared, &k.shared}} {
		var n int32
		if rc == success {
			rc = d.do(d.functionAttribute, uintptr(unsafe.Pointer(&n)), ask.what, k.handle)
		}
		*ask.to = int(n)
	}
	return k, rc
}

// Kernel returns a kernel by its name.
func (m *module) Kernel(name string) (driver.Kernel, error) {
	if k := m.kernels[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("kernel %s: %w: the program has none of that name", name, driver.ErrArgument)
}

// Close unloads the program.
func (m *module) Close() error {
	return m.device.failure(m.device.do(m.device.unloadModule, m.handle), "closing a program")
}

func (k *kernel) Info() driver.KernelInfo { return k.info }

// buildError finds the first error in what the compiler said, and the line of our source that it means.
func (d *device) buildError(p driver.Program, log, failed string) error {
	first := firstError(log, failed)
	e := &driver.BuildError{Device: d.info.Name, Message: first.message, Log: log}
	if first.line >= 1 && first.line <= len(p.Lines) {
		e.Pos = p.Lines[first.line-1]
	}
	return e
}

// complaint is an error of the compiler; the line is 0 if it names none.
type complaint struct {
	line    int
	message string
}

// firstError reads NVRTC's log, where an error is a line such as "NAME(12): error: text", "nvrtc: error: text" or "ptxas error : text".
// Without one the message is otherwise.
func firstError(log, otherwise string) complaint {
	for line := range strings.Lines(log) {
		c, rest := complaint{}, strings.TrimSpace(line)
		for range 2 {
			part, after, ok := strings.Cut(rest, ": ")
			if !ok {
				break
			}
			if strings.Contains(part, "error") || strings.Contains(part, "fatal") {
				c.message = after
				return c
			}
			if _, number, ok := strings.Cut(part, "("); ok {
				c.line, _ = strconv.Atoi(strings.TrimSuffix(number, ")"))
			}
			rest = after
		}
	}
	return complaint{message: otherwise}
}
