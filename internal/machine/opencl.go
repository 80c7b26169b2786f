package machine

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode"

	"cookbook/internal/terminal"
)

// vendorsFolder is where OpenCL's loader looks for platforms unless told otherwise.
const vendorsFolder = "/etc/OpenCL/vendors"

// platforms returns the platforms that the loader at lib would offer, and why it would not offer others that are named, or any. No
// library is loaded.
//
// The loaders differ. Each reads OCL_ICD_VENDORS in place of [vendorsFolder], for a folder of .icd files. That of Debian, ocl-icd,
// also takes it for one .icd file, in its folder or here, or for a library, and reads OPENCL_VENDOR_PATH for the folder (its manual is
// libOpenCL(7)). That of Khronos reads OCL_ICD_FILENAMES for more libraries. A loader reads a variable whose name is in its file.
func (m Machine) platforms(lib string) (found, broken []string) {
	const most = 16 << 20 // bytes of a loader, which has about 100,000
	loader, _ := m.read(inRoot(lib), most)
	reads := func(variable string) string {
		value := m.env(variable)
		if value != "" && !bytes.Contains(loader, []byte(variable)) {
			broken = append(broken, "it does not read "+variable)
			return ""
		}
		return value
	}
	add := func(name, why string) {
		if why == "" {
			found = append(found, name)
		} else {
			broken = append(broken, why)
		}
	}
	for library := range strings.SplitSeq(reads("OCL_ICD_FILENAMES"), ":") {
		if library != "" {
			add(path.Base(library), m.whyNot("OCL_ICD_FILENAMES", library))
		}
	}
	folder := orElse(reads("OPENCL_VENDOR_PATH"), vendorsFolder)
	where := reads("OCL_ICD_VENDORS")
	in := orElse(where, folder)
	switch info, err := fs.Stat(m.root, inRoot(m.absolute(in))); {
	case err == nil && info.IsDir():
		none := true
		files, _ := fs.ReadDir(m.root, inRoot(m.absolute(in)))
		for _, file := range files {
			if name, ok := strings.CutSuffix(file.Name(), ".icd"); ok && name != "" {
				add(name, m.icd(path.Join(in, file.Name())))
				none = false
			}
		}
		if none {
			broken = append(broken, "no platform in "+quoted(in))
		}
	case where == "":
		broken = append(broken, "no platform in "+quoted(in)+", which is no folder")
	case bytes.Contains(loader, []byte("OCL_ICD_FILENAMES")):
		broken = append(broken, "OCL_ICD_VENDORS names "+quoted(where)+", which is no folder")
	case strings.HasSuffix(where, ".icd"):
		why := m.icd(where)
		if !strings.Contains(where, "/") && m.icd(path.Join(folder, where)) == "" {
			why = ""
		}
		add(strings.TrimSuffix(path.Base(where), ".icd"), why)
	default:
		add(path.Base(where), m.whyNot("OCL_ICD_VENDORS", where))
	}
	return found, broken
}

// icd returns why an .icd file offers no platform; "" if it may. The file's first line is the library, blanks and all.
func (m Machine) icd(file string) string {
	const most = 4096 // bytes, as the longest path
	text, err := m.read(inRoot(m.absolute(file)), most)
	switch library, _, _ := strings.Cut(string(text), "\n"); {
	case errors.Is(err, fs.ErrNotExist):
		return "no " + quoted(file)
	case err != nil:
		return quoted(file) + " cannot be read"
	default:
		return m.whyNot(strings.TrimSuffix(path.Base(file), ".icd"), library)
	}
}

// whyNot says why a library that somebody names would not be loaded; "" if it may.
func (m Machine) whyNot(who, library string) string {
	if library == "" {
		return quoted(who) + " names no library"
	}
	if why := m.notLoaded(library); why != "" {
		return quoted(who) + " names " + quoted(library) + ", which " + why
	}
	return ""
}

// quoted is a name, in quotes, and not all of it if it is long, where it holds what would not be seen.
func quoted(name string) string {
	const most = 80 // columns
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return terminal.Cut(strconv.Quote(name), most)
	}
	return name
}
