package ch3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

const (
	deadlockLong     = 1_000_000       // bytes; far more than an MPI library keeps for somebody who may never receive them
	deadlockEager    = 16 << 10        // bytes of the longest message that the local engine is to keep
	deadlockPatience = 5 * time.Second // with ranks of an engine that does not find out by itself that they hang
)

// A deadlockExchange is what ranks 1 and 5 do, step by step, and why.
type deadlockExchange struct {
	Note         string
	Size         int // of the messages
	Rank1, Rank5 string
}

// A deadlockTask is what all ranks are told.
type deadlockTask struct {
	Greet     bool
	Exchanges []deadlockExchange
}

// deadlockRank returns, for each exchange, whether the other's message came.
var deadlockRank = mpi.Register("ch3.deadlock", func(ctx context.Context, comm *mpi.Comm, task deadlockTask) (came []bool, err error) {
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	if task.Greet {
		me.Printf("my rank is : %d", comm.Rank())
	}
	for _, e := range task.Exchanges {
		// All have done what came before when the note comes, and nobody goes on before it has.
		if err := comm.Barrier(); err != nil {
			return nil, err
		}
		if comm.Rank() == 0 {
			mpi.Log(ctx).Note("%s", e.Note)
		}
		if err := comm.Barrier(); err != nil {
			return nil, err
		}
		right := false
		switch comm.Rank() {
		case 1:
			right, err = deadlockSteps(comm, me, e.Rank1, 5, bytes.Repeat([]byte("a"), e.Size), bytes.Repeat([]byte("b"), e.Size))
		case 5:
			right, err = deadlockSteps(comm, me, e.Rank5, 1, bytes.Repeat([]byte("b"), e.Size), bytes.Repeat([]byte("a"), e.Size))
		}
		if err != nil {
			return nil, err
		}
		came = append(came, right)
	}
	return came, nil
})

// deadlockSteps sends mine to the other rank and receives what should be theirs.
func deadlockSteps(comm *mpi.Comm, me transcript.Actor, steps string, other int, mine, theirs []byte) (right bool, err error) {
	received := make([]byte, len(theirs))
	for _, step := range strings.Fields(steps) {
		if step != "receive" {
			me.Printf("sending data %s to process %d", deadlockText(mine), other)
		}
		switch step {
		case "send":
			err = mpi.Send(comm, mine, other, 0)
		case "receive":
			_, err = mpi.Recv(comm, received, other, 0)
		case "sendrecv":
			_, err = mpi.Sendrecv(comm, mine, other, 0, received, other, 0)
		}
		if err != nil {
			return false, err
		}
		if step != "send" {
			me.Printf("data received is = %s", deadlockText(received))
		}
	}
	return bytes.Equal(received, theirs), nil
}

// deadlockText is a message that is one letter many times over.
func deadlockText(message []byte) string {
	if len(message) == 1 {
		return string(message)
	}
	return fmt.Sprintf("%c × %d", message[0], len(message))
}

func deadlockRun(ctx context.Context, out *transcript.Log, ranks, size int, hang bool) error {
	run := func(greet bool, exchanges ...deadlockExchange) ([][]bool, error) {
		return mpi.Run(ctx, deadlockRank, ranks, deadlockTask{greet, exchanges},
			mpi.WithLog(out), mpi.WithEagerLimit(deadlockEager), mpi.WithTimeout(deadlockPatience))
	}
	_, err := run(true, deadlockExchange{"Both receive first: what each waits for, the other would send afterwards.", 1, "receive send", "receive send"})
	if hang {
		return err
	}
	hung, err := deadlockHung(ctx, out, err)
	if err != nil {
		return err
	}
	out.Check("both receive first: neither goes on", hung, true)

	_, err = run(false, deadlockExchange{"Both send first, and Send waits for its receiver, if the message is a long one.", size, "send receive", "send receive"})
	if hung, err = deadlockHung(ctx, out, err); err != nil {
		return err
	}
	if size >= deadlockLong || mpi.EngineName(ctx) == "local" { // else only the MPI library knows
		out.Check("both send first: neither goes on if the message is too long to be kept", hung, size > deadlockEager)
	}

	came, err := run(false,
		deadlockExchange{"Both send first, one byte: that works here. But MPI does not promise that it does.", 1, "send receive", "send receive"},
		deadlockExchange{"One sends first, the other receives first: that works with messages of any length.", size, "send receive", "receive send"},
		deadlockExchange{"Sendrecv does both at once: that works with any length, too, and nobody has to be first.", size, "sendrecv", "sendrecv"})
	if err != nil {
		return err
	}
	for i, how := range []string{"both send one byte first", "one sends first, the other receives first", "both call Sendrecv"} {
		out.Check(how+": each has the other's message", came[1][i] && came[5][i], true)
	}
	return nil
}

// deadlockHung says what a Run that may have hung ended with, and reports whether it has. The local engine finds out who waits for whom;
// an MPI library lets them wait, until Run's time is over.
func deadlockHung(ctx context.Context, out *transcript.Log, err error) (bool, error) {
	found := errors.Is(err, mpi.ErrDeadlock) && strings.Contains(err.Error(), "rank 1 waits") && strings.Contains(err.Error(), "rank 5 waits")
	if found || errors.Is(err, mpi.ErrTimeout) && mpi.EngineName(ctx) != "local" {
		out.Printf("%v", err)
		return true, nil
	}
	return false, err
}

var mpiDeadlock = catalog.Recipe{
	ID: "ch3.deadlock", Section: "3.13", Title: "Keep two ranks from waiting for each other for ever",
	Python: "mpi4py: comm.send, comm.recv, Comm.Sendrecv", Go: "mpi.Sendrecv, mpi.ErrDeadlock",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 9, 6, mpi.MaxRanks, "ranks to start, of which 1 and 5 exchange messages")
		size := catalog.Int(f, "size", deadlockLong, 1, 100_000_000, "bytes of the messages that are longer than one byte")
		hang := f.Bool("hang", false, "only let both ranks receive first, and fail as that does")
		return func(ctx context.Context, out *transcript.Log) error {
			if mpi.EngineName(ctx) == "by hand" && !*hang {
				return catalog.Usagef("its ranks hang on purpose, and mpirun, which has started these, starts no others; " +
					"type without mpirun: cookbook run ch3.deadlock --engine mpi")
			}
			return deadlockRun(ctx, out, *ranks, *size, *hang)
		}
	},
}
