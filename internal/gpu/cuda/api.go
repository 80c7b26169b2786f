package cuda

import (
	"errors"
	"fmt"
	"runtime"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// api is the functions of libcuda that are used. Their names are those that drivers for CUDA 11 to 13 export.
type api struct {
	init, driverVersion, errorName, errorString              dl.Func
	deviceCount, deviceGet, deviceName, deviceMemory         dl.Func
	deviceAttribute, retain, release, setCurrent             dl.Func
	alloc, free, clear, copyIn, copyOut, copyInside          dl.Func
	newStream, destroyStream, syncStream                     dl.Func
	newEvent, destroyEvent, recordEvent, syncEvent, elapsed  dl.Func
	loadModule, unloadModule, getFunction, functionAttribute dl.Func
	launch                                                   dl.Func
}

// load finds the driver's library and its functions.
func load(name string) (*api, *driver.Missing) {
	lib, err := dl.Open(name)
	if errors.Is(err, dl.ErrNone) {
		return nil, &driver.Missing{Backend: "cuda", Reason: err.Error()}
	}
	if err != nil {
		return nil, missing("NVIDIA's driver is not installed: there is no " + name)
	}
	a := &api{}
	for _, f := range []function{
		{&a.init, "cuInit"}, {&a.driverVersion, "cuDriverGetVersion"}, {&a.errorName, "cuGetErrorName"}, {&a.errorString, "cuGetErrorString"},
		{&a.deviceCount, "cuDeviceGetCount"}, {&a.deviceGet, "cuDeviceGet"}, {&a.deviceName, "cuDeviceGetName"},
		{&a.deviceMemory, "cuDeviceTotalMem_v2"}, {&a.deviceAttribute, "cuDeviceGetAttribute"},
		{&a.retain, "cuDevicePrimaryCtxRetain"}, {&a.release, "cuDevicePrimaryCtxRelease_v2"}, {&a.setCurrent, "cuCtxSetCurrent"},
		{&a.alloc, "cuMemAlloc_v2"}, {&a.free, "cuMemFree_v2"}, {&a.clear, "cuMemsetD8Async"},
		{&a.copyIn, "cuMemcpyHtoDAsync_v2"}, {&a.copyOut, "cuMemcpyDtoHAsync_v2"}, {&a.copyInside, "cuMemcpyDtoDAsync_v2"},
		{&a.newStream, "cuStreamCreate"}, {&a.destroyStream, "cuStreamDestroy_v2"}, {&a.syncStream, "cuStreamSynchronize"},
		{&a.newEvent, "cuEventCreate"}, {&a.destroyEvent, "cuEventDestroy_v2"}, {&a.recordEvent, "cuEventRecord"},
		{&a.syncEvent, "cuEventSynchronize"}, {&a.elapsed, "cuEventElapsedTime"},
		{&a.loadModule, "cuModuleLoadData"}, {&a.unloadModule, "cuModuleUnload"}, {&a.getFunction, "cuModuleGetFunction"},
		{&a.functionAttribute, "cuFuncGetAttribute"}, {&a.launch, "cuLaunchKernel"},
	} {
		if !f.find(lib) {
			return nil, missing(fmt.Sprintf("NVIDIA's driver has no function %s: it is older than CUDA 11, or broken", f.name))
		}
	}
	return a, nil
}

// missing is a reason that the usual advice fits.
func missing(reason string) *driver.Missing {
	return &driver.Missing{Backend: "cuda", Reason: reason,
		Advice: "a graphics processor of NVIDIA and its driver are needed (Debian, non-free: apt install nvidia-driver libcuda1)"}
}

// function is one to be found in a library.
type function struct {
	at   *dl.Func
	name string
}

func (f function) find(lib dl.Lib) bool {
	*f.at = lib.Func(f.name)
	return *f.at != 0
}

// call calls a function that returns a code.
//
//go:uintptrescapes
func (a *api) call(f dl.Func, args ...uintptr) code { return code(int32(f.Call(args...))) }

// use runs f with a context current on its thread, as all functions that work on a device need it. The thread belongs to f while it
// runs; afterwards it is free again, and what is current on it does not matter.
func (a *api) use(context uintptr, f func() code) code {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if rc := a.call(a.setCurrent, context); rc != success {
		return rc
	}
	return f()
}
