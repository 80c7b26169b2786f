package catalog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"

	"cookbook/internal/mpi"
)

// Need is something a recipe needs and a machine may lack.
type Need string

const (
	// Network is that the recipe can listen and connect on the loopback interface.
	Network Need = "network"

	// Processes is that the recipe can start this program again as another process.
	Processes Need = "processes"

	// Exec is that a process can go on as another program, which Windows does not offer.
	Exec Need = "exec"

	// SharedMemory is that processes can share memory and wait for each other in it.
	SharedMemory Need = "shared-memory"

	// MPI is that this program was built with an MPI library and can start ranks with it. It is what the engine of that name
	// needs; no recipe needs it on its own.
	MPI Need = "mpi"
)

// Needs lists what may be asked for by name.
func Needs() []Need { return []Need{Network, Processes, Exec, SharedMemory, MPI} }

// Check returns why this machine lacks the need, nil if it is there.
func (n Need) Check() error {
	switch n {
	case Network:
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("cannot listen on the loopback interface: %w", err)
		}
		return l.Close()
	case Processes:
		if _, err := os.Executable(); err != nil {
			return fmt.Errorf("cannot find this program to start it again: %w", err)
		}
		return nil
	case Exec:
		if runtime.GOOS == "windows" {
			return errors.New("on Windows a process cannot be replaced by another program, only be followed by one")
		}
		return nil
	case SharedMemory:
		if runtime.GOOS != "linux" {
			return errors.New("locks between processes need Linux: futexes in shared memory")
		}
		return nil
	case MPI:
		return mpi.OpenMPI{}.Check(context.Background())
	}
	return fmt.Errorf("nobody knows how to look for %q", string(n))
}
