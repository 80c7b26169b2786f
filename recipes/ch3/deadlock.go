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

// Ranks 1 and 5 want each other's data. Which calls they make first decides whether both wait without end.

// # What rank 1 and rank 5 can do

// A party is rank 1 or rank 5: it has a message for the other one, and wants the other's.
type party struct {
	comm           *mpi.Comm
	me             transcript.Actor
	other          int
	mine, received []byte
}

// receiveFirst on both sides hangs: each waits for what the other would send afterwards.
func receiveFirst(p *party) error {
	_, err := mpi.Recv(p.comm, p.received, p.other, 0)
	if err := p.sayReceived(err); err != nil {
		return err
	}
	p.saySending()
	return mpi.Send(p.comm, p.mine, p.other, 0)
}

// sendFirst on both sides hangs if the message is too long to be kept for its receiver.
func sendFirst(p *party) error {
	p.saySending()
	if err := mpi.Send(p.comm, p.mine, p.other, 0); err != nil {
		return err
	}
	_, err := mpi.Recv(p.comm, p.received, p.other, 0)
	return p.sayReceived(err)
}

// sendrecv sends and receives at the same time, so neither side has to be first.
func sendrecv(p *party) error {
	p.saySending()
	_, err := mpi.Sendrecv(p.comm, p.mine, p.other, 0, p.received, p.other, 0)
	return p.sayReceived(err)
}

// sendrecvText is the same for values, here strings. It needs no buffer of the right length.
func sendrecvText(p *party) error {
	p.saySending()
	text, _, err := mpi.SendrecvValue[string, string](p.comm, string(p.mine), p.other, 0, p.other, 0)
	p.received = []byte(text)
	return p.sayReceived(err)
}

func (p *party) saySending() { p.me.Printf("sending data %s to process %d", abridged(p.mine), p.other) }
func (p *party) sayReceived(err error) error {
	if err == nil {
		p.me.Printf("data received is = %s", abridged(p.received))
	}
	return err
}

// abridged is a short form of a message, which is one letter, repeated.
func abridged(message []byte) string {
	return strings.TrimSuffix(fmt.Sprintf("%c × %d", message[0], len(message)), " × 1")
}

// # What they do

// An exchange is what the two ranks do at the same time, with messages of one size.
type exchange struct {
	note, claim  string
	size         int
	rank1, rank5 func(*party) error
}

func exchanges(long int) []exchange {
	return []exchange{
		{"Both receive first: each waits for a message that the other would send afterwards.",
			"both receive first: neither goes on", 1, receiveFirst, receiveFirst},
		{"Both send first. Send of a long message waits for the receiver.",
			"both send first: neither goes on if the message is too long to be kept", long, sendFirst, sendFirst},
		{"Both send one byte first: that works here. But MPI does not promise that it works.",
			"both send one byte first: each has the other's message", 1, sendFirst, sendFirst},
		{"One sends first, the other receives first: that works with messages of any length.",
			"one sends first, the other receives first: each has the other's message", long, sendFirst, receiveFirst},
		{"Sendrecv does both at once: that works with any length, too, and neither has to be first.",
			"both call Sendrecv: each has the other's message", long, sendrecv, sendrecv},
		{"SendrecvValue does the same for values of any type, here strings.",
			"both call SendrecvValue: each has the other's message", long, sendrecvText, sendrecvText},
	}
}

// chosen says which of the exchanges to make, and how long the long messages are.
type chosen struct{ Index, Long int }

// makeExchange reports on ranks 1 and 5 whether the other's message came.
var makeExchange = mpi.Register("ch3.deadlock", func(ctx context.Context, comm *mpi.Comm, t chosen) (came bool, err error) {
	rank := comm.Rank()
	me, e := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank)), exchanges(t.Long)[t.Index]
	if t.Index == 0 {
		me.Printf("my rank is : %d", rank)
	}
	a, b := bytes.Repeat([]byte("a"), e.size), bytes.Repeat([]byte("b"), e.size)
	switch rank {
	case 1:
		p := &party{comm, me, 5, a, make([]byte, e.size)}
		err = e.rank1(p)
		came = bytes.Equal(p.received, b)
	case 5:
		p := &party{comm, me, 1, b, make([]byte, e.size)}
		err = e.rank5(p)
		came = bytes.Equal(p.received, a)
	}
	return came, err
})

// # The run

const (
	longMessage = 1_000_000       // bytes; far more than an MPI library keeps for a receiver that may never come
	eagerLimit  = 16 << 10        // bytes of the longest message that the local engine keeps
	patience    = 5 * time.Second // if the engine does not find out by itself that its ranks hang
)

func exchangeMessages(ctx context.Context, out *transcript.Log, ranks, size int) error {
	for i, e := range exchanges(size) {
		out.Note("%s", e.note)
		came, err := mpi.Run(ctx, makeExchange, ranks, chosen{i, size},
			mpi.WithLog(out), mpi.WithEagerLimit(eagerLimit), mpi.WithTimeout(patience))
		hung, err := haveHung(ctx, out, err)
		switch {
		case err != nil:
			return err
		case i > 1:
			out.Check(e.claim, !hung && came[1] && came[5], true)
		case i == 0 || size >= longMessage || mpi.EngineName(ctx) == "local": // otherwise only the MPI library knows
			out.Check(e.claim, hung, i == 0 || size > eagerLimit)
		}
	}
	return nil
}

// haveHung prints the error of a Run that has hung, and reports whether it has. The local engine finds out which rank
// waits for which. An MPI library lets the ranks wait until Run's time is over.
func haveHung(ctx context.Context, out *transcript.Log, err error) (bool, error) {
	circle := errors.Is(err, mpi.ErrDeadlock) &&
		strings.Contains(err.Error(), "rank 1 waits") && strings.Contains(err.Error(), "rank 5 waits")
	if circle || errors.Is(err, mpi.ErrTimeout) && mpi.EngineName(ctx) != "local" {
		out.Printf("%v", err)
		return true, nil
	}
	return false, err
}

var mpiDeadlock = catalog.Recipe{
	ID: "ch3.deadlock", Section: "3.13", Title: "Keep two ranks from waiting for each other",
	Python: "mpi4py: comm.send, comm.recv, Comm.Sendrecv", Go: "mpi.Sendrecv, mpi.ErrDeadlock",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 9, 6, mpi.MaxRanks, "ranks to start, of which 1 and 5 exchange messages")
		size := catalog.Int(f, "size", longMessage, 2, 100_000_000, "bytes of each long message; the others have one byte")
		return func(ctx context.Context, out *transcript.Log) error {
			if mpi.EngineName(ctx) == "by hand" {
				return catalog.Usagef("its ranks hang on purpose, and mpirun, which has started these, starts no others; " +
					"type without mpirun: cookbook run ch3.deadlock --engine mpi")
			}
			return exchangeMessages(ctx, out, *ranks, *size)
		}
	},
	Wrong: mpiDeadlockWrong,
}
