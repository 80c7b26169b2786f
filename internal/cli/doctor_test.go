package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"cookbook/internal/mpi"
)

// doctor runs the command with nothing on PATH but what is given.
func doctor(t *testing.T, tty bool, twin string, programs map[string]string, args ...string) string {
	t.Helper()
	folder := t.TempDir()
	for name, to := range programs {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	var out, errs bytes.Buffer
	code := Main(sample(twin), append([]string{"doctor"}, args...), Streams{
		Out: &out, Err: &errs, OutTTY: tty, Width: 80, Env: func(string) (string, bool) { return "", false },
	})
	if code != exitOK || errs.Len() > 0 {
		t.Fatalf("code %d, stderr %s", code, errs.String())
	}
	return out.String()
}

func findings(t *testing.T, twin string, programs map[string]string) map[string]finding {
	t.Helper()
	var all []finding
	if err := json.Unmarshal([]byte(doctor(t, false, twin, programs, "--json")), &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]finding{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName
}

func TestDoctorPromisesNothingThatTheBinaryDoesNotHold(t *testing.T) {
	found := findings(t, "# requires: numpy, zmq\n", map[string]string{
		"python3": fakePython(t, "3.12.1", `"numpy":true,"mpi4py":true`, ""),
		"mpirun":  script(t, "mpirun", "echo 'mpirun (Open MPI) 4.1.4'; echo; echo 'Report bugs'"),
	})
	for _, want := range []finding{
		{"python: numpy", []int{2, 3, 6}, true, "", "", "", ""},
		{"python: mpi4py", []int{3}, true, "unused by this binary's twins", "", "", ""},
		{"python: zmq", []int{2}, false, "not installed", "twins that need it are skipped", "pip install zmq", ""},
		{"python: celery", []int{5}, false, "not installed", "nothing yet: unused by this binary's twins", "pip install celery", ""},
		{"mpirun", []int{3}, true, "Open MPI 4.1.4; unused by this binary", "", "", ""},
		{"mpicc", []int{3}, false, "no mpicc on PATH", "nothing yet: unused by this binary", "libopenmpi-dev", ""},
		{"built with MPI", []int{3}, mpi.Built(), "this binary", "", "", ""},
		{"embedded engine", []int{5}, false, "not in this binary", "unused by this binary", "", ""},
	} {
		got := found[want.Name]
		if got.Found != want.Found || !reflect.DeepEqual(got.Chapters, want.Chapters) ||
			!strings.Contains(got.Detail, want.Detail) || !strings.Contains(got.Cost, want.Cost) || !strings.Contains(got.Install, want.Install) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got.Found && (got.Cost != "" || got.Install != "") {
			t.Errorf("%s is found, but costs %q and wants %q", got.Name, got.Cost, got.Install)
		}
	}
	if detail := found["python: numpy"].Detail; strings.Contains(detail, "unused") {
		t.Errorf("a twin uses numpy, but: %s", detail)
	}
	if got := found["processors"]; !reflect.DeepEqual(got.Chapters, []int{2}) {
		t.Errorf("processors matter for chapters %v", got.Chapters)
	}
}

func TestDoctorWithoutPython(t *testing.T) {
	found := findings(t, "", nil)
	if p := found["Python"]; p.Found || p.Detail != "neither python3 nor python is on PATH" || p.Install == "" {
		t.Errorf("%+v", p)
	}
	if p := found["python: numpy"]; p.Found || p.Detail != "no Python" {
		t.Errorf("%+v", p)
	}
}

func TestDoctorForPeopleAndPipes(t *testing.T) {
	for line := range strings.Lines(doctor(t, false, "", nil)) {
		if n := strings.Count(line, "\t"); n != 5 {
			t.Errorf("%d tabs in %q", n, line)
		}
	}
	table := doctor(t, true, "", nil)
	for line := range strings.Lines(table) {
		if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > 80 || line != strings.TrimRight(line, " ") {
			t.Errorf("%q", line)
		}
	}
	if strings.Contains(table, "pip install") {
		t.Errorf("a table for people tells how to get what nothing uses:\n%s", table)
	}
	for _, part := range []string{"–  Python ", "WHAT", "neither python3 nor python is on PATH", " found; recipes run without Python"} {
		if !strings.Contains(table, part) {
			t.Errorf("no %q in\n%s", part, table)
		}
	}
}

func TestMPIVersions(t *testing.T) {
	for said, want := range map[string]string{
		"mpirun (Open MPI) 5.0.3\n":                                        "Open MPI 5.0.3",
		"HYDRA build details:\n    Version:            4.0.2\n    CC: gcc": "MPICH 4.0.2",
		"Intel(R) MPI Library, Version 2021.9\n":                           "Intel(R) MPI Library, Version 2021.9",
	} {
		t.Setenv("PATH", filepath.Dir(script(t, "mpirun", "/bin/cat <<'END'\n"+said+"\nEND\n")))
		if ok, got := mpirun(t.Context()); !ok || got != want {
			t.Errorf("got %v %q, want %q", ok, got, want)
		}
	}
}

func TestWhatABuildWithMPINeeds(t *testing.T) {
	mpicc := script(t, "mpicc", "exit 0")
	for _, tt := range []struct {
		pkgConfig string
		found     bool
		detail    string
	}{
		{"echo 4.1.4", true, mpicc + ", Open MPI 4.1.4"},
		{"echo no package >&2; exit 1", false, mpicc + ", but "},
	} {
		t.Setenv("PATH", filepath.Dir(mpicc)+":"+filepath.Dir(script(t, "pkg-config", tt.pkgConfig)))
		if found, detail := mpiForC(t.Context()); found != tt.found || !strings.HasPrefix(detail, tt.detail) {
			t.Errorf("got %v %q, want %v %q", found, detail, tt.found, tt.detail)
		}
	}
	t.Setenv("PATH", filepath.Dir(mpicc))
	if found, detail := mpiForC(t.Context()); found || detail != mpicc+", but no pkg-config on PATH" {
		t.Errorf("got %v %q", found, detail)
	}
}

func TestDoctorEndsWithTheChaptersThatLackSomething(t *testing.T) {
	for want, table := range map[string]string{
		"\n2 of 2 found; recipes run without Python, MPI, OpenCL and CUDA\n":  "ff",
		"OpenCL and CUDA\nwhat is missing would be of use to chapter 3\n":     "fm",
		"OpenCL and CUDA\nwhat is missing would be of use to chapters 2, 3\n": "mm",
		"\n1 of 2 found; recipes run without Python, MPI, OpenCL and CUDA\n":  "fu",
	} {
		var all []finding
		for i, state := range table {
			f := finding{Name: "thing", Chapters: []int{2 + i}, Found: state == 'f'}
			if state == 'u' {
				f.unused = "unused by this binary"
			}
			all = append(all, f)
		}
		var out strings.Builder
		a := &app{Streams: Streams{Out: &out, OutTTY: true, Width: 80}}
		if a.printFindings(all); !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: got\n%s\nwant at its end\n%s", table, out.String(), want)
		}
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

func fakeMachine(files, env map[string]string) machine {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return machine{root, func(name string) string { return env[name] }, "linux"}
}

func TestOpenCLNeedsALoaderAndAPlatform(t *testing.T) {
	for _, tt := range []struct {
		name   string
		files  map[string]string
		env    map[string]string
		found  bool
		detail string
	}{
		{"nothing", nil, nil, false, "no libOpenCL.so.1"},
		{"no platform", map[string]string{"usr/lib/x86_64-linux-gnu/libOpenCL.so.1": ""}, nil, false,
			"/usr/lib/x86_64-linux-gnu/libOpenCL.so.1, but no platform in /etc/OpenCL/vendors"},
		{"both", map[string]string{"etc/ld.so.conf.d/x.conf": "# mine\n/opt/cl/lib\n", "opt/cl/lib/libOpenCL.so.1": "", "etc/OpenCL/vendors/pocl.icd": ""}, nil, true,
			"/opt/cl/lib/libOpenCL.so.1; platforms: pocl"},
		{"elsewhere", map[string]string{"a/libOpenCL.so.1": "", "b/mine.icd": ""},
			map[string]string{"LD_LIBRARY_PATH": "/nowhere:/a", "OCL_ICD_VENDORS": "/b"}, true, "/a/libOpenCL.so.1; platforms: mine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, detail := fakeMachine(tt.files, tt.env).opencl(context.Background())
			if found != tt.found || detail != tt.detail {
				t.Errorf("got %v %q, want %v %q", found, detail, tt.found, tt.detail)
			}
		})
	}
}

func TestCUDANeedsADriverAndAGPU(t *testing.T) {
	smi := func(says string) string { return filepath.Dir(script(t, "nvidia-smi", says)) }
	lib := map[string]string{"usr/lib/x86_64-linux-gnu/libcuda.so.1": ""}
	for _, tt := range []struct {
		files  map[string]string
		path   string
		found  bool
		detail string
	}{
		{nil, "", false, "no libcuda.so.1"},
		{lib, t.TempDir(), false, "no nvidia-smi on PATH"},
		{lib, smi("echo no devices"), false, "nvidia-smi lists no GPU"},
		{lib, smi("echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'; echo 'GPU 1: NVIDIA T4 (UUID: GPU-2)'"), true, "GPU 0: NVIDIA H100, GPU 1: NVIDIA T4"},
	} {
		t.Setenv("PATH", tt.path)
		found, detail := fakeMachine(tt.files, nil).cuda(t.Context())
		if found != tt.found || detail != tt.detail {
			t.Errorf("got %v %q, want %v %q", found, detail, tt.found, tt.detail)
		}
	}
}

func TestChaptersAreWrittenShort(t *testing.T) {
	for want, chapters := range map[string][]int{"": nil, "2": {2}, "2, 3": {2, 3}, "2–4, 6": {2, 3, 4, 6}, "1, 3–5": {1, 3, 4, 5}} {
		if got := numbers(chapters); got != want {
			t.Errorf("%v: got %q, want %q", chapters, got, want)
		}
	}
}
