package machine

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"cookbook/internal/machine/machinetest"
)

// The first bytes of a library for this processor and for another one, and the loaders: each has in it the variables that it reads.
const (
	elf     = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00"
	arm     = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\xb7\x00"
	x86     = "\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x03\x00"
	ocl     = elf + "OCL_ICD_VENDORS\x00OPENCL_VENDOR_PATH\x00"
	khronos = elf + "OCL_ICD_VENDORS\x00OCL_ICD_FILENAMES\x00"
)

func TestOpenCLPlatformsAreThoseOfItsLoader(t *testing.T) {
	type is = map[string]string
	for _, tt := range []struct {
		name   string
		loader string
		files  is
		env    is
		want   string // - for not found, then the detail behind the loader's path
	}{
		{"no platform", ocl, nil, nil, "-, but no platform in /etc/OpenCL/vendors, which is no folder"},
		{"an empty folder", ocl, is{"etc/OpenCL/vendors/README": ""}, nil, "-, but no platform in /etc/OpenCL/vendors"},
		{"by the linker's lists", ocl, is{"etc/ld.so.conf.d/x.conf": "# mine\n/opt/cl/lib\n", "opt/cl/lib/libpocl.so.2": elf,
			"etc/OpenCL/vendors/pocl.icd": "libpocl.so.2\n"}, nil, "; platforms: pocl"},
		{"another folder", ocl, is{"b/mine.icd": "/b/mine.so", "b/mine.so": elf, "etc/OpenCL/vendors/a.icd": "/b/mine.so"},
			is{"OCL_ICD_VENDORS": "/b"}, "; platforms: mine"},
		{"a folder below the current one", ocl, is{"here/b/mine.icd": "./b/mine.so", "here/b/mine.so": elf},
			is{"OCL_ICD_VENDORS": "b/"}, "; platforms: mine"},
		{"a folder with marks in its name", ocl, is{"[b]*/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/[b]*"}, "; platforms: mine"},
		{"a folder with the ending of a file", ocl, is{"b.icd/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/b.icd"}, "; platforms: mine"},
		{"no such folder", ocl, nil, is{"OCL_ICD_VENDORS": "/nowhere"}, "-, but OCL_ICD_VENDORS names /nowhere, which is not there"},
		{"one file", ocl, is{"b/mine.icd": "/b/mine.so", "b/mine.so": elf}, is{"OCL_ICD_VENDORS": "/b/mine.icd"}, "; platforms: mine"},
		{"no such file", ocl, nil, is{"OCL_ICD_VENDORS": "/b/mine.icd"}, "-, but no /b/mine.icd"},
		{"one file by its name", ocl, is{"etc/OpenCL/vendors/mine.icd": "/b/mine.so", "b/mine.so": elf, "etc/OpenCL/vendors/other.icd": "/b/mine.so"},
			is{"OCL_ICD_VENDORS": "mine.icd"}, "; platforms: mine"},
		{"one file by its name, here", ocl, is{"here/mine.icd": "/b/mine.so", "b/mine.so": elf}, is{"OCL_ICD_VENDORS": "mine.icd"}, "; platforms: mine"},
		{"a library by its name", ocl, is{"lib/libpocl.so.2": elf}, is{"OCL_ICD_VENDORS": "libpocl.so.2"}, "; platforms: libpocl.so.2"},
		{"a library by its path", ocl, is{"here/plain": elf}, is{"OCL_ICD_VENDORS": "./plain"}, "; platforms: plain"},
		{"a library here, by its name", ocl, is{"here/plain": elf}, is{"OCL_ICD_VENDORS": "plain"}, "-, but OCL_ICD_VENDORS names plain, which is not there"},
		{"a library for a file", ocl, is{"b/lib.icd": elf}, is{"OCL_ICD_VENDORS": "/b/lib.icd"}, `-, but lib names "\x7fELF`},
		{"a folder of ocl-icd", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b"}, "; platforms: mine"},
		{"a file of that folder", ocl, is{"b/mine.icd": "/mine.so", "b/other.icd": "/mine.so", "mine.so": elf},
			is{"OPENCL_VENDOR_PATH": "/b", "OCL_ICD_VENDORS": "mine.icd"}, "; platforms: mine"},
		{"a file in place of that folder", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b/mine.icd"},
			"-, but no platform in /b/mine.icd, which is no folder"},
		{"two folders", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b", "OCL_ICD_VENDORS": "/c"},
			"-, but OCL_ICD_VENDORS names /c, which is not there"},
		{"libraries of Khronos's loader", khronos, is{"b/one.so": elf, "b/two.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"},
			is{"OCL_ICD_FILENAMES": "/b/one.so:/b/two.so:/b/no.so"}, "; platforms: one.so, two.so, a; OCL_ICD_FILENAMES names /b/no.so, which is not there"},
		{"a file for Khronos's loader", khronos, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/b/mine.icd"},
			"-, but OCL_ICD_VENDORS names /b/mine.icd, which is no folder"},
		{"a variable of the other loader", ocl, is{"b/one.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"}, is{"OCL_ICD_FILENAMES": "/b/one.so"},
			"; platforms: a; it does not read OCL_ICD_FILENAMES"},
		{"a folder for the other loader", khronos, is{"b/one.icd": "/b/one.so", "b/one.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"},
			is{"OPENCL_VENDOR_PATH": "/b"}, "; platforms: a; it does not read OPENCL_VENDOR_PATH"},
		{"a library that is gone", ocl, is{"etc/OpenCL/vendors/pocl.icd": "libpocl.so.2"}, nil, "-, but pocl names libpocl.so.2, which is not there"},
		{"one of two", ocl, is{"etc/OpenCL/vendors/a.icd": "libgone.so", "etc/OpenCL/vendors/b.icd": "/b.so", "b.so": elf}, nil,
			"; platforms: b; a names libgone.so, which is not there"},
		{"an empty file", ocl, is{"etc/OpenCL/vendors/a.icd": ""}, nil, "-, but a names no library"},
		{"an empty line", ocl, is{"etc/OpenCL/vendors/a.icd": "\n/b.so", "b.so": elf}, nil, "-, but a names no library"},
		{"two lines", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so\n/c.so\n", "b.so": elf}, nil, "; platforms: a"},
		{"a line break of Windows", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so\r\n", "b.so": elf}, nil, `-, but a names "/b.so\r", which is not there`},
		{"a blank behind the name", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so \n", "b.so": elf}, nil, `-, but a names "/b.so ", which is not there`},
		{"a folder for a library", ocl, is{"etc/OpenCL/vendors/a.icd": "/b", "b/c": ""}, nil, "-, but a names /b, which cannot be read"},
		{"a text for a library", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so", "b.so": "GROUP ( libc.so.6 )     "}, nil, "-, but a names /b.so, which is no library"},
		{"a library of another processor", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so", "b.so": arm}, nil, "-, but a names /b.so, which is made for another processor"},
		{"the first library that fits", ocl, is{"etc/OpenCL/vendors/a.icd": "b.so", "lib/i386-linux-gnu/b.so": x86, "usr/lib/b.so": elf}, nil, "; platforms: a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir()) // no clinfo
			files := is{"lib/libOpenCL.so.1": tt.loader, "proc/self/exe": elf}
			for name, text := range tt.files {
				files[name] = text
			}
			found, detail := fakeMachine(files, tt.env).opencl(t.Context())
			detail = strings.TrimPrefix(detail, "/lib/libOpenCL.so.1")
			detail = strings.TrimSuffix(detail, "; whether they work and have a device is not known: no clinfo on PATH")
			want, missing := strings.CutPrefix(tt.want, "-")
			if found == missing || detail != want && !(strings.HasSuffix(want, "ELF") && strings.HasPrefix(detail, want)) {
				t.Errorf("got %v %q, want %v %q", found, detail, !missing, want)
			}
		})
	}
}

func TestALibraryIsFoundWhereTheLinkerLooks(t *testing.T) {
	for _, tt := range []struct{ file, path, want string }{
		{"usr/lib/x86_64-linux-gnu/l.so", "", "/usr/lib/x86_64-linux-gnu/l.so"},
		{"a/l.so", "", ""},
		{"a/l.so", "/nowhere:/a", "/a/l.so"},
		{"a/l.so", "/nowhere;/a", "/a/l.so"},
		{"[a]/l.so", "/[a]", "/[a]/l.so"},
		{"here/l.so", "", ""},
		{"here/l.so", "/nowhere:", "/here/l.so"},
		{"here/b/l.so", "b", "/here/b/l.so"},
	} {
		m := fakeMachine(map[string]string{tt.file: elf}, map[string]string{"LD_LIBRARY_PATH": tt.path})
		if got := m.library("l.so"); got != tt.want {
			t.Errorf("%s by %q: got %q, want %q", tt.file, tt.path, got, tt.want)
		}
	}
}

func TestOpenCLNeedsALoader(t *testing.T) {
	for name, loader := range map[string]string{"libOpenCL.so": elf, "libOpenCL.so.1": "text", "": ""} {
		if found, detail := fakeMachine(map[string]string{"lib/" + name: loader}, nil).opencl(t.Context()); found || detail != "no libOpenCL.so.1" {
			t.Errorf("%s: got %v %q", name, found, detail)
		}
	}
}

func TestOpenCLNeedsADevice(t *testing.T) {
	const platforms = "Platform #0: Portable\n `-- Device #0: cpu\n `-- Device #1: basic\nPlatform #1: Clover\n"
	m := fakeMachine(map[string]string{"lib/libOpenCL.so.1": ocl, "etc/OpenCL/vendors/a.icd": "/a.so", "a.so": elf}, nil)
	for says, want := range map[string]string{
		"echo 'Platform #0: Clover'":               "false /lib/libOpenCL.so.1; platforms: a; without a device: Clover",
		"/bin/cat <<'END'\n" + platforms + "END\n": "true /lib/libOpenCL.so.1; platforms: a; without a device: Clover",
		"exit 0": "false /lib/libOpenCL.so.1; platforms: a; but clinfo finds no platform",
		"exit 1": "true /lib/libOpenCL.so.1; platforms: a; whether they work and have a device is not known: ",
	} {
		t.Setenv("PATH", filepath.Dir(machinetest.Script(t, "clinfo", says)))
		if found, detail := m.opencl(t.Context()); !strings.HasPrefix(fmt.Sprint(found, " ", detail), want) {
			t.Errorf("%s: got %v %s, want %s", says, found, detail, want)
		}
	}
}
