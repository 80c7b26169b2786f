package gputest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// required reports whether the machine that runs the tests promises to have something.
func required(what string) bool {
	return slices.Contains(strings.FieldsFunc(os.Getenv("COOKBOOK_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' }), what)
}

// TestImplementations runs TestOpenCL on each implementation of OpenCL that is installed, in processes of their own: an implementation
// reads its variables when it is loaded.
func TestImplementations(t *testing.T) {
	const vendors = "/etc/OpenCL/vendors/"
	for _, c := range []struct {
		name    string
		file    string // that must be there
		require string // under which it must be there
		tool    []string
		env     []string
		devices []string
	}{
		{name: "PoCL's two devices at once", file: vendors + "pocl.icd", require: "opencl",
			env: []string{"OCL_ICD_VENDORS=" + vendors + "pocl.icd", "POCL_DEVICES=basic pthread"}, devices: []string{"device: basic", "device: pthread"}},
		{name: "rusticl", file: vendors + "rusticl.icd", env: []string{"OCL_ICD_VENDORS=" + vendors + "rusticl.icd", "RUSTICL_ENABLE=llvmpipe"},
			devices: []string{"device: llvmpipe"}},
		{name: "Oclgrind", file: "/usr/bin/oclgrind", require: "oclgrind", tool: []string{"/usr/bin/oclgrind", "--data-races"}, devices: []string{"device: Oclgrind"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // they mostly compile
			must := c.require != "" && required(c.require)
			if _, err := os.Stat(c.file); err != nil {
				if must {
					t.Fatal(err)
				}
				t.Skipf("not installed: %v", err)
			}
			out, stderr := child(t, c.tool, c.env)
			if strings.Contains(out, "--- SKIP: TestOpenCL (") && !must {
				t.Skipf("installed without what it needs:\n%s", out)
			}
			for _, device := range c.devices {
				if !strings.Contains(out, device) {
					t.Errorf("there is no %s:\n%s", device, out)
				}
			}
			if c.tool != nil && stderr != "" { // where Oclgrind reports races of threads and accesses outside of memory
				t.Errorf("it reports faults:\n%s", stderr)
			}
		})
	}
}

// child runs TestOpenCL of this binary in another process, behind a tool if there is one, and returns what it writes.
func child(t *testing.T, tool, env []string) (stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // an implementation that hangs is killed
	defer cancel()
	args := append(tool, self, "-test.run=^TestOpenCL$", "-test.v")
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), append(env, "COOKBOOK_TEST_REQUIRE=")...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v with %v: %v\n%s%s", args, env, err, &out, &errs)
	}
	return out.String(), errs.String()
}
