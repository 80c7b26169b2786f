package engine

import (
	"context"
	"fmt"
	"sync"
)

// A Program is what a rank does. It makes its calls on t, the communicator of all ranks. When it has come to its end without
// an error it calls finish, as the last call of its rank: the engine waits there as MPI_Finalize does.
type Program func(ctx context.Context, t Transport, arg []byte, finish func() error) (result []byte, err error)

// registry is the programs by name. It is filled before main, and the same in every process.
var registry struct {
	sync.RWMutex
	programs map[string]Program
	names    map[uintptr]string // of their functions, by where the code begins
}

// Register makes a program known under a name. Code is where the code of its function begins, for [NameOf]. It panics if one
// of the two is missing or taken.
func Register(name string, code uintptr, p Program) {
	registry.Lock()
	defer registry.Unlock()
	switch {
	case name == "" || code == 0:
		panic("mpi.Register: it takes a name and a function")
	case registry.programs[name] != nil:
		panic(fmt.Sprintf("mpi.Register: there are two functions of the name %q", name))
	case registry.names[code] != "":
		panic(fmt.Sprintf("mpi.Register: the function %q is registered already, as %q", name, registry.names[code]))
	}
	if registry.programs == nil {
		registry.programs, registry.names = map[string]Program{}, map[uintptr]string{}
	}
	registry.programs[name], registry.names[code] = p, name
}

// Find returns the program of that name, nil if there is none.
func Find(name string) Program {
	registry.RLock()
	defer registry.RUnlock()
	return registry.programs[name]
}

// NameOf returns the name of the program whose function's code begins there, "" if there is none.
func NameOf(code uintptr) string {
	registry.RLock()
	defer registry.RUnlock()
	return registry.names[code]
}
