package mpi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/mpi/engine"
)

// ByHand is the engine of a command that mpirun has started, as [Joined] tells: mpirun -n 5 cookbook run ch3.mpi-hello. Each
// of its processes makes the same calls of [Run], with the same arguments, and is one rank in each; each gets all the results, or the
// same error. The log of rank 0's Run is that of all ranks, the others' is not used.
//
// Before the process ends it has to call [Leave].
type ByHand struct{}

// Name implements engine.Engine.
func (ByHand) Name() string { return "by hand" }

// Check implements engine.Engine.
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
	world  engine.Transport
	broken error // why no more can be run
	part   atomic.Pointer[part]
}

func (e ByHand) Run(ctx context.Context, j *engine.Job) ([][]byte, error) {
	if err := e.Check(ctx); err != nil {
		return nil, err
	}
	rank, size, _ := Joined()
	if j.Ranks != size {
		return nil, engine.Errorf(engine.ErrCount, -1, "started with %d ranks by mpirun, and %s is to be run in %d: leave the number out, or give mpirun -n %d", size, j.Program, j.Ranks, j.Ranks)
	}
	ctx, cancel := limited(ctx, j.Timeout)
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
func takePart(ctx context.Context, rank, size int, j *engine.Job) ([][]byte, error) {
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
		t, err := byHand.world.Split(engine.CallDup, 0, rank)
		if err != nil {
			m.tell(nil, asError(err, rank))
			return
		}
		result, err := m.perform(ctx, t)
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
			i.d.fail(engine.Errorf(engine.ErrDied, gone, "the process of rank %d ended by itself", gone))
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
func invite(rank, size int, j *engine.Job) (*door, *part, error) {
	if byHand.lib == nil {
		lib, err := openLibrary()
		if err != nil {
			return nil, nil, err
		}
		byHand.lib = lib
		byHand.world = lib.world(func(code int) {
			byHand.part.Load().tell(nil, engine.Aborted(rank, code))
			select {} // Run returns without the function
		})
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, err
	}
	alone, err := onOneHost(byHand.world, host)
	if err != nil {
		return nil, nil, err
	}
	var d *door
	var where string
	if rank == 0 {
		d, where, err = openDoorFor(size, !alone, errand{j.Program, j.Arg, j.Log != nil}, j.Log, true)
	}
	where, sent := fromRankZero(byHand.world, where)
	switch {
	case err != nil || sent != nil:
		return d, nil, cmp.Or(err, sent)
	case where == "":
		return nil, nil, engine.Errorf(engine.ErrOther, 0, "rank 0 cannot take the results")
	}
	p, err := parseDoorway(where)
	if err != nil {
		return d, nil, err
	}
	m, err := p.join(rank)
	return d, m, err
}

// onOneHost reports whether all ranks are on one machine. All have to call it.
func onOneHost(t engine.Transport, host string) (bool, error) {
	mine := sha256.Sum256([]byte(host)) // names differ in length, and this does not
	all := make([]byte, len(mine)*t.Size())
	if err := t.Allgather(engine.CallAllgather, mine[:], all, engine.Layout{Each: len(mine)}, engine.Encoded); err != nil {
		return false, err
	}
	return bytes.Equal(all, bytes.Repeat(mine[:], t.Size())), nil
}

// fromRankZero returns on all ranks the text that rank 0 gives. All have to call it.
func fromRankZero(t engine.Transport, text string) (string, error) {
	length := []int64{int64(len(text))}
	if err := t.Bcast(engine.CallBcast, engine.Raw(length), engine.TypeOf[int64](), 0); err != nil {
		return "", err
	}
	b := make([]byte, length[0])
	copy(b, text) // on the others it is empty
	err := t.Bcast(engine.CallBcast, b, engine.Encoded, 0)
	return string(b), err
}
