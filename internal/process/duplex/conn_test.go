package duplex

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A party is one end and what its process holds of the pipe.
type party struct {
	*Conn
	in, out *os.File
}

func (p party) close() {
	p.in.Close()
	p.out.Close()
	p.Close()
}

// pair makes both ends in this process, with memory if there is any.
func pair(t testing.TB, withMemory bool) (first, second party) {
	t.Helper()
	var memory *os.File
	if withMemory {
		var err error
		if memory, err = NewMemory(); err != nil {
			t.Fatal(err)
		}
		if memory == nil {
			t.Skip("this system has no memory to share between processes")
		}
		defer memory.Close()
	}
	var ends [2]party
	for i := range ends {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ends[i].in, ends[1-i].out = r, w
	}
	for i := range ends {
		c, err := New(i, memory, ends[i].in, ends[i].out)
		if err != nil {
			t.Fatal(err)
		}
		ends[i].Conn = c
		t.Cleanup(ends[i].close)
	}
	return ends[0], ends[1]
}

func everyWay(t *testing.T, f func(t *testing.T, withMemory bool)) {
	t.Run("with memory", func(t *testing.T) { f(t, true) })
	t.Run("without memory", func(t *testing.T) { f(t, false) })
}

func send(t testing.TB, c party, body []byte) {
	t.Helper()
	if err := c.Send(append(wire.NewFrame(nil), body...)); err != nil {
		t.Error(err)
	}
}

// message is the i-th of a sequence: all lengths around the borders of rings and units, and some large ones.
func message(i int, sizes *rand.Rand) []byte {
	n := sizes.IntN(40)
	switch sizes.IntN(20) {
	case 0:
		n = sizes.IntN(mostBytes)
	case 1:
		n = mostBytes - 2 + sizes.IntN(5)
	case 2:
		n = mostBytes + sizes.IntN(mostBytes)
	}
	body := make([]byte, n)
	for k := range body {
		body[k] = byte(i + k)
	}
	return body
}

func TestMessagesArriveWholeAndInOrder(t *testing.T) {
	const messages = 3_000
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		var all sync.WaitGroup
		for i, way := range [][2]party{{first, second}, {second, first}} {
			seed := uint64(i)
			all.Go(func() {
				sizes := rand.New(rand.NewPCG(seed, 0))
				for m := range messages {
					send(t, way[0], message(m, sizes))
				}
			})
			all.Go(func() {
				sizes := rand.New(rand.NewPCG(seed, 0))
				var buf []byte
				for m := range messages {
					got, err := way[1].Receive(t.Context(), buf)
					if want := message(m, sizes); err != nil || !bytes.Equal(got, want) {
						t.Errorf("message %d has %d bytes (%v), want %d", m, len(got), err, len(want))
						return
					}
					buf = got
				}
			})
		}
		all.Wait()
	})
}

func TestARingBeginsAgainWhenAllIsTaken(t *testing.T) {
	first, second := pair(t, true)
	var buf []byte
	for i := range 10_000 {
		size := i % 100
		send(t, first, bytes.Repeat([]byte{byte(i)}, size))
		if at := first.send.tail % ringUnits * unit; at > page+200 {
			t.Fatalf("%d bytes of the ring are in use after message %d, which was all there was", at, i)
		}
		got, err := second.Receive(t.Context(), buf)
		if err != nil || len(got) != size || size > 0 && got[size-1] != byte(i) {
			t.Fatalf("message %d has %d bytes, %v", i, len(got), err)
		}
		buf = got
	}
}

func TestTurnsAreTaken(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		var other sync.WaitGroup
		other.Go(func() {
			for {
				got, err := second.Receive(t.Context(), nil)
				if err != nil {
					if err != io.EOF {
						t.Error(err)
					}
					return
				}
				send(t, second, got)
			}
		})
		for i := range 10_000 {
			send(t, first, fmt.Append(nil, i))
			if got, err := first.Receive(t.Context(), nil); err != nil || string(got) != fmt.Sprint(i) {
				t.Fatalf("%q %v came back, want %d", got, err, i)
			}
		}
		first.out.Close()
		other.Wait()
	})
}

func TestWhatWasSentBeforeTheEndIsReceived(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		var sent [][]byte
		for i := range 10 {
			sent = append(sent, bytes.Repeat([]byte{byte(i)}, 50*i))
			send(t, first, sent[i])
		}
		first.out.Close()
		if withMemory { // without, the pipe has not ended for as long as messages are in it
			<-second.Ended()
		}
		for i, want := range sent {
			if got, err := second.Receive(t.Context(), nil); err != nil || !bytes.Equal(got, want) {
				t.Errorf("message %d is %q, %v", i, got, err)
			}
		}
		if _, err := second.Receive(t.Context(), nil); err != io.EOF {
			t.Errorf("after the end: %v, want io.EOF", err)
		}
	})
}

func TestTheEndInTheMiddleOfAMessageIsNoEnd(t *testing.T) {
	for name, cut := range map[string]func(first party){
		"before its first byte": func(first party) { first.send.announce() },
		"in its length":         func(first party) { first.send.announce(); first.out.Write([]byte{1, 0}) },
		"in its bytes":          func(first party) { first.send.announce(); first.out.Write([]byte{9, 0, 0, 0, 1, 2, 3}) },
	} {
		t.Run(name, func(t *testing.T) {
			first, second := pair(t, true)
			cut(first)
			first.out.Close()
			if _, err := second.Receive(t.Context(), nil); err != io.ErrUnexpectedEOF {
				t.Errorf("%v, want io.ErrUnexpectedEOF", err)
			}
		})
	}
}

func TestAWaitEndsWithItsContextAndLosesNothing(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		var waits sync.WaitGroup
		waits.Go(func() {
			if _, err := second.Receive(ctx, nil); err != enough {
				t.Errorf("%v, want the cause of the context", err)
			}
		})
		cancel(enough)
		waits.Wait()
		send(t, first, []byte("later"))
		if got, err := second.Receive(t.Context(), nil); err != nil || string(got) != "later" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestAWaitForTheRestOfAMessageEndsWithItsContext(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		body := make([]byte, 2*mostBytes)
		frame := append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
		if withMemory {
			first.send.announce()
		}
		if _, err := first.out.Write(frame[:mostBytes]); err != nil {
			t.Fatal(err)
		}
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		var waits sync.WaitGroup
		waits.Go(func() {
			if _, err := second.Receive(ctx, nil); err != enough {
				t.Errorf("%v, want the cause of the context", err)
			}
		})
		cancel(enough)
		waits.Wait()
		if _, err := first.out.Write(frame[mostBytes:]); err != nil {
			t.Fatal(err)
		}
		if got, err := second.Receive(t.Context(), nil); err != nil || len(got) != len(body) {
			t.Errorf("%d bytes, %v, want %d", len(got), err, len(body))
		}
	})
}

func TestAReceiverThatSleepsIsRung(t *testing.T) {
	first, second := pair(t, true)
	var waits sync.WaitGroup
	waits.Go(func() {
		if got, err := second.Receive(t.Context(), nil); err != nil || string(got) != "wake" {
			t.Errorf("%q, %v", got, err)
		}
	})
	for second.recv.asleep.Load() == 0 { // it is about to
	}
	send(t, first, []byte("wake"))
	waits.Wait()
}

func TestALongMessageDoesNotOvertakeOneInTheRing(t *testing.T) {
	first, second := pair(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	var waits sync.WaitGroup
	waits.Go(func() {
		defer cancel()
		for _, want := range []int{3, 2 * mostBytes} {
			if got, err := second.Receive(ctx, nil); err != nil || len(got) != want {
				t.Errorf("%d bytes, %v, want %d", len(got), err, want)
				return
			}
		}
	})
	for second.recv.asleep.Load() == 0 { // it is about to wait
	}
	first.send.put(make([]byte, 3)) // its bell is not heard in time
	send(t, first, make([]byte, 2*mostBytes))
	<-ctx.Done()
	waits.Wait()
}

func TestSendFailsWhenTheOtherProcessIsGone(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		second.out.Close()
		second.in.Close()
		<-first.Ended()
		if err := first.Send(wire.NewFrame(nil)); err == nil {
			t.Error("nobody is there, and Send has no error")
		}
	})
}

func TestSendRefusesWhatIsTooLarge(t *testing.T) {
	everyWay(t, func(t *testing.T, withMemory bool) {
		first, second := pair(t, withMemory)
		if err := first.Send(make([]byte, wire.HeaderSize+wire.MaxFrame+1)); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("%v, want wire.ErrTooLarge", err)
		}
		send(t, first, []byte("next"))
		if got, err := second.Receive(t.Context(), nil); err != nil || string(got) != "next" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestNothingInMemoryOrPipeIsTrusted(t *testing.T) {
	for name, damage := range map[string]func(first party){
		"a length in the pipe": func(first party) { first.out.Write(binary.LittleEndian.AppendUint32(nil, wire.MaxFrame+1)) },
		"a length in the ring": func(first party) { first.send.put(make([]byte, 3)); first.send.write(0, 0, mostBytes+1) },
		"a length behind what was sent": func(first party) {
			first.send.put(make([]byte, 3))
			first.send.write(0, 0, 64)
		},
		"a skip to nothing": func(first party) { first.send.put(make([]byte, 3)); first.send.write(0, 0, skip) },
		"an end far away": func(first party) {
			first.send.put(make([]byte, 3))
			first.send.moves.Store(9*ringUnits<<32 | 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := pair(t, true)
			damage(first)
			if got, err := second.Receive(t.Context(), nil); !errors.Is(err, wire.ErrNonsense) {
				t.Errorf("%d bytes, %v, want wire.ErrNonsense", len(got), err)
			}
		})
	}
}

func TestOnlyMemoryOfThisKindIsUsed(t *testing.T) {
	other, err := os.Create(t.TempDir() + "/other")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if c, err := New(First, other, other, io.Discard); err == nil {
		t.Errorf("%v is used as memory", c)
	}
}

// BenchmarkTurn is a message of eight bytes there and back, in one process.
func BenchmarkTurn(b *testing.B) {
	for _, withMemory := range []bool{true, false} {
		b.Run(map[bool]string{true: "with memory", false: "without"}[withMemory], func(b *testing.B) {
			first, second := pair(b, withMemory)
			var other sync.WaitGroup
			other.Go(func() {
				var buf []byte
				frame := append(wire.NewFrame(nil), make([]byte, 8)...)
				for {
					got, err := second.Receive(context.Background(), buf)
					if err != nil {
						return
					}
					buf = got
					second.Send(frame)
				}
			})
			frame := append(wire.NewFrame(nil), make([]byte, 8)...)
			var buf []byte
			for b.Loop() {
				first.Send(frame)
				got, err := first.Receive(b.Context(), buf)
				if err != nil {
					b.Fatal(err)
				}
				buf = got
			}
			first.out.Close()
			other.Wait()
		})
	}
}
