package opencl

import (
	"encoding/binary"
	"strings"

	"cookbook/internal/gpu/driver"
)

// What platforms and devices are asked.
const (
	platformProfile = 0x0900
	platformVersion = 0x0901
	platformName    = 0x0902
	platformVendor  = 0x0903

	deviceTypeAll = 0xFFFFFFFF

	deviceType           = 0x1000
	deviceUnits          = 0x1002
	deviceMaxGroup       = 0x1004
	deviceMaxItems       = 0x1005
	deviceClock          = 0x100C
	deviceMaxAlloc       = 0x1010
	deviceBaseAlign      = 0x1019 // in bits
	deviceSingleConfig   = 0x101B
	deviceMemory         = 0x101F
	deviceConstantMemory = 0x1020
	deviceLocalMemory    = 0x1023
	deviceAvailable      = 0x1027
	deviceCompiler       = 0x1028
	deviceName           = 0x102B
	deviceVendor         = 0x102C
	deviceDriver         = 0x102D
	deviceVersion        = 0x102F
	deviceExtensions     = 0x1030
	deviceDoubleConfig   = 0x1032

	typeCPU         = 1 << 1
	typeGPU         = 1 << 2
	typeAccelerator = 1 << 3

	configDenormals = 1 << 0
	configExact     = 1 << 7 // division and square root can be rounded to nearest
)

// describe fills in what the device says of itself. It returns why the device cannot be used, or "".
func (c *candidate) describe(p driver.Platform) string {
	number := func(what uintptr) int { return int(c.api.number(c.api.getDeviceInfo, c.handle, what)) }
	text := func(what uintptr) string { return c.api.text(c.api.getDeviceInfo, c.handle, what) }
	i := driver.Info{
		Backend: "opencl", Name: text(deviceName), Vendor: text(deviceVendor), Version: text(deviceVersion), Driver: text(deviceDriver),
		Language: driver.OpenCLC, Platform: p,
		Units: number(deviceUnits), ClockMHz: number(deviceClock),
		Memory: int64(number(deviceMemory)), MaxAlloc: int64(number(deviceMaxAlloc)),
		SharedMemory: number(deviceLocalMemory), ConstantMemory: int64(number(deviceConstantMemory)),
		Align: max(number(deviceBaseAlign)/8, 1), MaxBlock: c.maxBlock(), MaxThreads: number(deviceMaxGroup),
		Times: true,
	}
	switch kind := number(deviceType); {
	case kind&typeGPU != 0:
		i.Kind = driver.GPU
	case kind&typeCPU != 0:
		i.Kind = driver.CPU
	case kind&typeAccelerator != 0:
		i.Kind = driver.Accelerator
	}
	i.Float64 = number(deviceDoubleConfig) != 0 || strings.Contains(text(deviceExtensions), "cl_khr_fp64")
	single := number(deviceSingleConfig)
	c.exact = single&configExact != 0
	if !c.exact {
		i.Limits = append(i.Limits, "It does not promise that division and square root of float32 are rounded to the nearest number.")
	}
	if single&configDenormals == 0 {
		i.Limits = append(i.Limits, "It may take float32 numbers below 1.2e-38 for 0.")
	}
	c.info = i
	switch {
	case i.Kind == "":
		return "is a device of a kind of its own"
	case number(deviceAvailable) == 0:
		return "is not available"
	case number(deviceCompiler) == 0:
		return "has no compiler"
	case strings.HasPrefix(i.Version, "OpenCL 1.0") || strings.HasPrefix(i.Version, "OpenCL 1.1"):
		return "has " + i.Version[:len("OpenCL 1.1")] + ", which is older than OpenCL 1.2"
	}
	return ""
}

// maxBlock returns how many work-items a group may have in each dimension.
func (c *candidate) maxBlock() driver.Dim {
	var d driver.Dim
	value := c.api.ask(c.api.getDeviceInfo, c.handle, deviceMaxItems)
	for _, at := range []*int{&d.X, &d.Y, &d.Z} {
		if len(value) >= 8 {
			*at = int(binary.NativeEndian.Uint64(value))
			value = value[8:]
		}
	}
	return d
}

// current returns what is known by now: with what the self-test found, if it was run.
func (c *candidate) current() driver.Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.info
	if c.tested != nil {
		i.Times = c.tested.times
		i.Limits = append(i.Limits[:len(i.Limits):len(i.Limits)], c.tested.limits...)
	}
	return i
}
