package cuda

import (
	"fmt"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// Backend finds the devices of CUDA.
type Backend struct{}

// Name returns "cuda".
func (Backend) Name() string { return "cuda" }

// Devices returns the devices in CUDA's own order, so that cuda:N is what others call device N, or why there is none. The driver is
// loaded and asked once for the process. The compiler, which [Backend.Open] needs, is not looked for.
func (Backend) Devices() ([]driver.Info, *driver.Missing) {
	s := process()
	infos := make([]driver.Info, len(s.devices))
	for i, d := range s.devices {
		infos[i] = d.info
	}
	return infos, s.missing
}

// Open opens a device. It loads NVRTC; the error says what to install where that is missing.
func (Backend) Open(index int) (driver.Device, error) { return process().open(index) }

// system is what is there: the driver and its devices.
type system struct {
	api     *api
	version version // of CUDA, that the driver can do
	devices []*candidate
	missing *driver.Missing
}

// version is one of CUDA or of a library of it: 12.4.
type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

// candidate is a device that can be opened.
type candidate struct {
	handle     int32
	capability version
	info       driver.Info
}

// process returns what this process has.
var process = sync.OnceValue(func() *system { return find("libcuda.so.1") })

// find loads the driver and lists its devices.
func find(library string) *system {
	a, why := load(library)
	if why != nil {
		return &system{missing: why}
	}
	if rc := a.call(a.init, 0); rc != success {
		return &system{missing: cannotStart(a, rc)}
	}
	s := &system{api: a}
	var v, n int32
	if rc := a.call(a.driverVersion, uintptr(unsafe.Pointer(&v))); rc == success {
		s.version = version{int(v) / 1000, int(v) % 1000 / 10}
	}
	if rc := a.call(a.deviceCount, uintptr(unsafe.Pointer(&n))); rc != success {
		return &system{missing: cannotStart(a, rc)}
	}
	for i := range int(n) {
		c := &candidate{}
		if rc := a.call(a.deviceGet, uintptr(unsafe.Pointer(&c.handle)), uintptr(i)); rc != success {
			return &system{missing: cannotStart(a, rc)}
		}
		c.describe(a, i, s.version)
		s.devices = append(s.devices, c)
	}
	if n == 0 {
		s.missing = missing("NVIDIA's driver is here, but it has no device")
		s.missing.Advice = "nvidia-smi lists what the driver sees; CUDA_VISIBLE_DEVICES may hide devices"
	}
	return s
}

// cannotStart says why the driver does not work, and what helps.
func cannotStart(a *api, rc code) *driver.Missing {
	m := missing("NVIDIA's driver does not start: " + a.words(rc))
	switch rc {
	case noDevice:
		m.Reason = "NVIDIA's driver finds no device: " + a.words(rc)
		m.Advice = "a graphics processor of NVIDIA is needed; nvidia-smi lists what the driver sees, and CUDA_VISIBLE_DEVICES may hide devices"
	case driverMismatch, forwardCompatMismatch:
		m.Advice = "libcuda.so.1 and the kernel's module are of different versions: start the machine again after an update of the driver"
	case systemNotReady:
		m.Advice = "the machine's own services, such as nvidia-fabricmanager, must be started first"
	default:
		m.Advice = "see what nvidia-smi says; in a container, its devices must be passed in (docker run --gpus all)"
	}
	return m
}

// open opens a device.
func (s *system) open(index int) (driver.Device, error) {
	spec := driver.Spec("cuda", index)
	switch {
	case s.missing != nil && s.missing.Advice == "":
		return nil, fmt.Errorf("%s: %w: %s", spec, driver.ErrNoDevice, s.missing.Reason)
	case s.missing != nil:
		return nil, fmt.Errorf("%s: %w: %s; %s", spec, driver.ErrNoDevice, s.missing.Reason, s.missing.Advice)
	case index < 0 || index >= len(s.devices):
		return nil, fmt.Errorf("%s: %w: the last one is %s", spec, driver.ErrNoDevice, driver.Spec("cuda", len(s.devices)-1))
	}
	c := s.devices[index]
	n, err := loadNVRTC(s.version.major, c.info.Name)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w: %w", spec, c.info.Name, driver.ErrNoDevice, err)
	}
	arch, err := n.archFor(c.capability)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w: %w", spec, c.info.Name, driver.ErrNoDevice, err)
	}
	return open(s.api, c, n, arch)
}
