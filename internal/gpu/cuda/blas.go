package cuda

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// libraries is what a queue has of CUDA's libraries; each is made when it is first used. The queue's lock order guards it.
type libraries struct {
	blas      uintptr        // handle of cuBLAS; 0: none
	plans     map[plan]int32 // of cuFFT
	generator uintptr        // of cuRAND; 0: none
}

// close gives all of it back. The context is current.
func (l *libraries) close() {
	if l.blas != 0 {
		b, _ := loadBLAS()
		b.destroy.Call(l.blas)
	}
	if len(l.plans) > 0 {
		f, _ := loadFFT()
		for _, p := range l.plans {
			f.destroy.Call(uintptr(p))
		}
	}
	if l.generator != 0 {
		r, _ := loadRandom()
		r.destroy.Call(l.generator)
	}
}

// status is what a function of cuBLAS, cuFFT or cuRAND returns; 0 is success.
type status int32

// failure is the error for a status, nil for success. Memory and unsupported are the library's own codes for these.
func (s status) failure(d *device, l driver.Library, what string, memory, unsupported []status) error {
	kind := driver.ErrLost
	switch {
	case s == 0:
		return nil
	case slices.Contains(memory, s):
		kind = driver.ErrMemory
	case slices.Contains(unsupported, s):
		kind = driver.ErrUnsupported
	}
	return fmt.Errorf("%s on %s: %w: %s %s answers with code %d", what, d.info.Name, kind, l.Name, l.Version, s)
}

// cublas is the library cuBLAS.
type cublas struct {
	library                                              driver.Library
	property, create, destroy, setStream, single, double dl.Func
}

// loadBLAS loads cuBLAS, once.
var loadBLAS = sync.OnceValues(func() (*cublas, *none) {
	b := &cublas{}
	_, none := openLibrary(libcublas(), process().version.major, []function{
		{&b.property, "cublasGetProperty"}, {&b.create, "cublasCreate_v2"}, {&b.destroy, "cublasDestroy_v2"},
		{&b.setStream, "cublasSetStream_v2"}, {&b.single, "cublasSgemm_v2"}, {&b.double, "cublasDgemm_v2"},
	})
	if none != nil {
		return nil, none
	}
	b.library = driver.Library{Name: "cuBLAS", Version: versionOf(b.property)}
	return b, nil
})

// Gemm multiplies with cuBLAS, in float32 or float64 throughout: it does not allow TF32. The first call of a queue makes a handle,
// which takes up to a second.
func (q *queue) Gemm(double, transA, transB bool, alpha float64, a, b driver.Matrix, beta float64, c driver.Matrix) (driver.Event, driver.Library, error) {
	d := q.device
	blas, none := loadBLAS()
	if none != nil {
		return nil, driver.Library{}, none.on(d.info.Name)
	}
	inner := a.Cols
	if transA {
		inner = a.Rows
	}
	for _, n := range []int{c.Rows, c.Cols, inner, a.Stride, b.Stride, c.Stride} {
		if n > math.MaxInt32 {
			return nil, blas.library, fmt.Errorf("product of matrices on %s: %w: cuBLAS counts in 32 bits, and %d is more", d.info.Name, driver.ErrUnsupported, n)
		}
	}
	operation := func(transposed bool) uintptr {
		if transposed {
			return 1 // CUBLAS_OP_T
		}
		return 0 // CUBLAS_OP_N
	}
	at := func(m driver.Matrix) uintptr { return m.Buffer.(*buffer).at + uintptr(m.Offset) }
	// cuBLAS stores matrices by columns. What it takes for the transpose of C is C by rows: Cᵀ = op(B)ᵀ · op(A)ᵀ, and there B and A,
	// stored by rows, are the transposes already.
	single := [2]float32{float32(alpha), float32(beta)}
	full := [2]float64{alpha, beta}
	gemm, pa, pb := blas.single, unsafe.Pointer(&single[0]), unsafe.Pointer(&single[1])
	if double {
		gemm, pa, pb = blas.double, unsafe.Pointer(&full[0]), unsafe.Pointer(&full[1])
	}
	if err := q.prepare("product of matrices", func() error { return q.prepareBLAS(blas) }); err != nil {
		return nil, blas.library, err
	}
	e, err := q.run("product of matrices", false, func() error {
		return blas.failure(d, gemm.Call(q.libraries.blas, operation(transB), operation(transA), uintptr(c.Cols), uintptr(c.Rows), uintptr(inner),
			uintptr(pa), at(b), uintptr(b.Stride), at(a), uintptr(a.Stride), uintptr(pb), at(c), uintptr(c.Stride)))
	})
	return e, blas.library, err
}

// prepareBLAS makes the queue's handle.
func (q *queue) prepareBLAS(blas *cublas) error {
	if q.libraries.blas != 0 {
		return nil
	}
	var handle uintptr
	if err := blas.failure(q.device, blas.create.Call(uintptr(unsafe.Pointer(&handle)))); err != nil {
		return err
	}
	if err := blas.failure(q.device, blas.setStream.Call(handle, q.stream)); err != nil {
		blas.destroy.Call(handle)
		return err
	}
	q.libraries.blas = handle
	return nil
}

func (b *cublas) failure(d *device, rc uintptr) error {
	const allocFailed, archMismatch, notSupported = 3, 8, 15
	return status(rc).failure(d, b.library, "product of matrices", []status{allocFailed}, []status{archMismatch, notSupported})
}
