package opencl

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// What is asked of programs and kernels.
const (
	programLog        = 0x1183
	kernelNumArgs     = 0x1191
	kernelGroupSize   = 0x11B0
	kernelLocalMemory = 0x11B2
)

// module is a built program.
type module struct {
	device  *device
	handle  uintptr
	kernels map[string]*kernel
}

// kernel is a kernel of OpenCL. Its arguments are part of it, so one launch at a time sets them.
type kernel struct {
	info       driver.KernelInfo
	handle     uintptr
	maxThreads int // of a block; fewer than the device takes, where the kernel needs many registers
	shared     int // bytes that it takes itself

	mu            sync.Mutex
	value         uint64 // of the argument that is being set
	global, local [3]uintptr
}

// Build compiles a program and makes its kernels.
func (d *device) Build(p driver.Program) (driver.Module, error) {
	var rc code
	var pin runtime.Pinner
	defer pin.Unpin()
	source := unsafe.StringData(p.Source)
	pin.Pin(source)
	size := uintptr(len(p.Source))
	m := &module{device: d, kernels: map[string]*kernel{}}
	m.handle = d.handle(d.createProgram, d.context, 1, uintptr(unsafe.Pointer(&source)), uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&rc)))
	if rc != success {
		return nil, d.failure(rc, "program %s", p.Name)
	}
	options := "-cl-std=CL1.2"
	if d.candidate.exact {
		options += " -cl-fp32-correctly-rounded-divide-sqrt"
	}
	if d.info.Platform.Name == oclgrind {
		options += " -cl-opt-disable" // optimised, a rotation becomes an instruction that Oclgrind does not know
	}
	text := []byte(options + "\x00")
	rc = d.call(d.buildProgram, m.handle, 1, uintptr(unsafe.Pointer(&d.candidate.handle)), uintptr(unsafe.Pointer(&text[0])), 0, 0)
	if rc != success {
		log := strings.TrimRight(string(d.ask(d.getBuildInfo, m.handle, d.candidate.handle, programLog)), "\x00")
		m.Close()
		return nil, d.buildError(p, rc, log)
	}
	for _, info := range p.Kernels {
		k, err := m.kernel(info)
		if err != nil {
			m.Close()
			return nil, err
		}
		m.kernels[info.Name] = k
	}
	return m, nil
}

// kernel makes a kernel.
func (m *module) kernel(info driver.KernelInfo) (*kernel, error) {
	d := m.device
	name := []byte("k_" + info.Name + "\x00")
	var rc code
	k := &kernel{info: info}
	k.handle = d.handle(d.createKernel, m.handle, uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&rc)))
	if rc != success {
		return nil, d.failureAs(driver.ErrBuild, rc, "kernel %s", info.Name)
	}
	want := 0
	for _, p := range info.Params {
		want++
		if p.Slice {
			want++
		}
	}
	if info.Dynamic != nil {
		want += 2
	}
	if got := int(d.number(d.getKernelInfo, k.handle, kernelNumArgs)); got != want {
		d.call(d.releaseKernel, k.handle)
		return nil, fmt.Errorf("kernel %s on %s: %w: it was compiled with %d arguments, %d are described", info.Name, d.info.Name, driver.ErrBuild, got, want)
	}
	k.maxThreads = int(d.number(d.getGroupInfo, k.handle, d.candidate.handle, kernelGroupSize))
	k.shared = int(d.number(d.getGroupInfo, k.handle, d.candidate.handle, kernelLocalMemory))
	return k, nil
}

// Kernel returns a kernel by its name.
func (m *module) Kernel(name string) (driver.Kernel, error) {
	if k := m.kernels[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("kernel %s: %w: the program has none of that name", name, driver.ErrArgument)
}

// Close gives the program and its kernels back.
func (m *module) Close() error {
	for _, k := range m.kernels {
		m.device.call(m.device.releaseKernel, k.handle)
	}
	return m.device.failure(m.device.call(m.device.releaseProgram, m.handle), "closing a program")
}

func (k *kernel) Info() driver.KernelInfo { return k.info }

// set puts a scalar into value, as the kernel takes it, and returns its size.
func (k *kernel) set(scalar any) uintptr {
	v := reflect.ValueOf(scalar)
	switch v.Kind() {
	case reflect.Bool:
		k.value = 0
		if v.Bool() {
			k.value = 1
		}
		return 1
	case reflect.Float32:
		*(*float32)(unsafe.Pointer(&k.value)) = float32(v.Float())
	case reflect.Float64:
		*(*float64)(unsafe.Pointer(&k.value)) = v.Float()
	case reflect.Int8, reflect.Uint8, reflect.Int16, reflect.Uint16, reflect.Int32, reflect.Uint32, reflect.Int, reflect.Int64, reflect.Uint64:
		if v.CanInt() {
			k.value = uint64(v.Int()) // a device that is little-endian, as all are, takes the low bytes
		} else {
			k.value = v.Uint()
		}
	default:
		return 0
	}
	return v.Type().Size()
}

// buildError finds the first error in what the compiler said, and the line of our source that it means.
func (d *device) buildError(p driver.Program, rc code, log string) error {
	if rc != buildFailed && log == "" {
		return d.failure(rc, "program %s", p.Name)
	}
	e := &driver.BuildError{Device: d.info.Name, Message: rc.String(), Log: log}
	for line := range strings.Lines(log) {
		number, message, ok := complaint(line)
		if !ok {
			continue
		}
		e.Message = message
		if number >= 1 && number <= len(p.Lines) {
			e.Pos = p.Lines[number-1]
		}
		break
	}
	return e
}

// complaint reads a line of a compiler's log: "error: FILE:LINE:COLUMN: text", as PoCL writes it, or "FILE:LINE:COLUMN: error: text". Line
// is 0 if the error names none. Ok is false if the line is not an error.
func complaint(line string) (number int, message string, ok bool) {
	before, message, ok := strings.Cut(strings.TrimSpace(line), "error: ")
	if !ok {
		return 0, "", false
	}
	where := before
	if strings.Trim(before, " ") == "" {
		where = message
	}
	parts := strings.Split(where, ":")
	at := func(i int) int { // the number in a part, 0 if there is none
		if i >= len(parts) {
			return 0
		}
		n, err := strconv.Atoi(strings.TrimSpace(parts[i]))
		if err != nil {
			return 0
		}
		return n
	}
	for i := range parts {
		if at(i) == 0 || at(i+1) == 0 || at(i+2) != 0 { // a third number belongs to the name of the file
			continue
		}
		if where == message {
			message = strings.TrimSpace(strings.Join(parts[i+2:], ":"))
		}
		return at(i), message, true
	}
	return 0, message, true
}
