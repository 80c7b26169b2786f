package ch3

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// One rank sends and another one receives: the book's two messages, and then two modes of sending.

// # As in the book

// sendNumberAndText is what the book's ranks do. It returns what this rank received.
func sendNumberAndText(comm *mpi.Comm, me transcript.Actor) (string, error) {
	switch comm.Rank() {
	case 0:
		data := 10000000
		me.Printf("sending data %d to process %d", data, numberTo)
		return "", mpi.SendValue(comm, data, numberTo, 0)
	case 1:
		data := "hello"
		me.Printf("sending data %s to process %d", data, textTo)
		return "", mpi.SendValue(comm, data, textTo, 0)
	case numberTo:
		data, _, err := mpi.RecvValue[int](comm, 0, 0)
		if err != nil {
			return "", err
		}
		me.Printf("data received is = %d", data)
		return fmt.Sprint(data), nil
	case textTo:
		data, _, err := mpi.RecvValue[string](comm, 1, 0)
		if err != nil {
			return "", err
		}
		me.Printf("data1 received is = %s", data)
		return data, nil
	}
	return "", nil // the others have nothing to do
}

const (
	numberTo = 4 // where rank 0 sends a number
	textTo   = 8 // where rank 1 sends a text
)

// # Two modes

// sendInTwoModes sends some bytes from rank 0 to rank 4, which is late, in each of two modes.
func sendInTwoModes(ctx context.Context, comm *mpi.Comm, me transcript.Actor, size int) (whole int, err error) {
	data := bytes.Repeat([]byte("x"), size)
	for _, mode := range []struct {
		name, note string
		send       func(comm *mpi.Comm, buf []byte, dest, tag int) error
	}{
		{"Send", "Send may leave its message in a buffer, and need not wait for its receiver.", mpi.Send[byte]},
		{"Ssend", "Ssend never returns before its receiver has begun to receive.", mpi.Ssend[byte]},
	} {
		// The note comes after all ranks have said their lines, and before any rank goes on.
		if err := comm.Barrier(); err != nil {
			return whole, err
		}
		if comm.Rank() == 0 {
			mpi.Log(ctx).Note("%s", mode.note)
		}
		if err := comm.Barrier(); err != nil {
			return whole, err
		}

		switch comm.Rank() {
		case 0:
			begun := time.Now()
			if err := mode.send(comm, data, numberTo, 0); err != nil {
				return whole, err
			}
			me.Printf("%s of %d bytes returned after %v", mode.name, size, time.Since(begun).Round(time.Microsecond))
		case numberTo:
			if err := mpi.Log(ctx).Sleep(ctx, time.Second); err != nil {
				return whole, err
			}
			me.Printf("calling Recv")
			buf := make([]byte, size)
			if _, err := mpi.Recv(comm, buf, 0, 0); err != nil {
				return whole, err
			}
			if bytes.Equal(buf, data) {
				whole++
			}
		}
	}
	return whole, nil
}

// # The run

var messageRanks = mpi.Register("ch3.point-to-point", func(ctx context.Context, comm *mpi.Comm, size int) (received, error) {
	var got received
	var err error
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	me.Printf("my rank is : %d", comm.Rank())
	if got.Data, err = sendNumberAndText(comm, me); err != nil {
		return got, err
	}
	got.Whole, err = sendInTwoModes(ctx, comm, me, size)
	return got, err
})

// received is what came to a rank.
type received struct {
	Data  string
	Whole int // messages of the two modes that came as they were sent
}

func sendMessages(ctx context.Context, out *transcript.Log, ranks, size int) error {
	out.Note("All ranks run one function, and what each does depends on its rank: two send, two receive, the others " +
		"only say their rank.")
	answers, err := mpi.Run(ctx, messageRanks, ranks, size, mpi.WithLog(out))
	if err != nil {
		return err
	}
	out.Check("rank 4 received what rank 0 sent", answers[numberTo].Data, "10000000")
	out.Check("rank 8 received what rank 1 sent", answers[textTo].Data, "hello")
	out.Check("in both modes all bytes came", answers[numberTo].Whole, 2)
	return nil
}

var pointToPoint = catalog.Recipe{
	ID: "ch3.point-to-point", Section: "3.12", Title: "Send a message from one rank to another",
	Python: "mpi4py: comm.send, comm.recv, Comm.Ssend", Go: "mpi.SendValue, mpi.RecvValue, mpi.Ssend",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 9, textTo+1, mpi.MaxRanks, "ranks to start, of which 4 and 8 receive")
		size := catalog.Int(f, "size", 8, 0, 100_000_000, "bytes to send in the two modes")
		return func(ctx context.Context, out *transcript.Log) error { return sendMessages(ctx, out, *ranks, *size) }
	},
	Wrong: pointToPointWrong,
}
