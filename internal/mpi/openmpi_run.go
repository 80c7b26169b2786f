package mpi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// doorVariable tells a rank that mpirun starts where the door is, and the secret: addresses with a comma between, a blank, and the
// secret in hexadecimal.
const doorVariable = "COOKBOOK_MPI"

var mpiRank = process.RegisterRole("mpi.openmpi", playRank)

func (o OpenMPI) Run(ctx context.Context, j *engine.Job) ([][]byte, error) {
	mpirun, err := o.look(ctx)
	if err != nil {
		return nil, err
	}
	if j.Ranks < 1 {
		return nil, engine.Errorf(engine.ErrCount, -1, "%d ranks: want at least 1", j.Ranks)
	}
	return o.start(ctx, mpirun, j)
}

func (o OpenMPI) remote() bool { return len(o.Hosts) > 0 || o.Hostfile != "" }

func (o OpenMPI) start(ctx context.Context, mpirun string, j *engine.Job) ([][]byte, error) {
	d, where, err := openDoorFor(j.Ranks, o.remote(), errand{j.Program, j.Arg, j.Log != nil}, j.Log, false)
	if err != nil {
		return nil, err
	}
	defer d.close()
	cmd, err := o.command(ctx, mpirun, j, where)
	if err != nil {
		return nil, err
	}
	said := new(lastWords)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = said, said, killLimit
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start mpirun: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // how it ended is in the state
		close(ended)
	}()
	defer waitfor.FromContext(ctx).Register(d.waits)()
	ctx, cancel := limited(ctx, j.Timeout)
	defer cancel()
	stopped := supervise(ctx, d, cmd.Process, ended)
	d.sweep()
	results, failure := d.outcome()
	switch {
	case failure != nil:
		return nil, failure
	case results != nil && stopped:
		return nil, engine.Errorf(engine.ErrOther, -1, "all ranks have returned, but then MPI did not end within %v", endLimit)
	case results != nil && cmd.ProcessState.Success():
		return results, nil
	}
	return nil, said.explain(cmd.ProcessState.ExitCode(), d.missed())
}

// command is mpirun with its arguments.
func (o OpenMPI) command(ctx context.Context, mpirun string, j *engine.Job, where string) (*exec.Cmd, error) {
	self, err := mpiRank.Command(ctx)
	if err != nil {
		return nil, err
	}
	args := mpirunArguments(j.Ranks, !o.remote())
	if len(o.Hosts) > 0 {
		args = append(args, "--host", strings.Join(o.Hosts, ","))
	}
	if o.Hostfile != "" {
		args = append(args, "--hostfile", o.Hostfile)
	}
	cmd := exec.Command(mpirun)
	cmd.Env = append(self.Env, doorVariable+"="+where)
	cmd.Env = append(cmd.Env, evenAsRoot()...)
	for _, v := range cmd.Env {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "COOKBOOK_") {
			args = append(args, "-x", name) // to other machines, too
		}
	}
	cmd.Args = append(append(cmd.Args, args...), self.Path)
	ownGroup(cmd) // Ctrl-C is for this process, which decides what ends
	return cmd, nil
}

// mpirunArguments is what mpirun is told of how to run n ranks, on this machine or on others.
func mpirunArguments(n int, here bool) []string {
	to := "none"
	if n <= runtime.NumCPU() && here {
		to = "core:overload-allowed"
	}
	args := []string{
		"-n", strconv.Itoa(n), "--oversubscribe", "--bind-to", to,
		"--mca", "odls_base_sigkill_timeout", "0", // else it waits for a second when a rank has failed
		"--mca", "btl_base_warn_component_unused", "0",
	}
	if n > runtime.NumCPU() && here {
		args = append(args, "--mca", "mpi_yield_when_idle", "1")
	}
	return args
}

// evenAsRoot is what mpirun has to find in its environment. It refuses to work for root, unless root says twice that it is meant. In a
// container there is nobody else.
func evenAsRoot() []string {
	if os.Geteuid() != 0 {
		return nil
	}
	return []string{"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}
}

// Mpirun returns what starts any program of MPI, in Python for example, in n processes on this machine: the command line, and
// what its environment needs beside that of this process. The error wraps ErrEngine if there is no mpirun of Open MPI.
func Mpirun(ctx context.Context, n int, program ...string) (argv, env []string, err error) {
	mpirun, err := findMpirun(ctx)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat([]string{mpirun}, mpirunArguments(n, true), program), evenAsRoot(), nil
}

// doorAddresses is where ranks find the door: here, or by any of the addresses that other machines may know this one by.
func doorAddresses(remote bool, port int) (string, error) {
	if !remote {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return "", fmt.Errorf("find the addresses of this machine: %w", err)
	}
	var known, last []string
	for _, a := range all {
		ip, ok := a.(*net.IPNet)
		switch {
		case !ok || ip.IP.IsLinkLocalUnicast():
		case ip.IP.IsLoopback():
			last = append(last, net.JoinHostPort(ip.IP.String(), strconv.Itoa(port)))
		default:
			known = append(known, net.JoinHostPort(ip.IP.String(), strconv.Itoa(port)))
		}
	}
	return strings.Join(append(known, last...), ","), nil
}

// openDoorFor opens a door for n ranks, of this machine or of others, and says where it is, as parseDoorway understands it. If share,
// all ranks get all results.
func openDoorFor(n int, remote bool, job errand, log *transcript.Log, share bool) (*door, string, error) {
	address := "127.0.0.1:0"
	if remote {
		address = ":0"
	}
	secret := make([]byte, secretSize)
	rand.Read(secret)
	d, err := openDoor(address, secret, n, job, log, share, !share && !remote)
	if err != nil {
		return nil, "", err
	}
	addresses, err := doorAddresses(remote, d.port())
	if err != nil {
		d.close()
		return nil, "", err
	}
	return d, addresses + " " + hex.EncodeToString(secret), nil
}

// limited is a context that ends after the limit, if there is one.
func limited(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, engine.Errorf(engine.ErrTimeout, -1, "the ranks were not done after %v", limit))
}
