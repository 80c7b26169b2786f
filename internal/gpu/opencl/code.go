package opencl

import (
	"fmt"

	"cookbook/internal/gpu/driver"
)

// code is what a function of OpenCL returns; below 0 it is an error.
type code int32

// The codes that the package tells apart.
const (
	success            code = 0
	noAllocation       code = -4
	outOfResources     code = -5
	outOfHostMemory    code = -6
	commandFailed      code = -14 // one that was waited for
	buildFailed        code = -11
	invalidQueue       code = -36
	invalidBufferSize  code = -61
	noPlatform         code = -1001
	illegalMemory      code = -9999 // NVIDIA: a kernel read or wrote what is not its own
	invalidValue       code = -30
	invalidOperation   code = -59
	invalidProperty    code = -64
	noCompiler         code = -3
	invalidDimension   code = -53
	invalidGroupSize   code = -54
	invalidItemSize    code = -55
	invalidGlobalSize  code = -63
	misalignedOffset   code = -13
	invalidMemObject   code = -38
	invalidArgIndex    code = -49
	invalidKernelArgs  code = -52
	copyOverlap        code = -8
	invalidQueueOption code = -35
)

// names are those of the codes, less CL_; a code is its index, negated.
var names = [...]string{
	1: "DEVICE_NOT_FOUND", "DEVICE_NOT_AVAILABLE", "COMPILER_NOT_AVAILABLE", "MEM_OBJECT_ALLOCATION_FAILURE", "OUT_OF_RESOURCES",
	"OUT_OF_HOST_MEMORY", "PROFILING_INFO_NOT_AVAILABLE", "MEM_COPY_OVERLAP", "IMAGE_FORMAT_MISMATCH", "IMAGE_FORMAT_NOT_SUPPORTED",
	"BUILD_PROGRAM_FAILURE", "MAP_FAILURE", "MISALIGNED_SUB_BUFFER_OFFSET", "EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
	"COMPILE_PROGRAM_FAILURE", "LINKER_NOT_AVAILABLE", "LINK_PROGRAM_FAILURE", "DEVICE_PARTITION_FAILED", "KERNEL_ARG_INFO_NOT_AVAILABLE",
	30: "INVALID_VALUE", "INVALID_DEVICE_TYPE", "INVALID_PLATFORM", "INVALID_DEVICE", "INVALID_CONTEXT", "INVALID_QUEUE_PROPERTIES",
	"INVALID_COMMAND_QUEUE", "INVALID_HOST_PTR", "INVALID_MEM_OBJECT", "INVALID_IMAGE_FORMAT_DESCRIPTOR", "INVALID_IMAGE_SIZE",
	"INVALID_SAMPLER", "INVALID_BINARY", "INVALID_BUILD_OPTIONS", "INVALID_PROGRAM", "INVALID_PROGRAM_EXECUTABLE", "INVALID_KERNEL_NAME",
	"INVALID_KERNEL_DEFINITION", "INVALID_KERNEL", "INVALID_ARG_INDEX", "INVALID_ARG_VALUE", "INVALID_ARG_SIZE", "INVALID_KERNEL_ARGS",
	"INVALID_WORK_DIMENSION", "INVALID_WORK_GROUP_SIZE", "INVALID_WORK_ITEM_SIZE", "INVALID_GLOBAL_OFFSET", "INVALID_EVENT_WAIT_LIST",
	"INVALID_EVENT", "INVALID_OPERATION", "INVALID_GL_OBJECT", "INVALID_BUFFER_SIZE", "INVALID_MIP_LEVEL", "INVALID_GLOBAL_WORK_SIZE",
	"INVALID_PROPERTY", "INVALID_IMAGE_DESCRIPTOR", "INVALID_COMPILER_OPTIONS", "INVALID_LINKER_OPTIONS", "INVALID_DEVICE_PARTITION_COUNT",
	"INVALID_PIPE_SIZE", "INVALID_DEVICE_QUEUE", "INVALID_SPEC_ID", "MAX_SIZE_RESTRICTION_EXCEEDED",
}

// String returns the code's name, and its number.
func (c code) String() string {
	switch {
	case c == noPlatform:
		return fmt.Sprintf("CL_PLATFORM_NOT_FOUND_KHR (%d)", c)
	case c == illegalMemory:
		return fmt.Sprintf("illegal read or write by a kernel (%d)", c)
	case c < 0 && -int(c) < len(names) && names[-c] != "":
		return fmt.Sprintf("CL_%s (%d)", names[-c], c)
	}
	return fmt.Sprintf("code %d", int32(c))
}

// kind returns which of the errors of package driver a code is.
func (c code) kind() error {
	switch c {
	case noAllocation, outOfHostMemory, invalidBufferSize:
		return driver.ErrMemory
	case invalidDimension, invalidGroupSize, invalidItemSize, invalidGlobalSize:
		return driver.ErrShape
	case noCompiler, invalidOperation, invalidQueueOption, invalidProperty:
		return driver.ErrUnsupported
	case invalidValue, copyOverlap, misalignedOffset, invalidMemObject:
		return driver.ErrArgument
	case buildFailed:
		return driver.ErrBuild
	}
	if c <= invalidArgIndex && c >= invalidKernelArgs {
		return driver.ErrArgument
	}
	return driver.ErrLost
}

// failure is the error for a code, nil for success. What was tried is put together as fmt.Sprintf does.
func (d *device) failure(c code, format string, args ...any) error {
	if c == success {
		return nil
	}
	return d.failureAs(c.kind(), c, format, args...)
}

// failureAs is failure where the code's kind depends on what was tried.
func (d *device) failureAs(kind error, c code, format string, args ...any) error {
	return fmt.Errorf("%s on %s: %w: %v", fmt.Sprintf(format, args...), d.info.Name, kind, c)
}
