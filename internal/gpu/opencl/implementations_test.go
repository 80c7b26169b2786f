package opencl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// child runs tests of this binary in another process, with variables that an implementation of OpenCL reads when it is loaded. Tool,
// if any, stands before the command.
func child(t *testing.T, tests string, tool []string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // an implementation that hangs is killed
	defer cancel()
	args := append(tool, self, "-test.run="+tests, "-test.v")
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), append(env, "COOKBOOK_TEST_REQUIRE=")...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v with %v: %v\n%s", args, env, err, out)
	}
	return string(out)
}

// TestImplementations runs the tests of devices on each implementation of OpenCL that is installed.
func TestImplementations(t *testing.T) {
	if _, err := dl.Open(dl.Self); errors.Is(err, dl.ErrNone) {
		t.Skip(err)
	}
	vendors := "/etc/OpenCL/vendors/"
	for _, c := range []struct {
		name    string
		file    string // that must be there
		tool    []string
		env     []string
		devices []string
		version string // of the driver, which has
		limit   string
		never   string // in the output
	}{
		{name: "PoCL's two devices at once", file: vendors + "pocl.icd", env: []string{"OCL_ICD_VENDORS=" + vendors + "pocl.icd", "POCL_DEVICES=basic pthread"},
			devices: []string{"device: basic", "device: pthread"}},
		{name: "rusticl", file: vendors + "rusticl.icd", env: []string{"OCL_ICD_VENDORS=" + vendors + "rusticl.icd", "RUSTICL_ENABLE=llvmpipe"},
			devices: []string{"device: llvmpipe"}, version: "driver 22.", limit: "It ends the loops of a thread after 65535 rounds without saying so."},
		{name: "Oclgrind", file: "/usr/bin/oclgrind", tool: []string{"oclgrind", "--data-races"}, devices: []string{"device: Oclgrind Simulator (Oclgrind)"},
			never: "ata race"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := os.Stat(c.file); err != nil {
				t.Skipf("not installed: %v", err)
			}
			out := child(t, "^TestDevice", c.tool, c.env...)
			if strings.Contains(out, "OpenCL has no device that could be used") {
				t.Skipf("installed without what it needs:\n%s", out)
			}
			for _, device := range c.devices {
				if !strings.Contains(out, device) {
					t.Errorf("there is no %s:\n%s", device, out)
				}
			}
			if strings.Contains(out, c.version) && !strings.Contains(out, c.limit) {
				t.Errorf("the self-test did not find: %s\n%s", c.limit, out)
			}
			if c.never != "" && (strings.Contains(out, c.never) || strings.Contains(out, "Invalid")) {
				t.Errorf("it reports faults:\n%s", out)
			}
		})
	}
}

// TestListing is for TestWhatIsMissingIsSaid: it logs what this process has.
func TestListing(t *testing.T) {
	infos, why := Backend{}.Devices()
	for _, i := range infos {
		t.Logf("device: %s of %s", i.Name, i.Platform.Name)
	}
	if why != nil {
		t.Logf("missing: %s; %s", why.Reason, why.Advice)
		_, err := Backend{}.Open(0)
		if !errors.Is(err, driver.ErrNoDevice) {
			t.Errorf("%v, want ErrNoDevice", err)
		}
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	devices(t)
	dir := func(icds ...string) string {
		dir := t.TempDir()
		for i, text := range icds {
			if err := os.WriteFile(filepath.Join(dir, string(rune('a'+i))+".icd"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return "OCL_ICD_VENDORS=" + dir
	}
	const none = "missing: the OpenCL library is here, but no driver that it could use; apt install pocl-opencl-icd"
	for name, c := range map[string]struct{ env, want string }{
		"no driver":                     {dir(), none},
		"a driver that is not there":    {dir("libno-such-driver.so.1\n"), none},
		"a driver that is not one":      {dir("libm.so.6\n", "garbage\x00", "", "\n"), none},
		"zeros for a driver":            {dir("libpocl.so.2\n", "\x00\x00"), "names no driver, and the OpenCL library would crash on it; remove the file"},
		"a broken driver beside a good": {dir("libno-such-driver.so.1\n", "libpocl.so.2\n"), "device: "},
	} {
		t.Run(name, func(t *testing.T) {
			if out := child(t, "^TestListing$", nil, c.env); !strings.Contains(out, c.want) {
				t.Errorf("want %q:\n%s", c.want, out)
			}
		})
	}
	t.Run("PoCL without a folder to write to", func(t *testing.T) {
		out := child(t, "^TestListing$", nil, dir("libpocl.so.2\n"), "POCL_CACHE_DIR="+os.DevNull+"/no-folder")
		if want := "Portable Computing Language has no device; PoCL, which makes a device of the processor, needs a folder"; !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	})
	if _, err := os.Stat("/etc/OpenCL/vendors/mesa.icd"); err == nil {
		t.Run("a driver without a device", func(t *testing.T) {
			out := child(t, "^TestListing$", nil, "OCL_ICD_VENDORS=/etc/OpenCL/vendors/mesa.icd")
			if want := "missing: OpenCL has no device that could be used: Clover has no device"; !strings.Contains(out, want) {
				t.Errorf("want %q:\n%s", want, out)
			}
		})
	}
}

func TestLibraryThatIsMissingOrBroken(t *testing.T) {
	if s := find("libno-such-library.so.1"); s.missing == nil || len(s.devices) != 0 {
		t.Error("a library was found that is not there")
	}
	devices(t)
	s := find("libm.so.6")
	if s.missing == nil || !strings.Contains(s.missing.Reason, "no function clGetPlatformIDs") {
		t.Errorf("%+v", s.missing)
	}
	if _, err := s.open(0); !errors.Is(err, driver.ErrNoDevice) {
		t.Errorf("%v, want ErrNoDevice", err)
	}
}
