package openmpi

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/wire"
)

// A rank and the process that keeps the log and the results speak over TCP. Each connection begins with wire's handshake, in
// which the rank says which peer it is. Then a connection for lines is the log's. One for the outcome carries messages, a
// frame each: a byte that says what it is, and the rest. The listener sends the job, the rank its outcome, and the listener
// the outcome of all.

// What a connection is for.
const (
	forLines   = 'l'
	forOutcome = 'o'
)

// What a message is.
const (
	msgJob    = 'j' // listener: what is to be run
	msgReturn = 'f' // rank: its function has returned, and it waits for the others
	msgResult = 'r' // rank: what its function returned
	msgFailed = 'e' // rank: the error of its function; listener: that of the world
	msgDone   = 'd' // listener: all have returned; their results, or nothing
)

// maxMessage bounds a message, and so what one end makes the other remember.
const maxMessage = 1<<31 - 1

// A peer is a rank as it introduces itself.
type peer struct {
	purpose   byte
	rank, pid int
}

const peerSize = 1 + 4 + 4

func (p peer) encode() []byte {
	who := binary.LittleEndian.AppendUint32([]byte{p.purpose}, uint32(p.rank))
	return binary.LittleEndian.AppendUint32(who, uint32(p.pid))
}

// decodePeer reads a peer, one of that many ranks, from peerSize bytes.
func decodePeer(who []byte, ranks int) (peer, error) {
	p := peer{who[0], int(binary.LittleEndian.Uint32(who[1:])), int(binary.LittleEndian.Uint32(who[5:]))}
	if p.purpose != forLines && p.purpose != forOutcome || uint(p.rank) >= uint(ranks) {
		return peer{}, wire.ErrNonsense
	}
	return p, nil
}

func writeMessage(w io.Writer, what byte, body []byte) error {
	if len(body) >= maxMessage {
		return engine.Errorf(engine.ErrCount, -1, "%d bytes are too many: an argument and a result have room for %d", len(body), maxMessage-1)
	}
	return wire.WriteFrame(w, append(append(wire.NewFrame(nil), what), body...), maxMessage)
}

// readMessage reads one message. The error is io.EOF if the stream ends before it.
func readMessage(r *bufio.Reader) (what byte, body []byte, err error) {
	b, err := wire.ReadFrame(r, nil, maxMessage)
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("%w: a message of no bytes", wire.ErrNonsense)
	}
	if err != nil {
		return 0, nil, err
	}
	return b[0], b[1:], nil
}

// A job is what a rank has to do.
type job struct {
	name   string // of the program
	arg    []byte
	speaks bool // there is a log
}

func (j job) encode() []byte {
	speaks := []byte{0}
	if j.speaks {
		speaks[0] = 1
	}
	return wire.AppendFields(nil, []byte(j.name), speaks, j.arg)
}

func decodeJob(body []byte) (job, error) {
	f, err := wire.CutFields[[]byte](body)
	if err != nil || len(f) != 3 || len(f[1]) != 1 {
		return job{}, wire.ErrNonsense
	}
	return job{string(f[0]), f[2], f[1][0] != 0}, nil
}

// maxText bounds the text of an error in a message.
const maxText = 64 << 10

func encodeError(e *engine.Error) []byte {
	short := *e
	short.Text = short.Text[:min(len(short.Text), maxText)]
	b, err := json.Marshal(short)
	if err != nil {
		panic(err) // numbers and a text
	}
	return b
}

// decodeError reads an error, whose class must be one that there is.
func decodeError(body []byte) (*engine.Error, error) {
	e := new(engine.Error)
	if err := json.Unmarshal(body, e); err != nil || !e.Class.Known() || e.Text == "" {
		return nil, wire.ErrNonsense
	}
	return e, nil
}
