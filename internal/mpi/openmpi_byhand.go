package mpi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ByHand is the engine of a command that mpirun has started, as [Joined] tells: mpirun -n 5 cookbook run ch3.mpi-hello. Each
// of its processes makes the same calls of [Run], with the same arguments, and is one rank in each; each gets all the results, or the
// same error. The log of rank 0's Run is that of all ranks, the others' is not used.
//
// Before the process ends it has to call [Leave].
type ByHand struct{}

// Check implements [Engine].
func (ByHand) Check(context.Context) error {
	if !built {
		return noEngine(notBuilt)
	}
	if _, _, ok := Joined(); !ok {
		return noEngine("mpirun has not started this process")
	}
	return nil
}

// byHand is this process among those that mpirun has started.
var byHand struct {
	sync.Mutex
	lib    library
	world  *Comm
	broken error // why no more can be run
	part   atomic.Pointer[part]
}

func (e ByHand) run(ctx context.Context, j *job) ([][]byte, error) {
	if err := e.Check(ctx); err != nil {
		return nil, err
	}
	rank, size, _ := Joined()
	if j.n != size {
		return nil, &Error{Class: ErrCount, Rank: -1, Text: fmt.Sprintf("started with %d ranks by mpirun, and %s is to be run in %d: leave the number out, or give mpirun -n %d", size, j.name, j.n, j.n)}
	}
	ctx, cancel := limited(ctx, j.timeout)
	defer cancel()
	byHand.Lock()
	defer byHand.Unlock()
	if byHand.broken != nil {
		return nil, fmt.Errorf("the ranks are of no use any more: %w", byHand.broken)
	}
	results, err := takePart(ctx, rank, size, j)
	if err != nil {
		byHand.broken = err
		return nil, err
	}
	return results, nil
}

// Leave ends MPI in a process that mpirun has started: MPI_Finalize. It waits until all ranks do so. After a Run that has failed
// it does nothing: then the process has to end with another exit code than 0, by which mpirun ends those that still wait.
func Leave() error {
	byHand.Lock()
	defer byHand.Unlock()
	if byHand.lib != nil && byHand.broken == nil {
		byHand.lib.finalize()
		byHand.broken = errors.New("MPI has been left")
	}
	return nil
}

// takePart is one Run. What waits for other ranks goes on elsewhere, because a call of MPI cannot be ended: if ctx ends, or the
// world fails, it is left alone, until the process ends.
func takePart(ctx context.Context, rank, size int, j *job) ([][]byte, error) {
	type invited struct {
		d   *door // rank 0 has it
		m   *part
		err error
	}
	invitations := make(chan invited, 1)
	go func() {
		d, m, err := invite(rank, size, j)
		invitations <- invited{d, m, err}
	}()
	var i invited
	select {
	case i = <-invitations:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if i.d != nil {
		defer func() {
			i.d.shut()
			i.d.wait(killLimit)
			i.d.close()
		}()
	}
	if i.err != nil {
		return nil, i.err
	}
	m := i.m
	defer m.leave()
	byHand.part.Store(m)
	go func() {
		c, err := byHand.world.Dup()
		if err != nil {
			m.tell(nil, asError(err, rank))
			return
		}
		ctx := context.WithValue(ctx, logKey{}, m.log)
		result, err := m.perform(ctx, c)
		m.tell(result, asError(err, rank))
	}()
	var lack <-chan struct{}
	if i.d != nil {
		lack = i.d.lack
	}
	for {
		select {
		case <-m.heard:
			if m.failure != nil {
				return nil, m.failure
			}
			return m.results, nil
		case <-lack:
			gone := i.d.missed()
			i.d.fail(&Error{Class: ErrDied, Rank: gone, Text: fmt.Sprintf("the process of rank %d ended by itself", gone)})
			lack = nil
		case <-ctx.Done():
			m.tell(nil, asError(context.Cause(ctx), -1))
			select {
			case <-m.heard:
			case <-time.After(killLimit):
			}
			return nil, context.Cause(ctx)
		}
	}
}

// invite brings all ranks to a door that rank 0 opens.
func invite(rank, size int, j *job) (*door, *part, error) {
	if byHand.lib == nil {
		lib, err := openLibrary()
		if err != nil {
			return nil, nil, err
		}
		byHand.lib = lib
		byHand.world = &Comm{t: lib.world(func(code int) {
			byHand.part.Load().tell(nil, aborted(rank, code))
			select {} // Run returns without the function
		}), busy: new(atomic.Bool)}
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, err
	}
	hosts, err := AllgatherValues(byHand.world, host)
	if err != nil {
		return nil, nil, err
	}
	var d *door
	var where string
	if rank == 0 {
		d, where, err = openDoorFor(size, len(slices.Compact(hosts)) > 1, errand{j.name, j.arg, j.log != nil}, j.log, true)
	}
	where, sent := BcastValue(byHand.world, where, 0)
	switch {
	case err != nil || sent != nil:
		return d, nil, cmp.Or(err, sent)
	case where == "":
		return nil, nil, &Error{Class: ErrOther, Rank: 0, Text: "rank 0 cannot take the results"}
	}
	p, err := parseDoorway(where)
	if err != nil {
		return d, nil, err
	}
	m, err := p.join(rank)
	return d, m, err
}
