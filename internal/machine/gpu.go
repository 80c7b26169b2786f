package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/terminal"
)

// gpus are the probes of the devices of chapter 6 and of the libraries that they use. Drivers are asked in other processes.
func (m Machine) gpus(c *catalog.Catalog) []probe {
	var all []probe
	for _, b := range []struct{ name, backend string }{{"OpenCL", "opencl"}, {"CUDA", "cuda"}} {
		all = append(all, probe{
			name: b.name, chapters: []int{6}, unused: unused(c, 6),
			cost:    "--device " + b.backend + " is refused: kernels run on the processor, in Go",
			examine: func(ctx context.Context) (bool, string, string) { return m.backend(ctx, b.backend) },
		})
	}
	opencl, cuda := m.onceExtras("opencl"), m.onceExtras("cuda")
	for _, l := range []struct {
		name, cost string
		ask        func(context.Context) ([]driver.Extra, error)
	}{
		{"CLBlast", "no products of matrices by a library on devices of OpenCL", opencl},
		{"clFFT", "no Fourier transforms by a library on devices of OpenCL", opencl},
		{"NVRTC", "kernels cannot be compiled for CUDA, so --device cuda is refused", cuda},
		{"cuBLAS", "no products of matrices by a library on devices of CUDA", cuda},
		{"cuFFT", "no Fourier transforms by a library on devices of CUDA", cuda},
		{"cuRAND", "no random numbers by a library on devices of CUDA", cuda},
	} {
		all = append(all, probe{
			name: l.name, chapters: []int{6}, unused: unused(c, 6), cost: l.cost,
			examine: func(ctx context.Context) (bool, string, string) { return m.extra(ctx, l.name, l.ask) },
		})
	}
	return all
}

// backend says which devices a back end has, or why it has none and what to do.
func (m Machine) backend(ctx context.Context, name string) (found bool, detail, install string) {
	infos, missing, err := m.devices(ctx, name)
	if err != nil {
		return false, terminal.OneLine(err.Error()), ""
	}
	var parts []string
	for _, d := range infos {
		parts = append(parts, terminal.OneLine(describe(d)))
	}
	if missing == nil {
		missing = &gpu.Missing{}
	} else {
		parts = append(parts, terminal.OneLine(missing.Reason))
	}
	if lib := m.library("libOpenCL.so.1"); name == "opencl" && lib != "" && m.loads() == "" {
		named, broken := m.platforms(lib)
		if len(infos) == 0 && len(named) > 0 {
			parts = append(parts, "named are "+strings.Join(named, ", "))
		}
		parts = append(parts, broken...)
	}
	return len(infos) > 0, strings.Join(parts, "; "), orElse(missing.Advice, m.loads())
}

// describe is a device in a line.
func describe(d gpu.Info) string {
	text := d.Spec() + " " + d.Name
	switch {
	case d.Capability != "":
		text += fmt.Sprintf(" (compute capability %s, %s)", d.Capability, d.Version)
	case d.Platform.Name != "":
		text += " (" + d.Platform.Name + ")"
	}
	return text
}

// loads says how to get a program that can load libraries, if this one cannot; "" if it can.
func (m Machine) loads() string {
	if _, err := dl.Open(dl.Self); !errors.Is(err, dl.ErrNone) {
		return ""
	}
	if m.os == "linux" {
		return "in a clone of cookbook, without the tag static: go build ./cmd/cookbook"
	}
	return "Linux with 64 bits"
}

// onceExtras asks a back end for its libraries once, for all probes.
func (m Machine) onceExtras(backend string) func(context.Context) ([]driver.Extra, error) {
	var (
		once  sync.Once
		found []driver.Extra
		err   error
	)
	return func(ctx context.Context) ([]driver.Extra, error) {
		once.Do(func() { found, err = m.extras(ctx, backend) })
		return found, err
	}
}

// extra says whether a library is here.
func (m Machine) extra(ctx context.Context, name string, ask func(context.Context) ([]driver.Extra, error)) (found bool, detail, install string) {
	if install := m.loads(); install != "" {
		return false, terminal.OneLine(dl.ErrNone.Error()), install
	}
	all, err := ask(ctx)
	if err != nil {
		return false, "not known: " + terminal.OneLine(err.Error()), ""
	}
	for _, e := range all {
		if e.Name == name {
			return e.Found != "", orElse(e.Found, "not installed"), e.Advice
		}
	}
	return false, "not installed", ""
}
