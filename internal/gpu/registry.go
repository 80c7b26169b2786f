package gpu

import (
	"context"
	"fmt"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu/cpu"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/opencl"
)

// backends are those that there are, in the order in which auto asks them.
func backends() []driver.Backend {
	return []driver.Backend{cudaBackend(), opencl.Backend{}, cpu.Backend{}}
}

// Devices returns what this machine has, the cpu first, and why the other back ends have nothing here. It loads their libraries and
// asks them, which may take a second.
func Devices() (found []Info, missing []Missing) {
	all := backends()
	for i := range all {
		devices, why := all[len(all)-1-i].Devices()
		found = append(found, devices...)
		if why != nil {
			missing = append(missing, *why)
		}
	}
	return found, missing
}

// DevicesOf returns the devices of one back end (cpu, opencl, cuda), or why it has none.
func DevicesOf(backend string) ([]Info, *Missing) {
	for _, b := range backends() {
		if b.Name() == backend {
			return b.Devices()
		}
	}
	return nil, &Missing{Backend: backend, Reason: "there is no back end of that name"}
}

// ExtrasOf returns the libraries that the devices of a back end use for some calls, and which of them are here.
func ExtrasOf(backend string) []driver.Extra {
	for _, b := range backends() {
		if e, ok := b.(driver.Extras); ok && b.Name() == backend {
			return e.Extras()
		}
	}
	return nil
}

// deviceKey is what WithDevice keeps its name under.
type deviceKey struct{}

// WithDevice makes [Open] open the named device: what --device takes.
func WithDevice(ctx context.Context, spec string) context.Context {
	return context.WithValue(ctx, deviceKey{}, spec)
}

// Named is [WithDevice] for a name that a person has typed. The error is a *[catalog.ValueError]; whether there is such a device,
// [Open] says.
func Named(ctx context.Context, spec string) (context.Context, error) {
	if _, _, err := driver.ParseSpec(spec); err != nil {
		return nil, &catalog.ValueError{Want: "auto, cpu, opencl, opencl:N, cuda or cuda:N"}
	}
	return WithDevice(ctx, spec), nil
}

// Open opens the device that [WithDevice] named, or the cpu.
func Open(ctx context.Context) (*Device, error) {
	spec, _ := ctx.Value(deviceKey{}).(string)
	if spec == "" {
		spec = "cpu"
	}
	return OpenDevice(spec)
}

// OpenDevice opens a device by its name: cpu, opencl, opencl:N, cuda, cuda:N, or auto. Auto is the first device that
// works of CUDA's, of those of OpenCL that call themselves GPUs, and of the cpu; a device that fails its self-test is passed over.
// Without a number it is the first of its kind that works. The caller closes it.
func OpenDevice(spec string) (*Device, error) { return openOf(backends(), spec) }

// chosen reports whether auto may take a device: of OpenCL's only GPUs, and not the simulator Oclgrind, which calls itself one.
func chosen(d Info) bool {
	return d.Backend != "opencl" || d.Kind == driver.GPU && d.Platform.Name != "Oclgrind"
}

// openOf opens a device of one of the back ends.
func openOf(backends []driver.Backend, spec string) (*Device, error) {
	name, index, err := driver.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	for _, b := range backends {
		if name != b.Name() && name != "auto" {
			continue
		}
		if index >= 0 {
			return open(b, index)
		}
		devices, missing := b.Devices()
		var failed error
		for _, d := range devices {
			if name == "auto" && !chosen(d) {
				continue
			}
			device, err := open(b, d.Index)
			if err == nil {
				return device, nil
			}
			failed = err
		}
		switch {
		case name == "auto":
		case failed != nil:
			return nil, failed
		default:
			return nil, NoDevice(missing, spec)
		}
	}
	return nil, fmt.Errorf("device %q: %w", spec, ErrNoDevice)
}

// NoDevice is the error for a back end without a device.
func NoDevice(missing *Missing, spec string) error {
	switch {
	case missing == nil:
		return fmt.Errorf("device %q: %w", spec, ErrNoDevice)
	case missing.Advice == "":
		return fmt.Errorf("device %q: %w: %s", spec, ErrNoDevice, missing.Reason)
	}
	return fmt.Errorf("device %q: %w: %s; %s", spec, ErrNoDevice, missing.Reason, missing.Advice)
}

// open opens a device of a back end.
func open(b driver.Backend, index int) (*Device, error) {
	d, err := b.Open(index)
	if err != nil {
		return nil, err
	}
	device, err := newDevice(d)
	if err != nil {
		d.Close()
		return nil, err
	}
	return device, nil
}
