package openmpi

import (
	"bufio"
	"bytes"
	"testing"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/wire"
)

func FuzzMessages(f *testing.F) {
	var b bytes.Buffer
	writeMessage(&b, msgJob, job{"name", []byte("argument"), true}.encode())
	writeMessage(&b, msgFailed, encodeError(engine.Errorf(engine.ErrType, 3, "text")))
	writeMessage(&b, msgDone, wire.AppendFields(nil, []byte("one"), nil, []byte("three")))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := bufio.NewReader(bytes.NewReader(stream))
		for {
			what, body, err := readMessage(in)
			if err != nil {
				return
			}
			var again bytes.Buffer
			writeMessage(&again, what, body)
			if w, b, err := readMessage(bufio.NewReader(&again)); err != nil || w != what || !bytes.Equal(b, body) {
				t.Errorf("message %q %q came back as %q %q, %v", what, body, w, b, err)
			}
			if e, err := decodeJob(body); err == nil {
				if back, err := decodeJob(e.encode()); err != nil || back.name != e.name || !bytes.Equal(back.arg, e.arg) || back.speaks != e.speaks {
					t.Errorf("job %+v came back as %+v, %v", e, back, err)
				}
			}
			if e, err := decodeError(body); err == nil {
				if back, err := decodeError(encodeError(e)); err != nil || back.Class != e.Class || back.Rank != e.Rank || back.Code != e.Code {
					t.Errorf("error %+v came back as %+v, %v", e, back, err)
				}
			}
		}
	})
}
