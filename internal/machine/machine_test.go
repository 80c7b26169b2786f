package machine

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/machine/machinetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	enginetest.VerifyTestMain(m)
}

func TestMPIVersions(t *testing.T) {
	for said, want := range map[string]string{
		"mpirun (Open MPI) 5.0.3\n":                                        "Open MPI 5.0.3",
		"HYDRA build details:\n    Version:            4.0.2\n    CC: gcc": "MPICH 4.0.2",
		"Intel(R) MPI Library, Version 2021.9\n":                           "Intel(R) MPI Library, Version 2021.9",
	} {
		t.Setenv("PATH", filepath.Dir(machinetest.Script(t, "mpirun", "/bin/cat <<'END'\n"+said+"\nEND\n")))
		if ok, got := mpirun(t.Context()); !ok || got != want {
			t.Errorf("got %v %q, want %q", ok, got, want)
		}
	}
}

func TestWhatABuildWithMPINeeds(t *testing.T) {
	mpicc := machinetest.Script(t, "mpicc", "exit 0")
	for _, tt := range []struct {
		pkgConfig string
		found     bool
		detail    string
	}{
		{"echo 4.1.4", true, mpicc + ", Open MPI 4.1.4"},
		{"echo no package >&2; exit 1", false, mpicc + ", but "},
	} {
		t.Setenv("PATH", filepath.Dir(mpicc)+":"+filepath.Dir(machinetest.Script(t, "pkg-config", tt.pkgConfig)))
		if found, detail := mpiForC(t.Context()); found != tt.found || !strings.HasPrefix(detail, tt.detail) {
			t.Errorf("got %v %q, want %v %q", found, detail, tt.found, tt.detail)
		}
	}
	t.Setenv("PATH", filepath.Dir(mpicc))
	if found, detail := mpiForC(t.Context()); found || detail != mpicc+", but no pkg-config on PATH" {
		t.Errorf("got %v %q", found, detail)
	}
}

func TestControlGroupsLimitProcessors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  float64
	}{
		{"none", nil, 0},
		{"no limit", map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "max 100000\n"}, 0},
		{"version 2", map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, 1.5},
		{"of the group around it", map[string]string{"proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/cpu.max": "400000 100000", "sys/fs/cgroup/a/cpu.max": "200000 100000"}, 2},
		{"in a container", map[string]string{"proc/self/cgroup": "0::/docker/x\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5},
		{"version 1", map[string]string{"proc/self/cgroup": "5:memory:/m\n4:cpu,cpuacct:/a\n",
			"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "300000\n", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n"}, 3},
		{"version 1 without", map[string]string{"proc/self/cgroup": "4:cpu:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := fakeMachine(tt.files, nil).cgroupLimit()
			if got != tt.want || ok != (tt.want > 0) {
				t.Errorf("got %v %v, want %v", got, ok, tt.want)
			}
		})
	}
}

func fakeMachine(files, env map[string]string) Machine {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Machine{
		root: root, env: func(name string) string { return env[name] }, os: "linux", dir: "/here",
		devices: func(_ context.Context, backend string) ([]gpu.Info, *gpu.Missing, error) {
			return nil, &gpu.Missing{Backend: backend, Reason: "there is none", Advice: "buy one"}, nil
		},
		extras: func(context.Context, string) ([]driver.Extra, error) { return nil, nil },
	}
}

func TestFindPythonTakesTheFirstThatWillDo(t *testing.T) {
	old, young := machinetest.Python(t, "2.7.18", "", ""), machinetest.Python(t, "3.11.2", "", "")
	folder := t.TempDir()
	for name, to := range map[string]string{"python3": old, "python": young} {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	p, err := FindPython(t.Context(), "", nil)
	if err != nil || p.Version != "3.11.2" || p.Path != filepath.Join(folder, "python") {
		t.Errorf("got %+v, %v", p, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := FindPython(t.Context(), "", nil); err == nil || err.Error() != "neither python3 nor python is on PATH" {
		t.Errorf("without any: %v", err)
	}
}

func TestRequiresReadsCommentsInTheFirstLines(t *testing.T) {
	for twin, want := range map[string][]string{
		"":                    nil,
		"# requires: numpy\n": {"numpy"},
		"#!/usr/bin/python3\n\n#requires: numpy,  mpi4py.MPI\n":  {"numpy", "mpi4py"},
		"\"\"\"A twin.\"\"\"\n# requires: numpy\nimport numpy\n": {"numpy"},
		strings.Repeat("\n", 30) + "# requires: numpy\n":         nil,
		"# it requires: numpy\n":                                 nil,
	} {
		if got := Requires([]byte(twin)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", twin, got, want)
		}
	}
}

func TestAProgramThatATwinNeedsIsLookedFor(t *testing.T) {
	programs := Programs([]byte("# requires: redis\n# programs: go, no-such-program\n"))
	if !reflect.DeepEqual(programs, []string{"go", "no-such-program"}) {
		t.Errorf("%q", programs)
	}
	name, err := MissingProgram(programs)
	if name != "no-such-program" || err == nil || !strings.Contains(err.Error(), "apt install no-such-program") {
		t.Errorf("%q, %v", name, err)
	}
	if name, err := MissingProgram([]string{"go"}); err != nil {
		t.Errorf("%q, %v", name, err)
	}
}

func TestAPageIsNotToldToInstallAnything(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	page := fakeMachine(map[string]string{"usr/lib/x86_64-linux-gnu/libOpenCL.so.1": "", "etc/OpenCL/vendors/pocl.icd": ""}, nil)
	page.os = "js"
	found := map[string]Finding{}
	for _, f := range page.Examine(t.Context(), &catalog.Catalog{}) {
		found[f.Name] = f
		if !f.Found && f.Install != "a page can install nothing: build cookbook for the machine itself" {
			t.Errorf("%s: %s", f.Name, f.Install)
		}
	}
	for name, detail := range map[string]string{
		"OpenCL": "there is none", "CUDA": "there is none",
		"Python": "a program in a page cannot start others", "mpirun": "a program in a page cannot start others",
		"mpicc": "a program in a page cannot start others",
	} {
		if f := found[name]; f.Found || f.Detail != detail {
			t.Errorf("%+v", f)
		}
	}
	if f := found["loopback network"]; !strings.Contains(f.Detail, "within this program only") {
		t.Errorf("%+v", f)
	}
}
