// Package machine looks at what this machine offers: whether it has what a recipe needs ([Check], one place for each name of
// catalog.Needs), what doctor tells of it ([Machine.Examine]), which Python there is ([FindPython]), and how another program is
// run and ended ([RunChild]). It knows the engines; catalog does not.
package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	devices "cookbook/internal/gpu/probe"
	"cookbook/internal/mpi"
)

// Check returns why this machine lacks a need, nil if it has it. That of MPI starts mpirun to ask for its version, which takes
// some milliseconds; ctx bounds it. Each name of [catalog.Needs] has its check here.
func Check(ctx context.Context, n catalog.Need) error {
	switch n {
	case catalog.Network:
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("cannot listen on the loopback interface: %w", err)
		}
		return l.Close()
	case catalog.Processes:
		if runtime.GOOS == "js" {
			return errors.New("a program in a page cannot start processes")
		}
		if _, err := os.Executable(); err != nil {
			return fmt.Errorf("cannot find this program to start it again: %w", err)
		}
		return nil
	case catalog.Exec:
		switch runtime.GOOS {
		case "windows":
			return errors.New("on Windows a process cannot be replaced by another program, only be followed by one")
		case "js":
			return errors.New("a program in a page cannot be replaced by another one")
		}
		return nil
	case catalog.SharedMemory:
		if runtime.GOOS != "linux" {
			return errors.New("locks between processes need Linux: futexes in shared memory")
		}
		return nil
	case catalog.MPI:
		return mpi.OpenMPI{}.Check(ctx)
	case catalog.OpenCL, catalog.CUDA:
		_, missing, err := devices.DevicesOf(ctx, string(n))
		if err != nil || missing == nil {
			return err
		}
		return gpu.NoDevice(missing, string(n))
	case catalog.NATS:
		return errors.New("no server is named; name one as in --engine nats://127.0.0.1:4222")
	}
	return fmt.Errorf("there is no check for %q", string(n))
}

// Missing returns the first of some needs that this machine lacks, and why; "" and nil if all are there.
func Missing(ctx context.Context, needs []catalog.Need) (catalog.Need, error) {
	for _, n := range needs {
		if err := Check(ctx, n); err != nil {
			return n, err
		}
	}
	return "", nil
}
