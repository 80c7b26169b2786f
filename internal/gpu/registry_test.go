package gpu

import (
	"errors"
	"testing"

	"cookbook/internal/gpu/cpu"
	"cookbook/internal/gpu/driver"
)

// fake is a back end whose devices fail their self-test or are of a kind.
type fake struct {
	name    string
	devices []fakeDevice
}

type fakeDevice struct {
	kind driver.Kind
	err  error
}

func (f fake) Name() string { return f.name }

func (f fake) Devices() (infos []driver.Info, why *driver.Missing) {
	for i, d := range f.devices {
		infos = append(infos, driver.Info{Backend: f.name, Index: i, Kind: d.kind})
	}
	if len(infos) == 0 {
		why = &driver.Missing{Backend: f.name, Reason: "there is none", Advice: "buy one"}
	}
	return infos, why
}

func (f fake) Open(index int) (driver.Device, error) {
	if index >= len(f.devices) {
		return nil, driver.ErrNoDevice
	}
	if err := f.devices[index].err; err != nil {
		return nil, err
	}
	d, err := cpu.Backend{}.Open(0)
	return named{d, driver.Info{Backend: f.name, Index: index, Name: "fake"}}, err
}

// named is a device with other facts.
type named struct {
	driver.Device
	info driver.Info
}

func (n named) Info() driver.Info { return n.info }

func TestWhichDeviceIsOpened(t *testing.T) {
	broken := errors.New("it counts wrong")
	fails, gpu, simulator := fakeDevice{driver.GPU, broken}, fakeDevice{driver.GPU, nil}, fakeDevice{driver.CPU, nil}
	for _, c := range []struct {
		cuda, opencl []fakeDevice
		spec, want   string
		err          error
	}{
		{nil, nil, "auto", "cpu", nil},
		{nil, []fakeDevice{simulator}, "auto", "cpu", nil},
		{nil, []fakeDevice{fails}, "auto", "cpu", nil},
		{nil, []fakeDevice{simulator, fails, gpu}, "auto", "opencl:2", nil},
		{[]fakeDevice{fails}, []fakeDevice{gpu}, "auto", "opencl:0", nil},
		{[]fakeDevice{fails, gpu}, []fakeDevice{gpu}, "auto", "cuda:1", nil},
		{nil, []fakeDevice{fails, simulator}, "opencl", "opencl:1", nil},
		{nil, []fakeDevice{simulator, fails}, "opencl:1", "", broken},
		{nil, []fakeDevice{fails}, "opencl", "", broken},
		{nil, []fakeDevice{simulator}, "opencl:1", "", ErrNoDevice},
		{nil, nil, "cuda", "", ErrNoDevice},
		{nil, nil, "cpu", "cpu", nil},
		{nil, nil, "cpu:0", "", ErrArgument},
		{nil, nil, "", "", ErrArgument},
		{nil, nil, "opencl:-1", "", ErrArgument},
		{nil, nil, "opencl:01", "", ErrArgument},
	} {
		d, err := openOf([]driver.Backend{fake{"cuda", c.cuda}, fake{"opencl", c.opencl}, cpu.Backend{}}, c.spec)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.spec, err, c.err)
		}
		if err != nil {
			continue
		}
		if got := d.Info().Spec(); got != c.want {
			t.Errorf("%s with CUDA %v and OpenCL %v opens %s, want %s", c.spec, c.cuda, c.opencl, got, c.want)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAutoTakesNoSimulator(t *testing.T) {
	for _, c := range []struct {
		info Info
		want bool
	}{
		{Info{Backend: "opencl", Kind: driver.GPU, Platform: Platform{Name: "NVIDIA CUDA"}}, true},
		{Info{Backend: "opencl", Kind: driver.GPU, Platform: Platform{Name: "Oclgrind"}}, false},
		{Info{Backend: "opencl", Kind: driver.CPU, Platform: Platform{Name: "Portable Computing Language"}}, false},
		{Info{Backend: "cuda", Kind: driver.GPU}, true},
		{Info{Backend: "cpu", Kind: driver.CPU}, true},
	} {
		if got := chosen(c.info); got != c.want {
			t.Errorf("%s device %q of kind %s is taken: %v, want %v", c.info.Backend, c.info.Platform.Name, c.info.Kind, got, c.want)
		}
	}
}
