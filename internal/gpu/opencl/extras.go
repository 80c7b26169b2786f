package opencl

import (
	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// Extras looks for the libraries that package opencl can use.
func (Backend) Extras() []driver.Extra {
	all := []driver.Extra{{Name: "CLBlast", Found: "libclblast.so.1", Advice: "apt install libclblast1"}, {Name: "clFFT", Found: "libclFFT.so.2", Advice: "apt install libclfft2"}}
	for i, e := range all {
		if _, err := dl.Open(e.Found); err != nil {
			all[i].Found = ""
		}
	}
	return all
}
