package driver

// Library is a library of the device that answered, for a reader to see.
type Library struct{ Name, Version string }

// NoLibrary is why a device has no library for something: what is missing and what to install. It is an [ErrUnsupported].
type NoLibrary struct{ Library, Device, Advice string }

func (e *NoLibrary) Error() string {
	return e.Library + " is not here for " + e.Device + ": " + e.Advice
}

// Is makes a NoLibrary an [ErrUnsupported].
func (e *NoLibrary) Is(target error) bool { return target == ErrUnsupported }

// Missing says that this machine lacks something.
func (e *NoLibrary) Missing() bool { return true }

// Extra is a library that devices of a back end use for some calls, as far as this machine has it.
type Extra struct {
	Name   string // CLBlast
	Found  string // which one it is; "": it is not here
	Advice string // how to get it
}

// Extras is a [Backend] that can say which of these libraries are here. It loads them, which may take a second.
type Extras interface{ Extras() []Extra }

// Matrix is a row-major matrix in a buffer.
type Matrix struct {
	Buffer     Buffer
	Offset     int // bytes
	Rows, Cols int // as they are stored
	Stride     int // elements from one row to the next
}

// BLAS is a [Queue] whose device has a library of linear algebra.
type BLAS interface {
	// Gemm computes C = alpha·op(A)·op(B) + beta·C, where op transposes if asked to. Elements are float32, or float64 if double.
	// The sizes fit and are not 0. With beta 0, C's old contents do not matter.
	Gemm(double, transA, transB bool, alpha float64, a, b Matrix, beta float64, c Matrix) (Event, Library, error)
}

// FFT is a [Queue] whose device has a library of Fourier transforms.
type FFT interface {
	// FFT transforms batch rows of n complex numbers each, which follow one another, from one buffer to another: forwards without
	// a factor, backwards (inverse) with the factor 1/n. Elements are complex64, or complex128 if double.
	FFT(double, inverse bool, n, batch int, in, out Buffer) (Event, Library, error)
}

// Random is a [Queue] whose device has a library of random numbers.
type Random interface {
	// Uniform fills out with n float32 of (0, 1] or [0, 1), as the library has it, from a seed.
	Uniform(seed uint64, n int, out Buffer) (Event, Library, error)
}
