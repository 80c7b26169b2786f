package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
)

// local is the name of what recipes run on unless told otherwise: this program's own processes.
const local = "local"

// engineNames are what --engine takes.
func engineNames() []string { return []string{local, string(catalog.MPI)} }

// engineFlags are the flags that choose what recipes run on.
type engineFlags struct {
	name     string
	hosts    []string
	hostfile string
}

// isEngineFlag reports whether a flag is one of those.
func isEngineFlag(name string) bool { return name == "engine" || name == "hosts" || name == "hostfile" }

func (o *engineFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "engine", "", "`name` of what ranks run on: "+local+" (the default), processes of this program; or mpi, which starts them by mpirun")
	f.StringSliceVar(&o.hosts, "hosts", nil, "the `machines` on which mpirun starts ranks, as in a,b:4; for --engine mpi")
	f.StringVar(&o.hostfile, "hostfile", "", "a `file` that lists them, as mpirun reads it; for --engine mpi")
}

// choose returns the engine that the flags ask for.
func (o *engineFlags) choose(a *app, given *pflag.FlagSet) (*engine, error) {
	switch o.name {
	case "", local:
		for _, name := range []string{"hosts", "hostfile"} {
			if given.Changed(name) {
				return nil, usagef("--%s is for --engine mpi: ranks that mpirun has not started are on this machine", name)
			}
		}
		return &engine{}, nil
	case string(catalog.MPI):
	default:
		return nil, usagef("--engine %s: no engine of that name; there are: %s", o.name, strings.Join(engineNames(), ", "))
	}
	if given.Changed("hosts") && len(o.hosts) == 0 || given.Changed("hostfile") && o.hostfile == "" {
		return nil, usagef("--hosts and --hostfile want a value, as in --hosts a,b:4")
	}
	if given.Changed("hosts") && given.Changed("hostfile") {
		return nil, usagef("--hosts and --hostfile both name the machines: choose one")
	}
	if err := (mpi.OpenMPI{Hosts: o.hosts, Hostfile: o.hostfile}).CheckPlaces(); err != nil {
		flag := "--hosts " + strings.Join(o.hosts, ",")
		if o.hostfile != "" {
			flag = "--hostfile " + o.hostfile
		}
		return nil, usagef("%s: %w", flag, err)
	}
	return &engine{name: o.name, ranks: a.mpirun(o.hosts, o.hostfile)}, nil
}

// chooseFor returns the engine for one recipe.
func (o *engineFlags) chooseFor(a *app, e catalog.Entry, flags *pflag.FlagSet) (*engine, error) {
	switch {
	case e.Engine == "":
		return &engine{}, a.world.refuse(e.ID, "cookbook run "+e.ID)
	case a.world != nil:
		return a.world.choose(o, e, flags)
	}
	return o.choose(a, flags)
}

// engine is what recipes run on; the zero value is this program's own processes.
type engine struct {
	name  string     // as catalog.Recipe has it; "": none
	ranks mpi.Engine // nil: the default
	world *world     // not nil: the ranks are there already

	once   sync.Once
	lacked error
}

// missing returns the first thing that a recipe needs on the engine and this machine lacks, and why; "" and nil if all is
// there. The engine itself is looked for once.
func (g *engine) missing(ctx context.Context, e catalog.Entry) (catalog.Need, error) {
	for _, n := range e.NeedsOn(g.name) {
		err := error(nil)
		if g.name != "" && n == catalog.Need(g.name) {
			g.once.Do(func() { g.lacked = g.ranks.Check(ctx) })
			err = g.lacked
		} else {
			err = machine.Check(ctx, n)
		}
		if err != nil {
			return n, err
		}
	}
	return "", nil
}

// context is one in which ranks run on the engine.
func (g *engine) context(ctx context.Context) context.Context {
	if g.ranks == nil {
		return ctx
	}
	return mpi.WithEngine(ctx, g.ranks)
}

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

// choose returns the engine for a recipe in this world: the ranks that are there. Their number is that of the recipe's flag
// --ranks, if it has one.
func (w *world) choose(o *engineFlags, e catalog.Entry, flags *pflag.FlagSet) (*engine, error) {
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
	return &engine{name: e.Engine, ranks: w.ranks, world: w}, nil
}

// seed is a number that is the same in all processes of the world, so that what recipes leave to chance is, too.
func (w *world) seed(env Environment) uint64 {
	h := fnv.New64a()
	for _, name := range []string{"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID", "PMI_KVSNAME"} {
		fmt.Fprintln(h, env.Get(name))
	}
	return h.Sum64()%1_000_000 + 1
}
