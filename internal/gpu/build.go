package gpu

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// Program is kernels that were built together for one device.
type Program struct {
	device  *Device
	source  string
	kernels map[string]*Kernel
}

// Kernel is a kernel ready to be launched. It lives as long as its device.
type Kernel struct {
	device *Device
	driver driver.Kernel
	info   driver.KernelInfo
	equal  bool      // all slices have the same length
	checks *jit.Unit // of a kernel that reports what it does wrong; else nil
}

// Build makes kernels of Go functions: func(b *gpu.Block, …) whose other parameters are numbers, bools and slices of numbers. Files
// holds their source, one file for all of them, as the recipe embeds it. On the cpu device the functions run as they are; for the
// others they are translated (package jit says which Go can be) and compiled there.
//
// An index out of range is an error of the launch on the cpu device. On others nobody notices it, and it may end the program: try a
// new kernel on the cpu first.
//
// It takes from microseconds (cpu) to seconds (the first build of a program on a device; drivers keep what they built). The error is
// a [BuildError], an [ErrBuild].
func (d *Device) Build(files fs.FS, kernels ...any) (*Program, error) {
	return d.buildOf(false, files, kernels)
}

// BuildChecked is [Device.Build] with checks on the device: of each index, each slicing, and each division of integers, as Go has them
// on the cpu device anyway. A load from outside gives 0, a store there does nothing, a slice is empty. The first violation of a launch is
// its error, an [ErrLost] that names the place in the source, as if the device had failed: the event's Wait, Sync and a later
// Download return it. On other devices than the cpu, such a kernel is several times slower, and to wait for its event is to wait for what
// was queued behind it as well: use it to find faults.
func (d *Device) BuildChecked(files fs.FS, kernels ...any) (*Program, error) {
	return d.buildOf(d.info.Language != driver.Go, files, kernels)
}

func (d *Device) buildOf(checked bool, files fs.FS, kernels []any) (*Program, error) {
	unit, err := read(files, kernels)
	if err != nil {
		return nil, err
	}
	if checked {
		unit = unit.Checked()
	}
	program := driver.Program{Name: unit.Name(), Kernels: unit.Kernels()}
	for i, k := range kernels {
		program.Kernels[i].Run = runner(reflect.ValueOf(k))
	}
	if d.info.Language != driver.Go {
		if program.Source, program.Lines, err = unit.Source(d.info.Language); err != nil {
			return nil, err
		}
	}
	built, err := d.build(program)
	if err != nil {
		return nil, err
	}
	p := &Program{device: d, source: program.Source, kernels: map[string]*Kernel{}}
	for _, k := range built {
		if checked {
			k.checks, k.info.Params = unit, k.info.Params[:len(k.info.Params)-1]
		}
		p.kernels[k.info.Name] = k
	}
	return p, nil
}

// Kernel is [Device.Build] for one kernel.
func (d *Device) Kernel(files fs.FS, kernel any) (*Kernel, error) {
	p, err := d.Build(files, kernel)
	if err != nil {
		return nil, err
	}
	return p.Kernel(kernelName(kernel))
}

// build builds a program on the device, and returns its kernels in their order.
func (d *Device) build(program driver.Program) ([]*Kernel, error) {
	for _, k := range program.Kernels {
		if k.Float64 && !d.info.Float64 {
			return nil, fmt.Errorf("kernel %s: %w: %s has no float64", k.Name, ErrUnsupported, d.info.Name)
		}
		if k.Shared > d.info.SharedMemory {
			return nil, fmt.Errorf("kernel %s on %s: %w: its arrays take %d bytes of shared memory: the device has %d for a block",
				k.Name, d.info.Name, ErrShape, k.Shared, d.info.SharedMemory)
		}
	}
	done, err := d.life.use()
	if err != nil {
		return nil, err
	}
	defer done()
	module, err := d.driver.Build(program)
	if err != nil {
		return nil, err
	}
	kernels := make([]*Kernel, len(program.Kernels))
	for i, info := range program.Kernels {
		k, err := module.Kernel(info.Name)
		if err != nil {
			module.Close()
			return nil, err
		}
		kernels[i] = &Kernel{device: d, driver: k, info: info}
	}
	d.mu.Lock()
	d.modules = append(d.modules, module)
	d.mu.Unlock()
	return kernels, nil
}

// Source returns the program as it was given to the device's compiler; "" on the cpu device.
func (p *Program) Source() string { return p.source }

// Kernel returns a kernel by the name of its function.
func (p *Program) Kernel(name string) (*Kernel, error) {
	if k := p.kernels[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("kernel %q: %w: the program has none of that name", name, ErrArgument)
}

// Translate returns kernels as they would be given to the compiler of a language, without a device. See [Device.Build].
func Translate(language Language, files fs.FS, kernels ...any) (string, error) {
	unit, err := read(files, kernels)
	if err != nil {
		return "", err
	}
	source, _, err := unit.Source(language)
	return source, err
}

// read reads the source of kernels, which stand in one file.
func read(files fs.FS, kernels []any) (*jit.Unit, error) {
	names := make([]string, len(kernels))
	file := ""
	for i, k := range kernels {
		f := reflect.ValueOf(k)
		if f.Kind() != reflect.Func || f.IsNil() {
			return nil, fmt.Errorf("kernel %d of type %T: %w: a kernel is a function", i+1, k, ErrArgument)
		}
		where, _ := runtime.FuncForPC(f.Pointer()).FileLine(f.Pointer())
		if file != "" && file != path.Base(where) {
			return nil, fmt.Errorf("kernels of %s and %s: %w: the kernels of a program stand in one file", file, path.Base(where), ErrArgument)
		}
		names[i], file = kernelName(k), path.Base(where)
	}
	switch {
	case file == "":
		return nil, fmt.Errorf("a program without kernels: %w", ErrArgument)
	case files == nil:
		return nil, fmt.Errorf("no files with the source of kernel %s: %w", names[0], ErrArgument)
	}
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, fmt.Errorf("the source of kernel %s: %w: %w; embed that file: //go:embed %s", names[0], ErrArgument, err, file)
	}
	return jit.Read(file, text, names)
}

// kernelName returns a function's name without its package.
func kernelName(kernel any) string {
	name, _, _ := strings.Cut(runtime.FuncForPC(reflect.ValueOf(kernel).Pointer()).Name(), "[") // of one with type parameters
	return name[strings.LastIndex(name, ".")+1:]
}

// runner returns how the cpu device calls a kernel.
func runner(f reflect.Value) func(b *Block, args []reflect.Value) {
	var lists sync.Pool // of arguments, so that none has to be made for each block
	return func(b *Block, args []reflect.Value) {
		list, ok := lists.Get().(*[]reflect.Value)
		if !ok {
			list = new([]reflect.Value)
		}
		*list = append(append((*list)[:0], reflect.ValueOf(b)), args...)
		f.Call(*list)
		clear(*list)
		lists.Put(list)
	}
}
