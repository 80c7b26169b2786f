package machine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
)

func TestDevicesAndReasonsAreALineEach(t *testing.T) {
	p := gpu.Platform{Name: "Portable Computing\nLanguage"}
	pocl := []gpu.Info{{Backend: "opencl", Name: "pthread", Platform: p}, {Backend: "opencl", Index: 1, Name: "basic", Platform: p}}
	loader := map[string]string{"lib/libOpenCL.so.1": ocl, "proc/self/exe": elf, "pocl.so": elf,
		"etc/OpenCL/vendors/pocl.icd": "/pocl.so", "etc/OpenCL/vendors/gone.icd": "/gone.so"}
	for _, tt := range []struct {
		backend         string
		files           map[string]string
		devices         []gpu.Info
		missing         *gpu.Missing
		err             error
		detail, install string
	}{
		{"opencl", nil, pocl, nil, nil, "opencl:0 pthread (Portable Computing Language); opencl:1 basic (Portable Computing Language)", ""},
		{"opencl", loader, pocl[:1], nil, nil, "opencl:0 pthread (Portable Computing Language); gone names /gone.so, which is not there", ""},
		{"opencl", loader, nil, &gpu.Missing{Reason: "no driver", Advice: "apt install one"}, nil,
			"no driver; named are pocl; gone names /gone.so, which is not there", "apt install one"},
		{"opencl", nil, nil, &gpu.Missing{Reason: "its drivers ended the process that asked them: SIGSEGV", Advice: "try each"}, nil,
			"its drivers ended the process that asked them: SIGSEGV", "try each"},
		{"cuda", loader, []gpu.Info{{Backend: "cuda", Name: "NVIDIA H100", Capability: "9.0", Version: "CUDA 12.4"}}, nil, nil,
			"cuda:0 NVIDIA H100 (compute capability 9.0, CUDA 12.4)", ""},
		{"cuda", loader, nil, &gpu.Missing{Reason: "no\x1b\ndriver"}, nil, "no\x1b driver", ""},
		{"cuda", nil, nil, nil, errors.New("interrupted"), "interrupted", ""},
	} {
		m := fakeMachine(tt.files, nil)
		m.devices = func(_ context.Context, backend string) ([]gpu.Info, *gpu.Missing, error) {
			if backend != tt.backend {
				t.Errorf("asked for %s", backend)
			}
			return tt.devices, tt.missing, tt.err
		}
		found, detail, install := m.backend(t.Context(), tt.backend)
		if found != (len(tt.devices) > 0) || detail != tt.detail || install != orElse(tt.install, m.loads()) && len(tt.devices) == 0 && tt.err == nil {
			t.Errorf("got %v %q, %q, want %q, %q", found, detail, install, tt.detail, tt.install)
		}
	}
}

func TestLibrariesOfDevicesAreAskedForOnceEach(t *testing.T) {
	m := fakeMachine(nil, nil)
	if m.loads() != "" {
		t.Skip("this program loads no libraries")
	}
	asked := make(chan string, 10)
	m.extras = func(_ context.Context, backend string) ([]driver.Extra, error) {
		if asked <- backend; backend == "cuda" {
			return nil, errors.New("its drivers gave no answer within 15s")
		}
		return []driver.Extra{{Name: "CLBlast", Found: "libclblast.so.1", Advice: "apt install libclblast1"}, {Name: "clFFT", Advice: "apt install libclfft2"}}, nil
	}
	found := map[string]Finding{}
	for _, f := range m.Examine(t.Context(), &catalog.Catalog{}) {
		found[f.Name] = f
	}
	for name, want := range map[string]string{
		"CLBlast": "libclblast.so.1; for chapter 6, which has no recipes yet | ", "clFFT": "not installed | apt install libclfft2",
		"NVRTC": "not known: its drivers gave no answer within 15s | ", "cuBLAS": "not known: its drivers gave no answer within 15s | ",
		"cuFFT": "not known: its drivers gave no answer within 15s | ", "cuRAND": "not known: its drivers gave no answer within 15s | ",
		"OpenCL": "there is none | buy one", "CUDA": "there is none | buy one",
	} {
		if f := found[name]; f.Detail+" | "+f.Install != want || f.Found != (name == "CLBlast") {
			t.Errorf("%s: got %+v, want %s", name, f, want)
		}
	}
	close(asked)
	var all []string
	for backend := range asked {
		all = append(all, backend)
	}
	if len(all) != 2 {
		t.Errorf("asked %s", strings.Join(all, ", "))
	}
}

func TestANeedForDevicesSaysWhatToDo(t *testing.T) {
	for _, n := range []catalog.Need{catalog.OpenCL, catalog.CUDA} {
		if err := Check(t.Context(), n); err != nil && !errors.Is(err, gpu.ErrNoDevice) {
			t.Errorf("%s: %v, want ErrNoDevice", n, err)
		}
		why := errors.New("told to end")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if err := Check(ctx, n); !errors.Is(err, why) {
			t.Errorf("%s: %v", n, err)
		}
	}
}
