// Package worker starts this program again: as a worker, which serves calls, in a role, or as whatever else [Main] is told a
// child may be. Functions are found in the child by the name under which the program has registered them.
//
// [Register] names a function, [Start] starts a [Worker], and [Do] makes a call of a worker. Package process is the manual.
package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cookbook/internal/timeline/children"
)

// variable marks a child in its environment: asWorker, asRole and the role's name, or asMember; the first and the last with the
// numbers of the files that it inherits.
const (
	variable = "COOKBOOK_PROCESS"
	asWorker = "worker"
	asRole   = "role "
	asMember = "process "
)

// ErrNoMain is that this program could not be started again as a child.
var ErrNoMain = errors.New("process.Main was not called: it has to be the first line of main, and of TestMain")

// ErrNoProcesses is that this system has no processes to start, as in a web page.
var ErrNoProcesses = fmt.Errorf("no process can be started here: %w", errors.ErrUnsupported)

// ErrParentGone is why the context of a function ends in a child: the parent has ended, or has closed the worker.
var ErrParentGone = errors.New("the parent process is gone")

// Grace is how long a function may run on when its context has ended, in a child without parent.
const Grace = 500 * time.Millisecond

// mainCalled keeps a program without Main from starting itself again and again.
var mainCalled atomic.Bool

// Main has to be the first line of main, and of TestMain. In a child it does what the child is for, and does not return.
// Otherwise it returns at once, having read one environment variable.
//
// A child that [Member] has started gets the files that it inherits, two at least, and ends when member returns.
func Main(member func(inherited []*os.File) error) {
	mainCalled.Store(true)
	if registry.complete != nil {
		close(registry.complete)
		select {} // the goroutine of Early ends this process
	}
	if as := childAs(); as != "" {
		children.Begin()
		live(as, member)
	}
}

// Early is Main for the time before main: a package calls it in its init function. There is a child as soon as the packages
// are initialised that this one imports. What they have registered it can do at once. When it is asked for anything else,
// Early returns, so that the rest of the program is initialised, and the child goes on when main calls Main: it has to.
func Early(member func(inherited []*os.File) error) {
	as := childAs()
	if as == "" {
		return
	}
	children.Begin()
	mainCalled.Store(true)
	registry.missing, registry.complete = make(chan struct{}), make(chan struct{})
	go live(as, member) // in a goroutine of its own, because it may have to wait for this one
	<-registry.missing
}

// childAs returns what this process is as a child, "" if it is not one. What it starts is not a child of that kind.
func childAs() string {
	as := os.Getenv(variable)
	if as != "" {
		os.Unsetenv(variable)
	}
	return as
}

// live does what a child is for, and ends the process.
func live(as string, member func(inherited []*os.File) error) {
	role, isRole := strings.CutPrefix(as, asRole)
	numbers, isMember := strings.CutPrefix(as, asMember)
	number, isWorker := strings.CutPrefix(as, asWorker)
	var err error
	switch {
	case isMember && member != nil:
		var files []*os.File
		if files, err = inheritAll(numbers); err == nil && len(files) < 2 {
			err = fmt.Errorf("%s=%q: a process inherits more", variable, as)
		}
		if err == nil {
			err = member(files)
		}
	case isRole:
		err = play(role)
	case isWorker:
		var files []*os.File
		if files, err = inheritAll(number); err == nil {
			err = work(append(files, nil)[0])
		}
	default:
		err = fmt.Errorf("%s=%q: no child is marked so", variable, as)
	}
	children.End()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Ready returns why no child can be started: [ErrNoMain] or [ErrNoProcesses].
func Ready() error {
	if !haveProcesses {
		return ErrNoProcesses
	}
	if !mainCalled.Load() {
		return ErrNoMain
	}
	return nil
}

// command starts this program again, as what Main is told to be.
func command(ctx context.Context, as string) (*exec.Cmd, error) {
	if err := Ready(); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program to start it again: %w", err)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), variable+"="+as)
	return cmd, nil
}

// Member returns a command that starts this program as what [Main] was given a function for, and as that child. It inherits the files.
// Its standard input is empty; its standard output and error are those of this process.
func Member(child children.Child, files []*os.File) (*exec.Cmd, error) {
	cmd, err := command(context.Background(), asMember)
	if err != nil {
		return nil, err
	}
	numbers, err := bequeath(cmd, files)
	if err != nil {
		return nil, err
	}
	cmd.Env = child.Env(append(cmd.Env, variable+"="+asMember+strings.Join(numbers, " ")))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd, nil
}

// inheritAll opens the files of a child.
func inheritAll(numbers string) (files []*os.File, err error) {
	for number := range strings.FieldsSeq(numbers) {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not what a process inherits", variable, numbers)
		}
		files = append(files, inherit(uintptr(n)))
	}
	return files, nil
}
