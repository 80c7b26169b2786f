package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/mpi"
)

// local is the name of what recipes run on unless told otherwise: this program's own processes.
const local = "local"

// engineNames are what --engine takes for recipes that also run on one of some engines; none are given: for any.
func engineNames(engines ...string) []string {
	if len(engines) == 0 {
		engines = []string{string(catalog.MPI), string(catalog.NATS)}
	}
	return append([]string{local}, engines...)
}

// engineFlags are the flags that choose what recipes run on.
type engineFlags struct {
	name     string
	hosts    []string
	hostfile string
	nats     natsFlags
}

// engineFlagNames are the flags that go with --engine, and for which engine.
func engineFlagNames() map[string]catalog.Need {
	return map[string]catalog.Need{
		"hosts": catalog.MPI, "hostfile": catalog.MPI,
		"token-file": catalog.NATS, "creds": catalog.NATS, "nkey": catalog.NATS, "ca": catalog.NATS,
	}
}

// isEngineFlag reports whether a flag is --engine or one that goes with it.
func isEngineFlag(name string) bool { return name == "engine" || engineFlagNames()[name] != "" }

// add declares the flags for recipes that also run on an engine; none is given: for all recipes.
func (o *engineFlags) add(cmd *cobra.Command, engines ...string) {
	names := engineNames(engines...)[1:]
	f := cmd.Flags()
	usage := "`name` of what recipes run on: " + local + " (the default), this program and its processes"
	for _, name := range names {
		switch catalog.Need(name) {
		case catalog.MPI:
			usage += "; mpi, which starts ranks by mpirun"
			f.StringSliceVar(&o.hosts, "hosts", nil, "the `machines` on which mpirun starts ranks, as in a,b:4; for --engine mpi")
			f.StringVar(&o.hostfile, "hostfile", "", "a `file` that lists them, as mpirun reads it; for --engine mpi")
		case catalog.NATS:
			usage += "; a NATS server, as nats://HOST:PORT or tls://HOST:PORT, or nats for the one that " + engineVariable + " names"
			o.nats.add(f)
		}
	}
	f.StringVar(&o.name, "engine", "", usage)
}

// choose returns what the flags ask for.
func (o *engineFlags) choose(a *app, given *pflag.FlagSet) (*choice, error) {
	kind := catalog.Need(o.name)
	if isServer(o.name) {
		kind = catalog.NATS
	}
	for _, name := range slices.Sorted(maps.Keys(engineFlagNames())) {
		if given.Changed(name) && engineFlagNames()[name] != kind {
			return nil, usagef("--%s is for --engine %s: give both, or neither", name, howToName(engineFlagNames()[name]))
		}
	}
	switch kind {
	case "", local:
		return &choice{}, nil
	case catalog.MPI:
		return o.chooseMPI(a, given)
	case catalog.NATS:
		at, err := o.nats.address(a.Env, o.name, given)
		if err != nil {
			return nil, err
		}
		return onServer(at), nil
	}
	return nil, usagef("--engine %s: no engine of that name; there are: %s, and nats://HOST:PORT", command.Shown(engine.WithoutSecret(o.name)), strings.Join(engineNames(), ", "))
}

// howToName is what --engine takes for an engine, as help has it.
func howToName(n catalog.Need) string {
	if n == catalog.NATS {
		return "nats://HOST:PORT"
	}
	return string(n)
}

func (o *engineFlags) chooseMPI(a *app, given *pflag.FlagSet) (*choice, error) {
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
	return onRanks(a.mpirun(o.hosts, o.hostfile)), nil
}

// chooseFor returns what one recipe runs on.
func (o *engineFlags) chooseFor(a *app, e catalog.Entry, flags *pflag.FlagSet) (*choice, error) {
	if a.world != nil {
		if e.Engine == string(catalog.MPI) {
			return a.world.choose(o, e, flags)
		}
		if err := a.world.refuse(e.ID, "cookbook run "+e.ID); err != nil {
			return nil, err
		}
	}
	if e.Engine == "" {
		return &choice{}, nil
	}
	g, err := o.choose(a, flags)
	if err == nil && g.Engine != "" && g.Engine != e.Engine {
		return nil, &catalog.PlaceError{Place: g.Place, Recipe: e.ID}
	}
	return g, err
}

// onRanks is what recipes of MPI run on.
func onRanks(ranks mpi.Engine) *choice {
	return onEngine(catalog.MPI, &resource{
		check: ranks.Check,
		with:  func(ctx context.Context) context.Context { return mpi.WithEngine(ctx, ranks) },
	})
}

// onEngine is an engine as what recipes run on.
func onEngine(n catalog.Need, r *resource) *choice {
	r.name = func() string { return string(n) }
	return &choice{Place: catalog.Place{Engine: string(n)}, engine: r}
}
