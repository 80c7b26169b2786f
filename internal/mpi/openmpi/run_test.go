package openmpi

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/mpi/engine"
)

func TestMpirunIsToldWhereAndHow(t *testing.T) {
	t.Setenv("COOKBOOK_OTHER", "1")
	j := &engine.Job{Ranks: 3}
	cmd, err := Engine{Hosts: []string{"a", "b"}, Hostfile: "/etc/hosts"}.command(t.Context(), "/usr/bin/mpirun", j, "127.0.0.1:1 secret")
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Join(cmd.Args, " ")
	self, _ := os.Executable()
	for _, want := range []string{"/usr/bin/mpirun -n 3 ", " --host a,b", " --hostfile /etc/hosts", " --bind-to none", " -x COOKBOOK_MPI", " -x COOKBOOK_OTHER", " -x COOKBOOK_PROCESS"} {
		if !strings.Contains(args, want) {
			t.Errorf("%s: want %q in it", args, want)
		}
	}
	if !strings.HasSuffix(args, " "+self) || strings.Contains(args, "secret") || !slices.Contains(cmd.Env, addressVariable+"=127.0.0.1:1 secret") {
		t.Errorf("it is %s", args)
	}
	alone, err := Engine{}.command(t.Context(), "mpirun", &engine.Job{Ranks: 1}, "")
	if err != nil || !strings.Contains(strings.Join(alone.Args, " "), "--bind-to core") {
		t.Errorf("one rank is not bound: %v, %v", alone.Args, err)
	}
	crowded, err := Engine{}.command(t.Context(), "mpirun", &engine.Job{Ranks: runtime.NumCPU() + 1}, "")
	if err != nil || !strings.Contains(strings.Join(crowded.Args, " "), "--bind-to none --mca") || !slices.Contains(crowded.Args, "mpi_yield_when_idle") {
		t.Errorf("more ranks than processors: %v, %v", crowded.Args, err)
	}
}
