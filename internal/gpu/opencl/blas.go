package opencl

import (
	"fmt"
	"sync"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// clblast is the library CLBlast. Its first call for a device compiles what it needs: 5 s on PoCL, 25 ms once PoCL has kept that.
type clblast struct {
	mu      sync.Mutex // one call at a time
	library driver.Library
	single  func(layout, transA, transB int32, m, n, k uintptr, alpha float32, a, aOffset, aStride, b, bOffset, bStride uintptr, beta float32, c, cOffset, cStride uintptr, queue, event *uintptr) int32
	double  func(layout, transA, transB int32, m, n, k uintptr, alpha float64, a, aOffset, aStride, b, bOffset, bStride uintptr, beta float64, c, cOffset, cStride uintptr, queue, event *uintptr) int32
	clear   dl.Func
}

// loadBLAS loads CLBlast, once.
var loadBLAS = sync.OnceValues(func() (*clblast, *driver.NoLibrary) {
	lib, library, err := openLibrary("CLBlast", "libclblast.so.", "1", "libclblast1")
	if err != nil {
		return nil, err
	}
	b := &clblast{library: library, clear: lib.Func("CLBlastClearCache")}
	if b.clear == 0 || lib.Bind(&b.single, "CLBlastSgemm") != nil || lib.Bind(&b.double, "CLBlastDgemm") != nil {
		return nil, &driver.NoLibrary{Library: "CLBlast", Advice: "the one that is installed lacks functions; apt install libclblast1"}
	}
	return b, nil
})

// Gemm multiplies with CLBlast. The first call for a device in a process takes 25 ms to 5 s.
func (q *queue) Gemm(double, transA, transB bool, alpha float64, a, b driver.Matrix, beta float64, c driver.Matrix) (driver.Event, driver.Library, error) {
	d := q.device
	if double && !d.info.Float64 {
		return nil, driver.Library{}, fmt.Errorf("product of float64 on %s: %w: it has no float64", d.info.Name, driver.ErrUnsupported)
	}
	blas, none := loadBLAS()
	if none != nil {
		return nil, driver.Library{}, &driver.NoLibrary{Library: none.Library, Device: d.info.Name, Advice: none.Advice}
	}
	const rowMajor, plain, transposed = 101, 111, 112
	ta, tb, inner, elem := int32(plain), int32(plain), a.Cols, 4
	if transA {
		ta, inner = transposed, a.Rows
	}
	if transB {
		tb = transposed
	}
	if double {
		elem = 8
	}
	size := func(n int) uintptr { return uintptr(n) }
	at := func(m driver.Matrix) (memory, offset, stride uintptr) {
		return m.Buffer.(*buffer).handle, uintptr(m.Offset / elem), uintptr(m.Stride)
	}
	am, ao, as := at(a)
	bm, bo, bs := at(b)
	cm, co, cs := at(c)
	e := q.event("product of matrices")
	blas.mu.Lock()
	defer blas.mu.Unlock()
	d.usesBLAS.Store(true)
	var rc int32
	d.alone(func() {
		if double {
			rc = blas.double(rowMajor, ta, tb, size(c.Rows), size(c.Cols), size(inner), alpha, am, ao, as, bm, bo, bs, beta, cm, co, cs, &q.handle, &e.handle)
		} else {
			rc = blas.single(rowMajor, ta, tb, size(c.Rows), size(c.Cols), size(inner), float32(alpha), am, ao, as, bm, bo, bs, float32(beta), cm, co, cs, &q.handle, &e.handle)
		}
	})
	if rc <= -1000 {
		e.Free()
		return nil, blas.library, fmt.Errorf("product of matrices on %s: %w: CLBlast answers with code %d", d.info.Name, driver.ErrUnsupported, rc)
	}
	event, err := q.begin(e, code(rc))
	return event, blas.library, err
}

// forget makes CLBlast give back what it keeps for the device, and for the other ones, too; it knows no better.
func (d *device) forget() {
	if !d.usesBLAS.Load() {
		return
	}
	blas, _ := loadBLAS()
	blas.mu.Lock()
	defer blas.mu.Unlock()
	d.alone(func() { blas.clear.Call() })
}
