package opencl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// api calls OpenCL, for one device.
type api struct {
	*functions
	one *sync.Mutex // held in each call, where the implementation cannot be used by several threads at a time; else nil
}

// functions are those of libOpenCL that are used.
type functions struct {
	getPlatformIDs, getPlatformInfo, getDeviceIDs, getDeviceInfo      dl.Func
	createContext, releaseContext                                     dl.Func
	createBuffer, createSubBuffer, releaseMemObject                   dl.Func
	createProgram, buildProgram, getBuildInfo, releaseProgram         dl.Func
	createKernel, setKernelArg, getKernelInfo, getGroupInfo           dl.Func
	releaseKernel, createQueue, releaseQueue, flush, finish           dl.Func
	writeBuffer, readBuffer, copyBuffer, fillBuffer, launch           dl.Func
	waitForEvents, getEventInfo, getEventProfilingInfo, releaseEvents dl.Func
}

// load finds the library and its functions.
func load(names ...string) (*functions, *driver.Missing) {
	lib, err := library(names)
	if errors.Is(err, dl.ErrNone) {
		return nil, &driver.Missing{Backend: "opencl", Reason: err.Error()}
	}
	if err != nil {
		return nil, missing("OpenCL is not installed: there is no " + names[0])
	}
	a := &functions{}
	for _, f := range []struct {
		at   *dl.Func
		name string
	}{
		{&a.getPlatformIDs, "clGetPlatformIDs"}, {&a.getPlatformInfo, "clGetPlatformInfo"},
		{&a.getDeviceIDs, "clGetDeviceIDs"}, {&a.getDeviceInfo, "clGetDeviceInfo"},
		{&a.createContext, "clCreateContext"}, {&a.releaseContext, "clReleaseContext"},
		{&a.createBuffer, "clCreateBuffer"}, {&a.createSubBuffer, "clCreateSubBuffer"}, {&a.releaseMemObject, "clReleaseMemObject"},
		{&a.createProgram, "clCreateProgramWithSource"}, {&a.buildProgram, "clBuildProgram"},
		{&a.getBuildInfo, "clGetProgramBuildInfo"}, {&a.releaseProgram, "clReleaseProgram"},
		{&a.createKernel, "clCreateKernel"}, {&a.setKernelArg, "clSetKernelArg"}, {&a.getKernelInfo, "clGetKernelInfo"},
		{&a.getGroupInfo, "clGetKernelWorkGroupInfo"}, {&a.releaseKernel, "clReleaseKernel"},
		{&a.createQueue, "clCreateCommandQueue"}, {&a.releaseQueue, "clReleaseCommandQueue"}, {&a.flush, "clFlush"}, {&a.finish, "clFinish"},
		{&a.writeBuffer, "clEnqueueWriteBuffer"}, {&a.readBuffer, "clEnqueueReadBuffer"}, {&a.copyBuffer, "clEnqueueCopyBuffer"},
		{&a.fillBuffer, "clEnqueueFillBuffer"}, {&a.launch, "clEnqueueNDRangeKernel"},
		{&a.waitForEvents, "clWaitForEvents"}, {&a.getEventInfo, "clGetEventInfo"},
		{&a.getEventProfilingInfo, "clGetEventProfilingInfo"}, {&a.releaseEvents, "clReleaseEvent"},
	} {
		if *f.at = lib.Func(f.name); *f.at == 0 {
			return nil, missing(fmt.Sprintf("the OpenCL library has no function %s: it is older than OpenCL 1.2, or broken", f.name))
		}
	}
	return a, nil
}

// library returns the process itself if it has OpenCL, else the first library of the names.
func library(names []string) (lib dl.Lib, err error) {
	if lib, err = dl.Open(dl.Self); err == nil && lib.Func("clGetPlatformIDs") != 0 {
		return lib, nil
	}
	for _, name := range names {
		if lib, err = dl.Open(name); err == nil {
			return lib, nil
		}
	}
	return lib, err
}

// call calls a function that returns a code.
//
//go:uintptrescapes
func (a api) call(f dl.Func, args ...uintptr) code {
	return code(int32(a.handle(f, args...)))
}

// handle calls a function that returns a handle; the last argument is where the code goes.
//
//go:uintptrescapes
func (a api) handle(f dl.Func, args ...uintptr) uintptr {
	if a.one != nil {
		a.one.Lock()
		defer a.one.Unlock()
	}
	return f.Call(args...)
}

// ask returns what an information function says; of is what it is asked about, and for what. It is nil if the function fails.
func (a api) ask(f dl.Func, of ...uintptr) []byte {
	size := new(uintptr)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(size)
	if a.call(f, append(of, 0, 0, uintptr(unsafe.Pointer(size)))...) != success || *size == 0 {
		return nil
	}
	value := make([]byte, *size)
	pin.Pin(&value[0])
	if a.call(f, append(of, *size, uintptr(unsafe.Pointer(&value[0])), 0)...) != success {
		return nil
	}
	return value
}

// text is [api.ask] for a text, in one line.
func (a api) text(f dl.Func, of ...uintptr) string {
	return strings.Join(strings.Fields(strings.TrimRight(string(a.ask(f, of...)), "\x00")), " ")
}

// number is [api.ask] for a number of 4 or 8 bytes; it is 0 if the function fails.
func (a api) number(f dl.Func, of ...uintptr) uint64 {
	switch value := a.ask(f, of...); len(value) {
	case 4:
		return uint64(binary.NativeEndian.Uint32(value))
	case 8:
		return binary.NativeEndian.Uint64(value)
	}
	return 0
}

// list returns the handles that clGetPlatformIDs and clGetDeviceIDs list; before are the arguments before the list.
func (a api) list(f dl.Func, before ...uintptr) ([]uintptr, code) {
	n := new(uint32)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(n)
	if rc := a.call(f, append(before, 0, 0, uintptr(unsafe.Pointer(n)))...); rc != success || *n == 0 {
		return nil, rc
	}
	all := make([]uintptr, *n)
	pin.Pin(&all[0])
	rc := a.call(f, append(before, uintptr(*n), uintptr(unsafe.Pointer(&all[0])), 0)...)
	return all, rc
}
