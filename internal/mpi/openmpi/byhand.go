package openmpi

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
// of its processes makes the same calls of Run, with the same arguments, and is one rank in each. Each gets all the results,
// or the same error. The log of rank 0's Run is that of all ranks; those of the others are not used.
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
	member atomic.Pointer[member]
}

// Run implements engine.Engine.
func (e ByHand) Run(ctx context.Context, j *engine.Job) ([][]byte, error) {
	if err := e.Check(ctx); err != nil {
		return nil, err
	}
	rank, size, _ := Joined()
	if j.Ranks != size {
		return nil, engine.Errorf(engine.ErrCount, -1,
			"started with %d ranks by mpirun, and %s is to be run in %d: leave the number out, or give mpirun -n %d",
			size, j.Program, j.Ranks, j.Ranks)
	}
	ctx, cancel := limited(ctx, j.Timeout)
	defer cancel()
	byHand.Lock()
	defer byHand.Unlock()
	if byHand.broken != nil {
		return nil, fmt.Errorf("the ranks are of no use any more: %w", byHand.broken)
	}
	results, err := runByHand(ctx, rank, size, j)
	if err != nil {
		byHand.broken = err
		return nil, err
	}
	return results, nil
}

// Leave ends MPI in a process that mpirun has started: MPI_Finalize. It waits until all ranks do so. After a Run that has
// failed it does nothing: then the process has to end with another exit code than 0, by which mpirun ends those that still
// wait.
func Leave() error {
	byHand.Lock()
	defer byHand.Unlock()
	if byHand.lib != nil && byHand.broken == nil {
		byHand.lib.finalize()
		byHand.broken = errors.New("MPI has been left")
	}
	return nil
}

// runByHand is one Run. What waits for other ranks is done in goroutines of its own, because a call of MPI cannot be ended:
// if ctx ends, or the world fails, they are left alone until the process ends.
func runByHand(ctx context.Context, rank, size int, j *engine.Job) ([][]byte, error) {
	type meeting struct {
		l   *listener // on rank 0
		m   *member
		err error
	}
	met := make(chan meeting, 1)
	go func() {
		l, m, err := gather(rank, size, j)
		met <- meeting{l, m, err}
	}()
	var at meeting
	select {
	case at = <-met:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if at.l != nil {
		defer func() {
			at.l.wire.Shut()
			at.l.wait(killLimit)
			at.l.close()
		}()
	}
	if at.err != nil {
		return nil, at.err
	}
	m := at.m
	defer m.leave()
	byHand.member.Store(m)
	go func() {
		t, err := byHand.world.Split(engine.CallDup, 0, rank)
		if err != nil {
			m.report(nil, asError(err, rank))
			return
		}
		result, err := m.perform(ctx, t)
		m.report(result, asError(err, rank))
	}()
	var lost <-chan struct{}
	if at.l != nil {
		lost = at.l.rankLost
	}
	for {
		select {
		case <-m.decided:
			if m.failure != nil {
				return nil, m.failure
			}
			return m.results, nil
		case <-lost:
			gone := at.l.lost()
			at.l.fail(engine.Errorf(engine.ErrDied, gone, "the process of rank %d ended by itself", gone))
			lost = nil
		case <-ctx.Done():
			m.report(nil, asError(context.Cause(ctx), -1))
			select {
			case <-m.decided:
			case <-time.After(killLimit):
			}
			return nil, context.Cause(ctx)
		}
	}
}

// gather connects all ranks to a listener of rank 0.
func gather(rank, size int, j *engine.Job) (*listener, *member, error) {
	if byHand.lib == nil {
		lib, err := openLibrary()
		if err != nil {
			return nil, nil, err
		}
		byHand.lib = lib
		byHand.world = lib.world(func(code int) {
			byHand.member.Load().report(nil, engine.Aborted(rank, code))
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
	var l *listener
	var where string
	if rank == 0 {
		l, where, err = listenFor(size, !alone, job{j.Program, j.Arg, j.Log != nil}, j.Log, true)
	}
	where, sent := fromRankZero(byHand.world, where)
	switch {
	case err != nil || sent != nil:
		return l, nil, cmp.Or(err, sent)
	case where == "":
		return nil, nil, engine.Errorf(engine.ErrOther, 0, "rank 0 cannot take the results")
	}
	a, err := parseAddress(where)
	if err != nil {
		return l, nil, err
	}
	m, err := a.join(rank)
	return l, m, err
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
