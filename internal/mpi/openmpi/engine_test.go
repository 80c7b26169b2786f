package openmpi

import (
	"errors"
	"strings"
	"testing"

	"cookbook/internal/mpi/engine"
)

func TestMpirunTellsARankByTheEnvironment(t *testing.T) {
	for _, name := range []string{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE"} {
		t.Setenv(name, "")
	}
	if _, _, ok := Joined(); ok {
		t.Error("joined without mpirun")
	}
	t.Setenv("PMI_RANK", "3")
	if _, _, ok := Joined(); ok {
		t.Error("joined a world of no size")
	}
	t.Setenv("PMI_SIZE", "3")
	if _, _, ok := Joined(); ok {
		t.Error("joined as rank 3 of 3")
	}
	t.Setenv("PMI_SIZE", "4")
	if rank, size, ok := Joined(); !ok || rank != 3 || size != 4 {
		t.Errorf("joined as %d of %d: %v", rank, size, ok)
	}
	t.Setenv("OMPI_COMM_WORLD_RANK", "1")
	t.Setenv("OMPI_COMM_WORLD_SIZE", "2")
	if rank, size, ok := Joined(); !ok || rank != 1 || size != 2 {
		t.Errorf("joined as %d of %d: %v", rank, size, ok)
	}
	if err := (Engine{}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) {
		t.Errorf("a world in a world: %v", err)
	}
}

func TestWithoutMPITheEngineSaysWhatToDo(t *testing.T) {
	if Built() {
		t.Setenv("PATH", t.TempDir())
		if err := (Engine{}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "openmpi-bin") {
			t.Errorf("without mpirun: %v", err)
		}
		if err := (Engine{Hostfile: "/nowhere/hosts"}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "/nowhere/hosts") {
			t.Errorf("without the hostfile: %v", err)
		}
		return
	}
	for _, e := range []engine.Engine{Engine{}, ByHand{}} {
		err := e.Check(t.Context())
		if !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "go build -tags mpi") {
			t.Errorf("%T: %v", e, err)
		}
		if _, ran := e.Run(t.Context(), &engine.Job{Ranks: 2}); !errors.Is(ran, engine.ErrEngine) {
			t.Errorf("%T runs: %v", e, ran)
		}
	}
}
