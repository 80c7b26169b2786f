//go:build static || !linux || android || !(amd64 || arm64 || loong64 || ppc64le || riscv64)

package dl

// Lib is a loaded library. There is none here.
type Lib struct{}

// Open returns ErrNone.
func Open(name string) (Lib, error) { return Lib{}, ErrNone }

// Func returns 0.
func (Lib) Func(name string) Func { return 0 }

// Bind returns ErrNone.
func (Lib) Bind(f any, name string) error { return ErrNone }

// Call is never called, for there is no function. It returns 0.
func (f Func) Call(args ...uintptr) uintptr { return 0 }
