//go:build mpi

package openmpi

import (
	"os"
	"testing"
)

func TestWhetherRanksYieldIsWhatMpirunHasSaid(t *testing.T) {
	for _, one := range []struct {
		yield, oversubscribe string // "": not said
		want                 bool
	}{
		{"", "", false},
		{"", "1", true},
		{"1", "", true},
		{"0", "1", false},
		{"nonsense", "1", false},
	} {
		for name, value := range map[string]string{"OMPI_MCA_mpi_yield_when_idle": one.yield, "OMPI_MCA_mpi_oversubscribe": one.oversubscribe} {
			t.Setenv(name, value) // puts back what was there
			if value == "" {
				os.Unsetenv(name)
			}
		}
		if got := yields(); got != one.want {
			t.Errorf("yield_when_idle %q, oversubscribe %q: %v", one.yield, one.oversubscribe, got)
		}
	}
}
