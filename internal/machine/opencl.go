package machine

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"cookbook/internal/terminal"
)

// vendorsFolder is where OpenCL's loader looks for platforms unless told otherwise.
const vendorsFolder = "/etc/OpenCL/vendors"

// platforms returns the platforms that OpenCL's loader would offer, and why it would not offer others that are named. As the loader
// does it takes OCL_ICD_VENDORS for a folder of .icd files, for one .icd file, or for a library, and OCL_ICD_FILENAMES for
// libraries. An .icd file names a library. No library is loaded.
func (m Machine) platforms() (found, broken []string) {
	add := func(name, library string) {
		switch {
		case library == "":
			broken = append(broken, name+" names no library")
		case m.isThere(library):
			found = append(found, name)
		default:
			broken = append(broken, name+" names "+library+", which is not there")
		}
	}
	icd := func(file string) {
		text, err := fs.ReadFile(m.root, inRoot(file))
		if err != nil {
			broken = append(broken, "no "+file)
			return
		}
		library, _, _ := strings.Cut(string(text), "\n")
		add(strings.TrimSuffix(path.Base(file), ".icd"), strings.TrimSpace(library))
	}
	where := orElse(m.env("OCL_ICD_VENDORS"), vendorsFolder)
	info, err := fs.Stat(m.root, inRoot(where))
	switch {
	case err == nil && info.IsDir():
		files, _ := fs.Glob(m.root, path.Join(inRoot(where), "*.icd"))
		for _, file := range files {
			icd("/" + file)
		}
	case strings.HasSuffix(where, ".icd") && !strings.Contains(where, "/"):
		icd(path.Join(vendorsFolder, where))
	case strings.HasSuffix(where, ".icd"):
		icd(where)
	case strings.Contains(path.Base(where), ".so"):
		add(path.Base(where), where)
	}
	for library := range strings.SplitSeq(m.env("OCL_ICD_FILENAMES"), ":") {
		if library != "" {
			add(path.Base(library), library)
		}
	}
	return found, broken
}

// isThere reports whether the dynamic linker would find a library, given by its path or its name.
func (m Machine) isThere(library string) bool {
	if !strings.Contains(library, "/") {
		return m.library(library) != ""
	}
	_, err := fs.Stat(m.root, inRoot(library))
	return err == nil
}

// inRoot is an absolute path as a file system from / has it.
func inRoot(name string) string { return orElse(strings.TrimPrefix(path.Clean("/"+name), "/"), ".") }

// withoutDevice asks clinfo, if it is here, which platforms have no device, and how many there are.
func withoutDevice(ctx context.Context) (bare []string, platforms int) {
	text, err := ask(ctx, "clinfo", "-l")
	if err != nil {
		return nil, 0
	}
	devices := false // of the platform above
	for _, line := range terminal.SafeLines(text) {
		kind, name, _ := strings.Cut(strings.TrimLeft(line, " `-|+"), ": ")
		switch {
		case strings.HasPrefix(kind, "Platform #"):
			bare, platforms, devices = append(bare, name), platforms+1, false
		case strings.HasPrefix(kind, "Device #") && platforms > 0 && !devices:
			bare, devices = bare[:len(bare)-1], true
		}
	}
	return bare, platforms
}
