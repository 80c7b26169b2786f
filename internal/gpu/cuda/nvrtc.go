package cuda

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// nvrtc is NVIDIA's compiler for kernels, as a library. It needs no device.
type nvrtc struct {
	mu      sync.Mutex // one compilation at a time
	version version
	archs   []int // compute capabilities for which it compiles, times 10, the lowest first

	getVersion, numArchs, getArchs, errorString dl.Func
	create, compile, destroy, logSize, log      dl.Func
	ptxSize, ptx, cubinSize, cubin              dl.Func
}

// compilers are those that were loaded, by the CUDA version of the driver that they are for; see [libraryNames].
var compilers struct {
	sync.Mutex
	byMajor map[int]*nvrtc
}

// loadNVRTC loads the compiler that suits a driver best; 0 stands for no driver. The error is a NoLibrary.
func loadNVRTC(major int, forWhat string) (*nvrtc, error) {
	compilers.Lock()
	defer compilers.Unlock()
	if n := compilers.byMajor[major]; n != nil {
		return n, nil
	}
	n := &nvrtc{}
	found, none := openLibrary(libnvrtc(), major, []function{
		{&n.getVersion, "nvrtcVersion"}, {&n.numArchs, "nvrtcGetNumSupportedArchs"}, {&n.getArchs, "nvrtcGetSupportedArchs"},
		{&n.errorString, "nvrtcGetErrorString"}, {&n.create, "nvrtcCreateProgram"}, {&n.compile, "nvrtcCompileProgram"},
		{&n.destroy, "nvrtcDestroyProgram"}, {&n.logSize, "nvrtcGetProgramLogSize"}, {&n.log, "nvrtcGetProgramLog"},
		{&n.ptxSize, "nvrtcGetPTXSize"}, {&n.ptx, "nvrtcGetPTX"}, {&n.cubinSize, "nvrtcGetCUBINSize"}, {&n.cubin, "nvrtcGetCUBIN"},
	})
	if none != nil {
		return nil, none.on(forWhat)
	}
	var v, w, count int32
	n.getVersion.Call(uintptr(unsafe.Pointer(&v)), uintptr(unsafe.Pointer(&w)))
	n.version = version{int(v), int(w)}
	if folder := filepath.Dir(found); folder != "." {
		// NVRTC has a second file, which it does not find by itself in a folder that only we know of. Loaded already, it is found by its name.
		dl.Open(filepath.Join(folder, "libnvrtc-builtins.so."+n.version.String()))
	}
	n.numArchs.Call(uintptr(unsafe.Pointer(&count)))
	if count > 0 {
		archs := make([]int32, count)
		n.getArchs.Call(uintptr(unsafe.Pointer(&archs[0])))
		for _, a := range archs {
			n.archs = append(n.archs, int(a))
		}
		slices.Sort(n.archs)
	}
	if compilers.byMajor == nil {
		compilers.byMajor = map[int]*nvrtc{}
	}
	compilers.byMajor[major] = n
	return n, nil
}

// archFor returns for what to compile so that a device of the given compute capability can run it: machine code for the device
// itself, or, for a device that is newer than the compiler, PTX of the last architecture before it, which the driver compiles on.
func (n *nvrtc) archFor(capability version) (string, error) {
	want := capability.major*10 + capability.minor
	below := 0
	for _, a := range n.archs {
		if a == want {
			return fmt.Sprintf("sm_%d", a), nil
		}
		if a < want {
			below = a
		}
	}
	if below > 0 {
		return fmt.Sprintf("compute_%d", below), nil
	}
	if len(n.archs) == 0 {
		return "", fmt.Errorf("%w: NVRTC %v does not say for which devices it compiles", driver.ErrUnsupported, n.version)
	}
	return "", fmt.Errorf("%w: NVRTC %v compiles for compute capability %v and later, the device has %v; install the NVRTC of an older CUDA",
		driver.ErrUnsupported, n.version, version{n.archs[0] / 10, n.archs[0] % 10}, capability)
}

// Compile compiles CUDA C++ with NVRTC, without a device and without the driver. Arch is what nvcc calls so: for compute_90 the image
// is PTX, a text with a 0 at its end; for sm_90 it is machine code. The log is what the compiler said, which may be warnings, or
// "". It takes some 50 to 100 ms.
//
// The error is a [driver.NoLibrary] where NVRTC is missing, a [driver.BuildError], without a position, where the source does not compile.
func Compile(source, arch string) (image []byte, log string, err error) {
	n, err := loadNVRTC(0, arch)
	if err != nil {
		return nil, "", err
	}
	image, log, failed := n.run("kernel.cu", source, arch)
	if failed != "" {
		return nil, log, &driver.BuildError{Device: arch, Message: firstError(log, failed).message, Log: log}
	}
	return image, log, nil
}

// run compiles a source. Failed is what went wrong, in a word of NVRTC; the log then says more.
func (n *nvrtc) run(name, source, arch string) (image []byte, log, failed string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, file := cText(source), cText(name)
	var program uintptr
	if rc := n.create.Call(uintptr(unsafe.Pointer(&program)), uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(&file[0])), 0, 0, 0); rc != 0 {
		return nil, "", n.words(rc)
	}
	defer n.destroy.Call(uintptr(unsafe.Pointer(&program)))
	rc := n.compileWith(program, "--gpu-architecture="+arch, "--std=c++17", "--fmad=false")
	log = strings.TrimSpace(string(bytes.TrimRight(n.get(program, n.logSize, n.log), "\x00")))
	if rc != 0 {
		return nil, log, n.words(rc)
	}
	size, get := n.ptxSize, n.ptx
	if strings.HasPrefix(arch, "sm_") {
		size, get = n.cubinSize, n.cubin
	}
	if image = n.get(program, size, get); len(image) == 0 {
		return nil, log, "no code"
	}
	return image, log, ""
}

// compileWith compiles a program with options.
func (n *nvrtc) compileWith(program uintptr, options ...string) uintptr {
	pointers := make([]*byte, len(options))
	for i, o := range options {
		pointers[i] = &cText(o)[0]
	}
	return n.compile.Call(program, uintptr(len(pointers)), uintptr(unsafe.Pointer(&pointers[0])))
}

// get returns what a pair of functions says, for the size and for the bytes.
func (n *nvrtc) get(program uintptr, size, bytes dl.Func) []byte {
	var length uintptr
	if size.Call(program, uintptr(unsafe.Pointer(&length))) != 0 || length == 0 {
		return nil
	}
	value := make([]byte, length)
	if bytes.Call(program, uintptr(unsafe.Pointer(&value[0]))) != 0 {
		return nil
	}
	return value
}

// words returns the name of a code of NVRTC.
func (n *nvrtc) words(rc uintptr) string {
	at := n.errorString.Call(rc) // C memory that the library keeps
	return fmt.Sprintf("%s (%d)", cString(*(**byte)(unsafe.Pointer(&at))), int32(rc))
}

// cText returns a text as C has it.
func cText(s string) []byte { return append([]byte(s), 0) }
