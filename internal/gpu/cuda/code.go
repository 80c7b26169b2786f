package cuda

import (
	"fmt"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// code is what a function of the driver returns: CUresult.
type code int32

// The codes that the package tells apart.
const (
	success               code = 0
	invalidValue          code = 1
	outOfMemory           code = 2
	noDevice              code = 100
	invalidImage          code = 200
	noBinary              code = 209
	invalidPTX            code = 218
	noJITCompiler         code = 221
	unsupportedPTX        code = 222
	jitDisabled           code = 223
	notFound              code = 500
	launchOutOfResources  code = 701
	cooperativeTooLarge   code = 720
	notPermitted          code = 800
	notSupported          code = 801
	systemNotReady        code = 802
	driverMismatch        code = 803
	forwardCompatMismatch code = 804
)

// kind returns which of the errors of package driver a code is. What is not named here leaves the device unusable, or nothing is
// known of it.
func (c code) kind() error {
	switch c {
	case invalidValue:
		return driver.ErrArgument
	case outOfMemory:
		return driver.ErrMemory
	case invalidImage, noBinary, invalidPTX, noJITCompiler, unsupportedPTX, jitDisabled, notFound:
		return driver.ErrBuild
	case launchOutOfResources, cooperativeTooLarge:
		return driver.ErrShape
	case notPermitted, notSupported:
		return driver.ErrUnsupported
	}
	return driver.ErrLost
}

// words returns a code's name, its number and what it means, as the driver says it.
func (a *api) words(c code) string {
	name, meaning := a.say(a.errorName, c), a.say(a.errorString, c)
	if name == "" {
		return fmt.Sprintf("code %d", c)
	}
	text := fmt.Sprintf("%s (%d)", name, c)
	if meaning != "" {
		text += ", " + meaning
	}
	return text
}

// say asks cuGetErrorName or cuGetErrorString.
func (a *api) say(f dl.Func, c code) string {
	var text *byte // C memory that the library keeps
	if a.call(f, uintptr(c), uintptr(unsafe.Pointer(&text))) != success || text == nil {
		return ""
	}
	return cString(text)
}

// cString copies a text that ends with a 0.
func cString(text *byte) string {
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(text), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(text, n))
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
	advice := ""
	if kind == driver.ErrLost {
		advice = "; start the program again to use the device"
	}
	return fmt.Errorf("%s on %s: %w: %s%s", fmt.Sprintf(format, args...), d.info.Name, kind, d.words(c), advice)
}
