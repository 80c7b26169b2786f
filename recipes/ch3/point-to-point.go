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

const (
	p2pNumberTo = 4 // where rank 0 sends a number
	p2pTextTo   = 8 // where rank 1 sends a text
)

// A p2pAnswer is what came to a rank.
type p2pAnswer struct {
	Data  string
	Whole int // messages of the two modes that came as they were sent
}

var p2pRank = mpi.Register("ch3.point-to-point", func(ctx context.Context, comm *mpi.Comm, size int) (answer p2pAnswer, err error) {
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	me.Printf("my rank is : %d", comm.Rank())
	if answer.Data, err = p2pBook(comm, me); err != nil {
		return answer, err
	}
	answer.Whole, err = p2pModes(ctx, comm, me, size)
	return answer, err
})

// p2pBook is what the book's ranks do. It returns what came.
func p2pBook(comm *mpi.Comm, me transcript.Actor) (string, error) {
	switch comm.Rank() {
	case 0:
		data := 10000000
		me.Printf("sending data %d to process %d", data, p2pNumberTo)
		return "", mpi.SendValue(comm, data, p2pNumberTo, 0)
	case 1:
		data := "hello"
		me.Printf("sending data %s to process %d", data, p2pTextTo)
		return "", mpi.SendValue(comm, data, p2pTextTo, 0)
	case p2pNumberTo:
		data, _, err := mpi.RecvValue[int](comm, 0, 0)
		if err != nil {
			return "", err
		}
		me.Printf("data received is = %d", data)
		return fmt.Sprint(data), nil
	case p2pTextTo:
		data, _, err := mpi.RecvValue[string](comm, 1, 0)
		if err != nil {
			return "", err
		}
		me.Printf("data1 received is = %s", data)
		return data, nil
	}
	return "", nil // the others have nothing to do
}

// p2pModes sends some bytes from rank 0 to rank 4, which is late, in each of two modes.
func p2pModes(ctx context.Context, comm *mpi.Comm, me transcript.Actor, size int) (whole int, err error) {
	data := bytes.Repeat([]byte("x"), size)
	for _, mode := range []struct {
		name, note string
		send       func(comm *mpi.Comm, buf []byte, dest, tag int) error
	}{
		{"Send", "Send may leave its message in a buffer, and need not wait until anybody receives it.", mpi.Send[byte]},
		{"Ssend", "Ssend never returns before its receiver has begun to receive.", mpi.Ssend[byte]},
	} {
		// All have spoken when the note comes, and nobody goes on before it has.
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
			if err := mode.send(comm, data, p2pNumberTo, 0); err != nil {
				return whole, err
			}
			me.Printf("%s of %d bytes returned after %v", mode.name, size, time.Since(begun).Round(time.Microsecond))
		case p2pNumberTo:
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

func p2pRun(ctx context.Context, out *transcript.Log, ranks, size int) error {
	out.Note("All ranks run one function, and what each does depends on its rank: two send, two receive, the others only speak.")
	answers, err := mpi.Run(ctx, p2pRank, ranks, size, mpi.WithLog(out))
	if err != nil {
		return err
	}
	out.Check("rank 4 received what rank 0 sent", answers[p2pNumberTo].Data, "10000000")
	out.Check("rank 8 received what rank 1 sent", answers[p2pTextTo].Data, "hello")
	out.Check("in both modes all bytes came", answers[p2pNumberTo].Whole, 2)
	return nil
}

var pointToPoint = catalog.Recipe{
	ID: "ch3.point-to-point", Section: "3.12", Title: "Send a message from one rank to another",
	Python: "mpi4py: comm.send, comm.recv, Comm.Ssend", Go: "mpi.SendValue, mpi.RecvValue, mpi.Ssend",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 9, p2pTextTo+1, mpi.MaxRanks, "ranks to start, of which 4 and 8 receive")
		size := catalog.Int(f, "size", 8, 0, 100_000_000, "bytes to send in the two modes")
		return func(ctx context.Context, out *transcript.Log) error { return p2pRun(ctx, out, *ranks, *size) }
	},
}
