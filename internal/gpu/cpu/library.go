package cpu

import (
	"runtime"
	"runtime/debug"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/dsp/fourier"

	"cookbook/internal/gpu/driver"
)

// gonum is the library that answers here.
var gonum = sync.OnceValue(func() driver.Library {
	l := driver.Library{Name: "gonum"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "gonum.org/v1/gonum" {
				l.Version = m.Version
			}
		}
	}
	return l
})

// numbers returns n numbers of a buffer from byte offset on.
func numbers[T any](b driver.Buffer, offset, n int) []T {
	return sliceOf[T](b.(*buffer).part(offset, 1), n)
}

func (q *queue) Gemm(double, transA, transB bool, alpha float64, a, b driver.Matrix, beta float64, c driver.Matrix) (driver.Event, driver.Library, error) {
	op := func(trans bool) blas.Transpose {
		if trans {
			return blas.Trans
		}
		return blas.NoTrans
	}
	return q.add(func() error {
		if double {
			blas64.Gemm(op(transA), op(transB), alpha, general64(a), general64(b), beta, general64(c))
		} else {
			blas32.Gemm(op(transA), op(transB), float32(alpha), general32(a), general32(b), float32(beta), general32(c))
		}
		return nil
	}), gonum(), nil
}

func general64(m driver.Matrix) blas64.General {
	return blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Stride, Data: numbers[float64](m.Buffer, m.Offset, (m.Rows-1)*m.Stride+m.Cols)}
}

func general32(m driver.Matrix) blas32.General {
	return blas32.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Stride, Data: numbers[float32](m.Buffer, m.Offset, (m.Rows-1)*m.Stride+m.Cols)}
}

// FFT shares the rows among goroutines. A transform of gonum has room of its own, so each goroutine has one.
func (q *queue) FFT(double, inverse bool, n, batch int, in, out driver.Buffer) (driver.Event, driver.Library, error) {
	return q.add(func() error {
		var all sync.WaitGroup
		workers := min(runtime.GOMAXPROCS(0), batch)
		for w := range workers {
			all.Go(func() {
				transform := fourier.NewCmplxFFT(n)
				row := make([]complex128, n)
				for i := w; i < batch; i += workers {
					if double {
						copy(row, numbers[complex128](in, 16*n*i, n))
					} else {
						for j, c := range numbers[complex64](in, 8*n*i, n) {
							row[j] = complex128(c)
						}
					}
					if inverse {
						transform.Sequence(row, row)
						for j := range row {
							row[j] = complex(real(row[j])/float64(n), imag(row[j])/float64(n))
						}
					} else {
						transform.Coefficients(row, row)
					}
					if double {
						copy(numbers[complex128](out, 16*n*i, n), row)
						continue
					}
					to := numbers[complex64](out, 8*n*i, n)
					for j, c := range row {
						to[j] = complex64(c)
					}
				}
			})
		}
		all.Wait()
		return nil
	}), gonum(), nil
}
