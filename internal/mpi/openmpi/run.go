package openmpi

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/process"
	"cookbook/internal/temp"
	"cookbook/internal/waitfor"
)

var rankRole = process.RegisterRole("mpi.openmpi", serveAsRank)

// Run implements engine.Engine.
func (o Engine) Run(ctx context.Context, j *engine.Job) ([][]byte, error) {
	mpirun, err := o.look(ctx)
	if err != nil {
		return nil, err
	}
	if j.Ranks < 1 {
		return nil, engine.Errorf(engine.ErrCount, -1, "%d ranks: want at least 1", j.Ranks)
	}
	return o.start(ctx, mpirun, j)
}

func (o Engine) remote() bool { return len(o.Hosts) > 0 || o.Hostfile != "" }

func (o Engine) start(ctx context.Context, mpirun string, j *engine.Job) ([][]byte, error) {
	l, where, err := listenFor(j.Ranks, o.remote(), job{j.Program, j.Arg, j.Log != nil}, j.Log, false)
	if err != nil {
		return nil, err
	}
	defer l.close()
	cmd, err := o.command(ctx, mpirun, j, where)
	if err != nil {
		return nil, err
	}
	if !o.remote() {
		// Two mpirun of one user that begin at once both make /tmp/ompi.HOST.UID, and one of them may fail: "File exists", Open MPI 4.1.4.
		session, err := temp.Make("mpi")
		if err != nil {
			return nil, err
		}
		defer session.Remove()
		cmd.Env = append(cmd.Env, "OMPI_MCA_orte_tmpdir_base="+session.Path)
	}
	said := new(output)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = said, said, killLimit
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start mpirun: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // how it ended is in the state
		close(ended)
	}()
	defer waitfor.FromContext(ctx).Register(l.waits)()
	ctx, cancel := limited(ctx, j.Timeout)
	defer cancel()
	stopped := supervise(ctx, l, cmd.Process, ended)
	l.sweep()
	results, failure := l.outcome()
	switch {
	case failure != nil:
		return nil, failure
	case results != nil && stopped:
		return nil, engine.Errorf(engine.ErrOther, -1, "all ranks have returned, but then MPI did not end within %v", endLimit)
	case results != nil && cmd.ProcessState.Success():
		return results, nil
	}
	return nil, said.explain(cmd.ProcessState.ExitCode(), l.lost())
}

// command is mpirun with its arguments.
func (o Engine) command(ctx context.Context, mpirun string, j *engine.Job, where string) (*exec.Cmd, error) {
	self, err := rankRole.Command(ctx)
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
	cmd.Env = append(self.Env, addressVariable+"="+where)
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
		"--mca", "odls_base_sigkill_timeout", "0", // otherwise it waits for a second when a rank has failed
		"--mca", "btl_base_warn_component_unused", "0",
	}
	if here {
		// Ranks share memory. Each other transport would have them listen at addresses that other machines can reach.
		args = append(args, "--mca", "btl", "self,vader")
	}
	if n > runtime.NumCPU() && here {
		args = append(args, "--mca", "mpi_yield_when_idle", "1")
	}
	return args
}

// evenAsRoot is what mpirun has to find in its environment. It refuses to work for root, unless root says twice that it is
// meant. In a container there is often no other user.
func evenAsRoot() []string {
	if os.Geteuid() != 0 {
		return nil
	}
	return []string{"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}
}

// Mpirun returns what starts any program of MPI, in Python for example, in n processes on this machine: the command line,
// and what its environment needs beside that of this process. The error wraps ErrEngine if there is no mpirun of Open MPI.
func Mpirun(ctx context.Context, n int, program ...string) (argv, env []string, err error) {
	mpirun, err := findMpirun(ctx)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat([]string{mpirun}, mpirunArguments(n, true), program), evenAsRoot(), nil
}

// limited is a context that ends after the limit, if there is one.
func limited(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, engine.Errorf(engine.ErrTimeout, -1, "the ranks were not done after %v", limit))
}
