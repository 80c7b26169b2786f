package opencl

import (
	"bytes"
	"os"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// openLibrary loads a library that uses OpenCL: the file name.number. The error is a NoLibrary without the device's name.
func openLibrary(name, file, number, debian string) (dl.Lib, driver.Library, *driver.NoLibrary) {
	lib, err := dl.Open(file + number)
	if err != nil {
		return lib, driver.Library{}, &driver.NoLibrary{Library: name, Advice: "apt install " + debian}
	}
	return lib, driver.Library{Name: name, Version: loadedVersion(file, number)}, nil
}

// loadedVersion returns the version in the full name of a library's file, once it is loaded: 1.5.3 of libclblast.so.1.5.3. Not all
// libraries have a function for it.
func loadedVersion(file, number string) string {
	maps, _ := os.ReadFile("/proc/self/maps")
	_, after, found := bytes.Cut(maps, []byte("/"+file))
	if !found {
		return number
	}
	version, _, _ := bytes.Cut(after, []byte("\n"))
	return string(version)
}

// alone runs f, which calls OpenCL by way of another library, as [api.call] calls functions itself.
func (a api) alone(f func()) {
	if a.one != nil {
		a.one.Lock()
		defer a.one.Unlock()
	}
	f()
}
