package machine

import (
	"strings"
	"testing"
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
		want   string // - for none that could be loaded, then what is said of all that are named
	}{
		{"no platform", ocl, nil, nil, "- no platform in /etc/OpenCL/vendors, which is no folder"},
		{"an empty folder", ocl, is{"etc/OpenCL/vendors/README": ""}, nil, "- no platform in /etc/OpenCL/vendors"},
		{"by the linker's lists", ocl, is{"etc/ld.so.conf.d/x.conf": "# mine\n/opt/cl/lib\n", "opt/cl/lib/libpocl.so.2": elf,
			"etc/OpenCL/vendors/pocl.icd": "libpocl.so.2\n"}, nil, "pocl"},
		{"another folder", ocl, is{"b/mine.icd": "/b/mine.so", "b/mine.so": elf, "etc/OpenCL/vendors/a.icd": "/b/mine.so"},
			is{"OCL_ICD_VENDORS": "/b"}, "mine"},
		{"a folder below the current one", ocl, is{"here/b/mine.icd": "./b/mine.so", "here/b/mine.so": elf},
			is{"OCL_ICD_VENDORS": "b/"}, "mine"},
		{"a folder with marks in its name", ocl, is{"[b]*/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/[b]*"}, "mine"},
		{"a folder with the ending of a file", ocl, is{"b.icd/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/b.icd"}, "mine"},
		{"no such folder", ocl, nil, is{"OCL_ICD_VENDORS": "/nowhere"}, "- OCL_ICD_VENDORS names /nowhere, which is not there"},
		{"one file", ocl, is{"b/mine.icd": "/b/mine.so", "b/mine.so": elf}, is{"OCL_ICD_VENDORS": "/b/mine.icd"}, "mine"},
		{"no such file", ocl, nil, is{"OCL_ICD_VENDORS": "/b/mine.icd"}, "- no /b/mine.icd"},
		{"one file by its name", ocl, is{"etc/OpenCL/vendors/mine.icd": "/b/mine.so", "b/mine.so": elf, "etc/OpenCL/vendors/other.icd": "/b/mine.so"},
			is{"OCL_ICD_VENDORS": "mine.icd"}, "mine"},
		{"one file by its name, here", ocl, is{"here/mine.icd": "/b/mine.so", "b/mine.so": elf}, is{"OCL_ICD_VENDORS": "mine.icd"}, "mine"},
		{"a library by its name", ocl, is{"lib/libpocl.so.2": elf}, is{"OCL_ICD_VENDORS": "libpocl.so.2"}, "libpocl.so.2"},
		{"a library by its path", ocl, is{"here/plain": elf}, is{"OCL_ICD_VENDORS": "./plain"}, "plain"},
		{"a library here, by its name", ocl, is{"here/plain": elf}, is{"OCL_ICD_VENDORS": "plain"}, "- OCL_ICD_VENDORS names plain, which is not there"},
		{"a library for a file", ocl, is{"b/lib.icd": elf}, is{"OCL_ICD_VENDORS": "/b/lib.icd"}, `- lib names "\x7fELF`},
		{"a folder of ocl-icd", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b"}, "mine"},
		{"a file of that folder", ocl, is{"b/mine.icd": "/mine.so", "b/other.icd": "/mine.so", "mine.so": elf},
			is{"OPENCL_VENDOR_PATH": "/b", "OCL_ICD_VENDORS": "mine.icd"}, "mine"},
		{"a file in place of that folder", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b/mine.icd"},
			"- no platform in /b/mine.icd, which is no folder"},
		{"two folders", ocl, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OPENCL_VENDOR_PATH": "/b", "OCL_ICD_VENDORS": "/c"},
			"- OCL_ICD_VENDORS names /c, which is not there"},
		{"libraries of Khronos's loader", khronos, is{"b/one.so": elf, "b/two.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"},
			is{"OCL_ICD_FILENAMES": "/b/one.so:/b/two.so:/b/no.so"}, "one.so, two.so, a; OCL_ICD_FILENAMES names /b/no.so, which is not there"},
		{"a file for Khronos's loader", khronos, is{"b/mine.icd": "/mine.so", "mine.so": elf}, is{"OCL_ICD_VENDORS": "/b/mine.icd"},
			"- OCL_ICD_VENDORS names /b/mine.icd, which is no folder"},
		{"a variable of the other loader", ocl, is{"b/one.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"}, is{"OCL_ICD_FILENAMES": "/b/one.so"},
			"a; it does not read OCL_ICD_FILENAMES"},
		{"a folder for the other loader", khronos, is{"b/one.icd": "/b/one.so", "b/one.so": elf, "etc/OpenCL/vendors/a.icd": "/b/one.so"},
			is{"OPENCL_VENDOR_PATH": "/b"}, "a; it does not read OPENCL_VENDOR_PATH"},
		{"a library that is gone", ocl, is{"etc/OpenCL/vendors/pocl.icd": "libpocl.so.2"}, nil, "- pocl names libpocl.so.2, which is not there"},
		{"one of two", ocl, is{"etc/OpenCL/vendors/a.icd": "libgone.so", "etc/OpenCL/vendors/b.icd": "/b.so", "b.so": elf}, nil,
			"b; a names libgone.so, which is not there"},
		{"an empty file", ocl, is{"etc/OpenCL/vendors/a.icd": ""}, nil, "- a names no library"},
		{"an empty line", ocl, is{"etc/OpenCL/vendors/a.icd": "\n/b.so", "b.so": elf}, nil, "- a names no library"},
		{"two lines", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so\n/c.so\n", "b.so": elf}, nil, "a"},
		{"a line break of Windows", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so\r\n", "b.so": elf}, nil, `- a names "/b.so\r", which is not there`},
		{"a blank behind the name", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so \n", "b.so": elf}, nil, `- a names "/b.so ", which is not there`},
		{"a folder for a library", ocl, is{"etc/OpenCL/vendors/a.icd": "/b", "b/c": ""}, nil, "- a names /b, which cannot be read"},
		{"a text for a library", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so", "b.so": "GROUP ( libc.so.6 )     "}, nil, "- a names /b.so, which is no library"},
		{"a library of another processor", ocl, is{"etc/OpenCL/vendors/a.icd": "/b.so", "b.so": arm}, nil, "- a names /b.so, which is made for another processor"},
		{"the first library that fits", ocl, is{"etc/OpenCL/vendors/a.icd": "b.so", "lib/i386-linux-gnu/b.so": x86, "usr/lib/b.so": elf}, nil, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := is{"lib/libOpenCL.so.1": tt.loader, "proc/self/exe": elf}
			for name, text := range tt.files {
				files[name] = text
			}
			found, broken := fakeMachine(files, tt.env).platforms("/lib/libOpenCL.so.1")
			detail := strings.Join(append([]string{strings.Join(found, ", ")}, broken...), "; ")
			want, none := strings.CutPrefix(tt.want, "-")
			if none {
				detail, want = strings.TrimPrefix(detail, "; "), strings.TrimPrefix(want, " ")
			}
			if len(found) > 0 == none || detail != want && !(strings.HasSuffix(want, "ELF") && strings.HasPrefix(detail, want)) {
				t.Errorf("got %q, want %q", detail, tt.want)
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
