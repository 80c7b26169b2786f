package cuda

import (
	"os"
	"strings"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// What devices are asked: CUdevice_attribute.
const (
	maxThreads     = 1
	maxBlockX      = 2 // and Y, Z behind it
	maxGridX       = 5 // the same
	sharedMemory   = 8 // of a block, without asking for more
	constantMemory = 9
	clockKHz       = 13
	processors     = 16
	majorVersion   = 75
	minorVersion   = 76
)

// describe fills in what the driver says of a device.
func (c *candidate) describe(a *api, index int, cuda version) {
	ask := func(what uintptr) int {
		var n int32
		if a.call(a.deviceAttribute, uintptr(unsafe.Pointer(&n)), what, uintptr(c.handle)) != success {
			return 0
		}
		return int(n)
	}
	var name [256]byte
	var memory uintptr
	a.call(a.deviceName, uintptr(unsafe.Pointer(&name)), uintptr(len(name)), uintptr(c.handle))
	a.call(a.deviceMemory, uintptr(unsafe.Pointer(&memory)), uintptr(c.handle))
	text, _, _ := strings.Cut(string(name[:]), "\x00")
	c.capability = version{ask(majorVersion), ask(minorVersion)}
	c.info = driver.Info{
		Backend: "cuda", Index: index, Name: strings.Join(strings.Fields(text), " "), Vendor: "NVIDIA",
		Version: "CUDA " + cuda.String(), Driver: driverVersion(), Kind: driver.GPU, Language: driver.CUDAC,
		Capability: c.capability.String(), Units: ask(processors), ClockMHz: ask(clockKHz) / 1000,
		Memory: int64(memory), MaxAlloc: int64(memory), SharedMemory: ask(sharedMemory), ConstantMemory: int64(ask(constantMemory)),
		Align:      1, // that of the elements is enough
		MaxBlock:   driver.Dim{X: ask(maxBlockX), Y: ask(maxBlockX + 1), Z: ask(maxBlockX + 2)},
		MaxThreads: ask(maxThreads),
		MaxGrid:    driver.Dim{X: ask(maxGridX), Y: ask(maxGridX + 1), Z: ask(maxGridX + 2)},
		Float64:    true, Times: true,
	}
}

// driverVersion returns the version of the kernel's module, such as 550.54.14; "" where the system does not tell.
func driverVersion() string {
	text, _ := os.ReadFile("/proc/driver/nvidia/version")
	for _, word := range strings.Fields(string(text)) {
		if word[0] >= '0' && word[0] <= '9' && strings.Contains(word, ".") {
			return word
		}
	}
	return ""
}
