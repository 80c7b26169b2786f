package opencl

import "cookbook/internal/gpu/driver"

// Extras loads the libraries that queues use, and says which are here.
func (Backend) Extras() []driver.Extra {
	blas, fft := driver.Extra{Name: "CLBlast"}, driver.Extra{Name: "clFFT"}
	if l, none := loadBLAS(); none != nil {
		blas.Advice = none.Advice
	} else {
		blas.Found = "version " + l.library.Version
	}
	if l, none := loadFFT(); none != nil {
		fft.Advice = none.Advice
	} else {
		fft.Found = "version " + l.library.Version
	}
	return []driver.Extra{blas, fft}
}
