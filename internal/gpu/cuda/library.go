package cuda

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// library is a library of CUDA's toolkit: how its file is called, and what to install.
type library struct {
	name    string
	file    string
	numbers [3]string // behind .so in CUDA 13, 12 and 11
	advice  string
	folder  string // a variable of the environment that names the folder, beside CUDA_HOME and CUDA_PATH
}

func libnvrtc() library {
	return library{name: "NVRTC", file: "libnvrtc", numbers: [3]string{"13", "12", "11.2"}, folder: "COOKBOOK_NVRTC",
		advice: "it is part of the CUDA toolkit (Debian, non-free: apt install libnvrtc12 or libnvrtc11.2); COOKBOOK_NVRTC may name the folder of libnvrtc.so.*"}
}

func libcublas() library {
	return library{name: "cuBLAS", file: "libcublas", numbers: [3]string{"13", "12", "11"}, advice: toolkit("libcublas12 or libcublas11")}
}

func libcufft() library {
	return library{name: "cuFFT", file: "libcufft", numbers: [3]string{"12", "11", "10"}, advice: toolkit("libcufft11 or libcufft10")}
}

func libcurand() library {
	return library{name: "cuRAND", file: "libcurand", numbers: [3]string{"10", "10", "10"}, advice: toolkit("libcurand10")}
}

func toolkit(packages string) string {
	return "it is part of the CUDA toolkit (Debian, non-free: apt install " + packages + "); CUDA_HOME may name the toolkit's folder"
}

// libraryNames returns where a library may be, the best first, for a driver that can do the given CUDA version: libraries of the
// driver's own version come first, then older ones, which it can do as well, and newer ones last. Without a driver, 0, the newest
// comes first.
func (l library) names(major int) []string {
	var fit, newer []string
	for i, number := range l.numbers {
		name := l.file + ".so." + number
		if major == 0 || 13-i <= major {
			fit = append(fit, name)
		} else {
			newer = append([]string{name}, newer...)
		}
	}
	files := append(append(fit, newer...), l.file+".so")
	var names []string
	add := func(folder string) {
		for _, f := range files {
			names = append(names, filepath.Join(folder, f))
		}
	}
	if folder := os.Getenv(l.folder); l.folder != "" && folder != "" {
		add(folder)
	}
	for _, variable := range []string{"CUDA_HOME", "CUDA_PATH"} {
		if folder := os.Getenv(variable); folder != "" {
			add(filepath.Join(folder, "lib64"))
			add(filepath.Join(folder, "lib"))
		}
	}
	add("")
	return slices.Compact(names)
}

// none says why a library cannot be used.
type none struct{ library, advice string }

// on makes it the error for a device.
func (n *none) on(device string) error {
	return &driver.NoLibrary{Library: n.library, Device: device, Advice: n.advice}
}

// openLibrary loads a library and finds its functions. It returns under which name the library was found.
func openLibrary(l library, major int, functions []function) (name string, err *none) {
	for _, name := range l.names(major) {
		lib, err := dl.Open(name)
		if err != nil {
			continue
		}
		for _, f := range functions {
			if !f.find(lib) {
				return name, &none{l.name, fmt.Sprintf("%s lacks %s; %s", name, f.name, l.advice)}
			}
		}
		return name, nil
	}
	return "", &none{l.name, l.advice}
}

// versionOf asks a library's function GetProperty for its version.
func versionOf(property dl.Func) string {
	var v [3]int32 // major, minor, patch
	for i := range v {
		property.Call(uintptr(i), uintptr(unsafe.Pointer(&v[i])))
	}
	return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
}
