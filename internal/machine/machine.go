package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
	devices "cookbook/internal/gpu/probe"
	"cookbook/internal/terminal"
)

// Machine is where [Machine.Examine] looks.
type Machine struct {
	root fs.FS // the file system from /
	env  func(string) string
	os   string // GOOS
	dir  string // the current folder

	engine *engine.Address // a server to ask; nil: none

	devices func(ctx context.Context, backend string) ([]gpu.Info, *gpu.Missing, error)
	extras  func(ctx context.Context, backend string) ([]driver.Extra, error)
}

// New returns this machine, whose environment is env.
func New(env func(string) string) Machine {
	dir, _ := os.Getwd()
	return Machine{root: os.DirFS("/"), env: env, os: runtime.GOOS, dir: dir, devices: devices.DevicesOf, extras: devices.Extras}
}

// WithEngine returns a Machine that asks a server, too.
func (m Machine) WithEngine(at engine.Address) Machine {
	m.engine = &at
	return m
}

// ask runs a program and returns what it says.
func ask(ctx context.Context, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("no %s on PATH", name)
	}
	out, _, err := RunChild(ctx, path, askTimeout, nil, append([]string{path}, args...)...)
	var late *ChildTimeoutError
	if errors.As(err, &late) {
		return "", fmt.Errorf("%s gave no answer within %v", path, askTimeout)
	}
	return out, err
}

func (m Machine) processors(context.Context) (bool, string) {
	n := runtime.GOMAXPROCS(0)
	text := fmt.Sprintf("%d, GOMAXPROCS %d", runtime.NumCPU(), n)
	if limit, ok := m.cgroupLimit(); ok {
		text += fmt.Sprintf(", cgroup limit %s", strconv.FormatFloat(limit, 'f', -1, 64))
	}
	return n > 1, text
}

// cgroupLimit is how many processors' worth of time the control groups of Linux allow this process.
func (m Machine) cgroupLimit() (processors float64, ok bool) {
	groups, err := fs.ReadFile(m.root, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		// A limit on a group is one on all groups inside it; in a container the path may be that of the host.
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if limit, here := m.groupLimit(parts[1], group); here && (!ok || limit < processors) {
				processors, ok = limit, true
			}
			if group == "/" {
				break
			}
		}
	}
	return processors, ok
}

// groupLimit reads the limit of one group, in version 2 (no controllers named) or 1.
func (m Machine) groupLimit(controllers, group string) (float64, bool) {
	read := func(names ...string) string {
		text, _ := fs.ReadFile(m.root, path.Join(append([]string{"sys/fs/cgroup"}, names...)...))
		return string(text)
	}
	var fields []string
	switch {
	case controllers == "":
		fields = strings.Fields(read(group, "cpu.max"))
	case slices.Contains(strings.Split(controllers, ","), "cpu"):
		fields = strings.Fields(read("cpu", group, "cpu.cfs_quota_us") + " " + read("cpu", group, "cpu.cfs_period_us"))
	}
	if len(fields) != 2 {
		return 0, false
	}
	quota, err := strconv.ParseFloat(fields[0], 64)
	period, err2 := strconv.ParseFloat(fields[1], 64)
	if err != nil || err2 != nil || quota <= 0 || period <= 0 { // "max" and -1 are no limit
		return 0, false
	}
	return quota / period, true
}

func mpirun(ctx context.Context) (bool, string) {
	text, err := ask(ctx, "mpirun", "--version")
	if err != nil {
		return false, terminal.OneLine(err.Error())
	}
	lines := terminal.SafeLines(text)
	for _, line := range lines {
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), "Version:"); ok && strings.Contains(text, "HYDRA") {
			return true, "MPICH " + strings.TrimSpace(version)
		}
	}
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return true, strings.Replace(line, "mpirun (Open MPI)", "Open MPI", 1)
		}
	}
	return true, "of a version it does not tell"
}

// mpiForC looks for what cgo needs to build with Open MPI: its compiler, and pkg-config, which tells Go where the library is.
func mpiForC(ctx context.Context) (bool, string) {
	path, err := exec.LookPath("mpicc")
	if err != nil {
		return false, "no mpicc on PATH"
	}
	version, err := ask(ctx, "pkg-config", "--modversion", "ompi")
	if err != nil {
		return false, path + ", but " + terminal.OneLine(err.Error())
	}
	return true, path + ", Open MPI " + terminal.OneLine(version)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
