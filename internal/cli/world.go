package cli

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/mpi"
)

// world is what this process is part of when mpirun has started it: processes that all got one command line.
type world struct {
	rank, size int
	ranks      mpi.Engine
	leave      func() error // before the process ends
}

// joined returns the world that mpirun has started this process in, nil if it has not.
func joined() *world {
	rank, size, ok := mpi.Joined()
	if !ok {
		return nil
	}
	return &world{rank, size, mpi.ByHand{}, mpi.Leave}
}

// silent reports whether another process of the world will say what this one would. Rank 0 speaks for all, but where MPI itself
// has failed in another rank nobody else may know.
func (w *world) silent(err error) bool {
	if w == nil || w.rank == 0 {
		return false
	}
	var failed *mpi.Error
	own := errors.As(err, &failed) && failed.Rank == w.rank && (failed.Class == mpi.ErrEngine || failed.Class == mpi.ErrOther)
	return !own
}

// refuse is the error of a command that would do the same in every process of the world.
func (w *world) refuse(what, instead string) error {
	if w == nil || w.size < 2 {
		return nil
	}
	return usagef("mpirun has started %d of this, and %s %d times side by side is not meant; type without mpirun: %s", w.size, what, w.size, instead)
}

// choose returns what a recipe of MPI runs on in this world: the ranks that are there. Their number is that of the recipe's flag
// --ranks, if it has one.
func (w *world) choose(o *engineFlags, e catalog.Entry, flags *pflag.FlagSet) (*choice, error) {
	switch o.name {
	case "", string(catalog.MPI):
	case local:
		return nil, w.refuse(e.ID+" --engine "+local, "cookbook run "+e.ID)
	default:
		return nil, usagef("--engine %s: mpirun has started this, so it can only be mpi", o.name)
	}
	for _, name := range []string{"hosts", "hostfile"} {
		if flags.Changed(name) {
			return nil, usagef("--%s: mpirun has placed the ranks already; give it to mpirun", name)
		}
	}
	if ranks := flags.Lookup("ranks"); ranks != nil {
		size := strconv.Itoa(w.size)
		if ranks.Changed && ranks.Value.String() != size {
			return nil, usagef("--ranks %s, but mpirun has started %s: leave one of the two out", ranks.Value, size)
		}
		if err := ranks.Value.Set(size); err != nil {
			return nil, usagef("mpirun has started %s ranks: %w; see: cookbook run %s --help", size, err, e.ID)
		}
	}
	g := onRanks(w.ranks)
	g.world = w
	return g, nil
}

// seed is a number that is the same in all processes of the world, so that what recipes leave to chance is, too.
func (w *world) seed(env command.Environment) uint64 {
	h := fnv.New64a()
	for _, name := range []string{"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID", "PMI_KVSNAME"} {
		fmt.Fprintln(h, env.Get(name))
	}
	return h.Sum64()%1_000_000 + 1
}
