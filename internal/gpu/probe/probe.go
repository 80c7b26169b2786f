// Package probe asks the drivers of this machine for their devices in another process. A broken driver may end the process that loads
// it, or may never answer: what becomes of that process is then the answer, in words.
//
// Where no other process can be started, as in a page, the drivers are asked in this one.
package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/process/worker"
)

// How long a driver may take to list its devices, and how long to open one, for which it may have to compile a kernel.
const (
	listPatience = 15 * time.Second
	openPatience = time.Minute
)

// Devices is [gpu.Devices] with each back end asked in a process of its own. It takes as long as the slowest: from 10 ms without
// drivers to some 100 ms with them. The error is context.Cause(ctx).
func Devices(ctx context.Context) (found []gpu.Info, missing []gpu.Missing, err error) {
	backends := []string{"cpu", "opencl", "cuda"}
	answers := make([]struct {
		devices []gpu.Info
		missing *gpu.Missing
		err     error
	}, len(backends))
	var all sync.WaitGroup
	for i, name := range backends {
		a := &answers[i]
		all.Go(func() { a.devices, a.missing, a.err = DevicesOf(ctx, name) })
	}
	all.Wait()
	for _, a := range answers {
		if a.err != nil {
			return nil, nil, a.err
		}
		found = append(found, a.devices...)
		if a.missing != nil {
			missing = append(missing, *a.missing)
		}
	}
	return found, missing, nil
}

// DevicesOf is [gpu.DevicesOf] for one back end, asked in another process. The error is context.Cause(ctx).
func DevicesOf(ctx context.Context, backend string) ([]gpu.Info, *gpu.Missing, error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if backend == "cpu" || worker.Ready() != nil {
		devices, missing := gpu.DevicesOf(backend)
		return devices, missing, nil
	}
	a, err := ask(ctx, listPatience, askDevices, backend)
	var bad *failure
	switch {
	case errors.As(err, &bad):
		return nil, &gpu.Missing{Backend: backend, Reason: bad.Error(), Advice: advice(backend)}, nil
	case err != nil:
		return nil, nil, err
	}
	return a.Devices, a.Missing, nil
}

// Extras is [gpu.ExtrasOf], asked in another process. The error says what became of that, or is context.Cause(ctx).
func Extras(ctx context.Context, backend string) ([]driver.Extra, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if worker.Ready() != nil {
		return gpu.ExtrasOf(backend), nil
	}
	a, err := ask(ctx, listPatience, askExtras, backend)
	return a.Extras, err
}

// Open opens and closes, in another process, the device that a name as --device takes it stands for, and says which one that is. So
// it also runs the self-test of a device of OpenCL. With auto, a driver that breaks is passed over. The error wraps [gpu.ErrNoDevice]
// if there is none or it does not work, and is context.Cause(ctx) if that ends.
func Open(ctx context.Context, spec string) (gpu.Info, error) {
	if ctx.Err() != nil {
		return gpu.Info{}, context.Cause(ctx)
	}
	if spec == "auto" {
		return openAuto(ctx)
	}
	if spec == "cpu" || worker.Ready() != nil {
		return open(spec)
	}
	a, err := ask(ctx, openPatience, askOpen, spec)
	var bad *failure
	switch {
	case errors.As(err, &bad):
		backend, _, _ := strings.Cut(spec, ":")
		return gpu.Info{}, fmt.Errorf("device %q: %w: %w; %s", spec, gpu.ErrNoDevice, bad, advice(backend))
	case err != nil:
		return gpu.Info{}, err
	case a.NoDevice:
		return gpu.Info{}, noDevice(a.Error)
	case a.Error != "":
		return gpu.Info{}, errors.New(a.Error)
	}
	return a.Devices[0], nil
}

// openAuto opens the first that works: CUDA's, a GPU of OpenCL's, the cpu.
func openAuto(ctx context.Context) (gpu.Info, error) {
	info, err := Open(ctx, "cuda")
	if err == nil {
		return info, nil
	}
	devices, _, err := DevicesOf(ctx, "opencl")
	if err != nil {
		return gpu.Info{}, err
	}
	for _, d := range devices {
		if d.Kind == "GPU" {
			if info, err := Open(ctx, d.Spec()); err == nil {
				return info, nil
			}
		}
	}
	return Open(ctx, "cpu")
}

// advice says what to do about drivers that break.
func advice(backend string) string {
	if backend == "opencl" {
		return "to find out which driver it is, try each alone: OCL_ICD_VENDORS=/etc/OpenCL/vendors/NAME.icd cookbook doctor"
	}
	return "reboot, or install the driver again; nvidia-smi has to work first"
}

// noDevice is the text of an error of another process that wrapped [gpu.ErrNoDevice].
type noDevice string

func (e noDevice) Error() string        { return string(e) }
func (e noDevice) Is(target error) bool { return target == gpu.ErrNoDevice }
func (e noDevice) Missing() bool        { return true }
