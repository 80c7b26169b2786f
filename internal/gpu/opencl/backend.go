package opencl

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"cookbook/internal/gpu/driver"
)

// Backend finds the devices of OpenCL.
type Backend struct{}

// Name returns "opencl".
func (Backend) Name() string { return "opencl" }

// Devices returns the devices of all platforms, these sorted by name, or why there is none. Libraries are loaded and asked once for
// the process. What only a run can tell, the limits that the self-test finds, is there once a device has been opened.
func (Backend) Devices() ([]driver.Info, *driver.Missing) {
	s := process()
	infos := make([]driver.Info, len(s.devices))
	for i, d := range s.devices {
		infos[i] = d.current()
	}
	return infos, s.missing
}

// Open opens a device. The first time it runs the self-test on it, which takes from 50 ms to 1.5 s on PoCL.
func (Backend) Open(index int) (driver.Device, error) { return process().open(index) }

// system is what is there: the library and its devices.
type system struct {
	devices []*candidate
	missing *driver.Missing
}

// candidate is a device that can be opened.
type candidate struct {
	api              api
	platform, handle uintptr
	info             driver.Info
	exact            bool // division and square root of float32 are rounded to nearest if one asks for it

	mu     sync.Mutex
	tested *verdict // nil: not yet
}

// process returns what this process has.
var process = sync.OnceValue(func() *system { return find("libOpenCL.so.1", "libOpenCL.so") })

// missing is a reason that the usual advice fits.
func missing(reason string) *driver.Missing {
	return &driver.Missing{Backend: "opencl", Reason: reason,
		Advice: "apt install pocl-opencl-icd makes a device of the processor; a graphics processor needs its maker's driver"}
}

// find loads the library that has one of the names and lists its devices.
func find(names ...string) *system {
	f, why := load(names...)
	if why != nil {
		return &system{missing: why}
	}
	if file := garbage(); file != "" {
		return &system{missing: &driver.Missing{Backend: "opencl", Reason: file + " names no driver, and the OpenCL library would crash on it", Advice: "remove the file"}}
	}
	a := api{functions: f}
	handles, rc := a.list(a.getPlatformIDs)
	if len(handles) == 0 {
		reason := "the OpenCL library is here, but no driver that it could use"
		if rc != success && rc != noPlatform {
			reason = fmt.Sprintf("the OpenCL library cannot list its drivers: %v", rc)
		}
		return &system{missing: missing(reason)}
	}
	type platform struct {
		driver.Platform
		handle uintptr
	}
	platforms := make([]platform, len(handles))
	for i, h := range handles {
		platforms[i] = platform{driver.Platform{Name: a.text(a.getPlatformInfo, h, platformName), Vendor: a.text(a.getPlatformInfo, h, platformVendor),
			Version: a.text(a.getPlatformInfo, h, platformVersion), Profile: a.text(a.getPlatformInfo, h, platformProfile)}, h}
	}
	slices.SortStableFunc(platforms, func(p, q platform) int {
		return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Version, q.Version))
	})
	s := &system{}
	var unfit []string
	for _, p := range platforms {
		devices, _ := a.list(a.getDeviceIDs, p.handle, deviceTypeAll)
		if len(devices) == 0 {
			unfit = append(unfit, p.Name+" has no device")
		}
		for _, h := range devices {
			c := &candidate{api: a, platform: p.handle, handle: h}
			if reason := c.describe(p.Platform); reason != "" {
				unfit = append(unfit, c.info.Name+" "+reason)
				continue
			}
			if c.needsLock() {
				c.api.one = &sync.Mutex{}
			}
			c.info.Index = len(s.devices)
			s.devices = append(s.devices, c)
		}
	}
	if len(s.devices) == 0 {
		s.missing = missing("OpenCL has no device that could be used: " + strings.Join(unfit, ", "))
		if slices.Contains(unfit, pocl+" has no device") {
			s.missing.Advice = "PoCL, which makes a device of the processor, needs a folder that it can write to: POCL_CACHE_DIR names one. " +
				"If POCL_DEVICES is set, it names the devices to make, such as pthread"
		}
	}
	return s
}

// garbage returns a file that should name a driver, and begins with a zero; "" if there is none. The library ocl-icd 2.3.1 crashes on those.
func garbage() string {
	folder := cmp.Or(os.Getenv("OCL_ICD_VENDORS"), "/etc/OpenCL/vendors")
	files, _ := filepath.Glob(filepath.Join(folder, "*.icd"))
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && len(text) > 0 && text[0] == 0 {
			return file
		}
	}
	return ""
}

// needsLock reports whether the device takes calls of one thread at a time only. Oclgrind aborts under several threads. PoCL's device
// basic runs commands in the threads that wait for them; two of these can wait for each other for ever.
func (c *candidate) needsLock() bool {
	return c.info.Platform.Name == oclgrind || c.info.Platform.Name == pocl && strings.HasPrefix(c.info.Name, "basic")
}

// The names of two platforms.
const pocl, oclgrind = "Portable Computing Language", "Oclgrind"

// open opens a device, tested.
func (s *system) open(index int) (driver.Device, error) {
	spec := driver.Spec("opencl", index)
	switch {
	case s.missing != nil:
		return nil, fmt.Errorf("%s: %w: %s; %s", spec, driver.ErrNoDevice, s.missing.Reason, s.missing.Advice)
	case index < 0 || index >= len(s.devices):
		return nil, fmt.Errorf("%s: %w: the last one is %s", spec, driver.ErrNoDevice, driver.Spec("opencl", len(s.devices)-1))
	}
	c := s.devices[index]
	v := c.test()
	if v.err != nil {
		return nil, fmt.Errorf("%s, %s: %w: its self-test failed: %w", spec, c.info.Name, driver.ErrNoDevice, v.err)
	}
	d, err := c.open(c.current())
	if err != nil {
		return nil, err
	}
	return d, nil
}
