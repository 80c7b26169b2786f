package cuda

import (
	"path/filepath"

	"cookbook/internal/gpu/driver"
)

// Extras looks for the compiler and for the libraries of CUDA's toolkit, in the versions that suit the driver, if there is one.
func (Backend) Extras() []driver.Extra {
	var all []driver.Extra
	for _, l := range []library{libnvrtc(), libcublas(), libcufft(), libcurand()} {
		e := driver.Extra{Name: l.name, Advice: l.advice}
		if name, none := openLibrary(l, process().version.major, nil); none == nil {
			e.Found = filepath.Base(name)
		}
		all = append(all, e)
	}
	return all
}
