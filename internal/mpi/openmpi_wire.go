package mpi

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cookbook/internal/mpi/engine"
)

// A rank that mpirun has started and the process that keeps the log and the results speak on connections over TCP. Each begins
// with an introduction, in which both show that they know the secret and neither says it:
//
//	rank  what for, its rank, its process, a number that never comes again
//	door  another such number, and the proof over both and what the rank said
//	rank  its own proof
//
// Then a connection for lines is the log's, and one for the outcome carries messages: what it is, the length in eight bytes,
// so many bytes. The door sends the errand, the rank what came of it, and the door what came of all.

// What a connection is for.
const (
	forLines   = 'l'
	forOutcome = 'o'
)

// What a message is.
const (
	msgErrand = 'j' // door: what is to be run
	msgReturn = 'f' // rank: its function has returned, and it waits for the others
	msgResult = 'r' // rank: what its function returned
	msgFailed = 'e' // rank: the error of its function; door: that of the world
	msgDone   = 'd' // door: all have returned; their results, or nothing
)

const (
	secretSize = 32
	nonceSize  = 16
	helloSize  = 1 + 4 + 4 + nonceSize
	// maxMessage bounds what one end makes the other remember, once it is known.
	maxMessage = 1<<31 - 1
)

var (
	errStranger = errors.New("it does not know the secret")
	errNonsense = errors.New("that is not what is to be said here")
)

// A visitor is who has introduced itself.
type visitor struct {
	purpose   byte
	rank, pid int
}

// proof shows that whoever made it knows the secret. Each side has a role of its own, so neither can repeat what the other says.
func proof(secret []byte, role string, hello, nonce []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(role))
	mac.Write(hello)
	mac.Write(nonce)
	return mac.Sum(nil)
}

// introduce is the rank's part.
func introduce(conn io.ReadWriter, secret []byte, v visitor) error {
	hello := make([]byte, helloSize)
	hello[0] = v.purpose
	binary.LittleEndian.PutUint32(hello[1:], uint32(v.rank))
	binary.LittleEndian.PutUint32(hello[5:], uint32(v.pid))
	rand.Read(hello[9:])
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	answer := make([]byte, nonceSize+sha256.Size)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	nonce := answer[:nonceSize]
	if !hmac.Equal(answer[nonceSize:], proof(secret, "door", hello, nonce)) {
		return errStranger
	}
	_, err := conn.Write(proof(secret, "rank", hello, nonce))
	return err
}

// admit is the door's part. It reads a fixed number of bytes from a stranger.
func admit(conn io.ReadWriter, secret []byte, ranks int) (visitor, error) {
	hello := make([]byte, helloSize)
	if _, err := io.ReadFull(conn, hello); err != nil {
		return visitor{}, err
	}
	v := visitor{hello[0], int(binary.LittleEndian.Uint32(hello[1:])), int(binary.LittleEndian.Uint32(hello[5:]))}
	if v.purpose != forLines && v.purpose != forOutcome || uint(v.rank) >= uint(ranks) {
		return visitor{}, errNonsense
	}
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	if _, err := conn.Write(append(nonce, proof(secret, "door", hello, nonce)...)); err != nil {
		return visitor{}, err
	}
	shown := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, shown); err != nil {
		return visitor{}, err
	}
	if !hmac.Equal(shown, proof(secret, "rank", hello, nonce)) {
		return visitor{}, errStranger
	}
	return v, nil
}

const headSize = 1 + 8

func writeMessage(w io.Writer, what byte, body []byte) error {
	if len(body) > maxMessage {
		return engine.Errorf(engine.ErrCount, -1, "%d bytes are too many: an argument and a result have room for %d", len(body), maxMessage)
	}
	head := binary.LittleEndian.AppendUint64([]byte{what}, uint64(len(body)))
	if len(body) < 4<<10 {
		head, body = append(head, body...), nil // one packet on the way
	}
	if _, err := w.Write(head); err != nil || body == nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// readMessage reads one message. One that lies about its length gets no memory for bytes that do not come. The error is io.EOF
// if the stream ends before the message.
func readMessage(r io.Reader) (what byte, body []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint64(head[1:])
	if n > maxMessage {
		return 0, nil, fmt.Errorf("%w: a message of %d bytes", errNonsense, n)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	return head[0], b.Bytes(), nil
}

// An errand is what a rank has to do.
type errand struct {
	name  string // of the program
	arg   []byte
	lines bool // somebody listens
}

func (e errand) encode() []byte {
	listens := []byte{0}
	if e.lines {
		listens[0] = 1
	}
	return appendFields(nil, []byte(e.name), listens, e.arg)
}

func decodeErrand(body []byte) (errand, error) {
	f, err := cutFields(body)
	if err != nil || len(f) != 3 || len(f[1]) != 1 {
		return errand{}, errNonsense
	}
	return errand{string(f[0]), f[2], f[1][0] != 0}, nil
}

// appendFields appends bytes, each with their length before them.
func appendFields(to []byte, fields ...[]byte) []byte {
	for _, f := range fields {
		to = append(binary.AppendUvarint(to, uint64(len(f))), f...)
	}
	return to
}

// cutFields reads what appendFields wrote, and shares its memory.
func cutFields(from []byte) (fields [][]byte, err error) {
	for len(from) > 0 {
		n, size := binary.Uvarint(from)
		if size <= 0 || n > uint64(len(from)-size) {
			return nil, errNonsense
		}
		end := size + int(n)
		fields = append(fields, from[size:end:end])
		from = from[end:]
	}
	return fields, nil
}

// maxText bounds the text of an error on the way.
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

// decodeError reads an error and believes no class that there is not.
func decodeError(body []byte) (*engine.Error, error) {
	e := new(engine.Error)
	if err := json.Unmarshal(body, e); err != nil || !e.Class.Known() || e.Text == "" {
		return nil, errNonsense
	}
	return e, nil
}
