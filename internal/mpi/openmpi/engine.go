package openmpi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"cookbook/internal/mpi/engine"
)

// Engine is a real MPI library: each run starts mpirun, which starts this program once for each rank, here or on other
// machines. It needs a program that was built with -tags mpi, and Open MPI's mpirun.
//
// The ranks connect to this process, with their lines and results, over TCP: on this machine over loopback. With Hosts or a
// Hostfile this process listens on all its addresses as long as the run takes. A caller has to show that it knows a secret,
// new for each run, which mpirun hands on to the ranks; what is said then is not encrypted. The other machines need this
// same program under the same path.
//
// Ranks of one machine send large messages in pieces through shared memory, not by one copy out of the sender's: with that, Open
// MPI 4.1 writes behind a buffer that is too short. It takes up to twice the time. What it still does is to cut a message of some
// hundred bytes, which a rank sends to itself, to the length of a receive that was begun, without an error.
//
// What a rank writes to its standard output and error is seen only if no rank can tell what went wrong: use mpi.Log.
type Engine struct {
	Hosts    []string // run the ranks there: mpirun --host
	Hostfile string   // a file that says where: mpirun --hostfile
}

// What to do where there is no MPI.
const (
	notBuilt = "this program was built without MPI: install Open MPI (on Debian libopenmpi-dev and openmpi-bin), then go build -tags mpi ./cmd/cookbook"
	noMpirun = "there is no mpirun of Open MPI in the PATH%s: install it (on Debian openmpi-bin)"
)

// Built reports whether this program was built with MPI: with -tags mpi.
func Built() bool { return built }

// Name implements engine.Engine.
func (Engine) Name() string { return "mpi" }

// Check implements engine.Engine.
func (o Engine) Check(ctx context.Context) error {
	_, err := o.look(ctx)
	return err
}

// look returns the path of mpirun.
func (o Engine) look(ctx context.Context) (string, error) {
	if !built {
		return "", noEngine(notBuilt)
	}
	if _, size, ok := Joined(); ok {
		return "", noEngine("mpirun has started this process as one of %d, and Open MPI cannot start a world from within another", size)
	}
	if err := o.CheckPlaces(); err != nil {
		return "", noEngine("%v", err)
	}
	return findMpirun(ctx)
}

// CheckPlaces returns what is wrong with what says where the ranks are to run, as far as this machine can tell without mpirun.
func (o Engine) CheckPlaces() error {
	if len(o.Hosts) > 0 && o.Hostfile != "" {
		return errors.New("hosts are named one by one and by a file: choose one")
	}
	for _, host := range o.Hosts {
		if err := checkHost(host); err != nil {
			return err
		}
	}
	if o.Hostfile == "" {
		return nil
	}
	// mpirun opens it by its name. To open a pipe would wait for its writer.
	if info, err := os.Stat(o.Hostfile); err != nil {
		return fmt.Errorf("the file that names the hosts: %w", err)
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is to name the hosts, and is not a regular file", o.Hostfile)
	}
	f, err := os.Open(o.Hostfile)
	if err != nil {
		return fmt.Errorf("the file that names the hosts: %w", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if host := strings.TrimSpace(lines.Text()); host != "" {
			if err := checkHost(host); err != nil {
				return fmt.Errorf("%s: %w", o.Hostfile, err)
			}
		}
	}
	return nil
}

// checkHost refuses what programs that reach a host, such as ssh, take for an option.
func checkHost(host string) error {
	switch {
	case strings.TrimSpace(host) == "":
		return errors.New("want names with commas between them, as in a,b:4")
	case strings.HasPrefix(strings.TrimSpace(host), "-"):
		return fmt.Errorf("%q is not a host: no name of one begins with -", host)
	}
	return nil
}

// findMpirun returns the mpirun of Open MPI. Debian has more than one, if another MPI is installed as well.
func findMpirun(ctx context.Context) (string, error) {
	other := ""
	for _, name := range []string{"mpirun", "mpirun.openmpi"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		if err == nil && strings.Contains(string(out), "Open MPI") {
			return path, nil
		}
		if other == "" {
			other = fmt.Sprintf(" (%s is another one)", path)
		}
	}
	return "", noEngine(noMpirun, other)
}

func noEngine(format string, args ...any) *engine.Error {
	return engine.Errorf(engine.ErrEngine, -1, format, args...)
}

// Joined reports whether mpirun has started this process, and as which of how many ranks.
func Joined() (rank, size int, ok bool) {
	for _, library := range []string{"OMPI_COMM_WORLD_", "PMI_"} {
		rank, err := strconv.Atoi(os.Getenv(library + "RANK"))
		if err != nil {
			continue
		}
		size, err := strconv.Atoi(os.Getenv(library + "SIZE"))
		if err == nil && rank >= 0 && rank < size {
			return rank, size, true
		}
	}
	return 0, 0, false
}
