//go:build !static && linux && !android && (amd64 || arm64 || loong64 || ppc64le || riscv64)

package dl

import (
	"fmt"

	"github.com/ebitengine/purego"
)

// Lib is a loaded library. It stays loaded until the process ends.
type Lib struct{ handle uintptr }

// Open loads the library of the given name, such as libOpenCL.so.1. The error is the one of the system.
func Open(name string) (Lib, error) {
	handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return Lib{}, err
	}
	return Lib{handle}, nil
}

// Func looks a function up; it is 0 where the library has none of that name.
func (l Lib) Func(name string) Func {
	f, err := purego.Dlsym(l.handle, name)
	if err != nil {
		return 0
	}
	return Func(f)
}

// Bind makes *f, a Go func, call the library's function of that name; purego.RegisterFunc says how types correspond. It costs more
// than [Func.Call], and passes floating-point numbers and strings.
func (l Lib) Bind(f any, name string) error {
	at := l.Func(name)
	if at == 0 {
		return fmt.Errorf("the library has no function %s", name)
	}
	purego.RegisterFunc(f, uintptr(at))
	return nil
}

// Call calls the function, which must not be 0, with up to 32 integers and pointers. A pointer to Go memory is converted in the call
// itself, uintptr(unsafe.Pointer(p)): then it is valid while the call lasts. The call blocks a thread of the system.
//
//go:uintptrescapes
func (f Func) Call(args ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(uintptr(f), args...)
	return result
}
