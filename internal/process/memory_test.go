//go:build linux

package process

import (
	"context"
	"errors"
	"testing"
)

// A letterbox is memory that goes to another process, inside a struct.
type letterbox struct {
	Memory *Memory
	At     int
}

var readAndAnswer = Register("test.memory", func(_ context.Context, b letterbox) (byte, error) {
	m := b.Memory.Bytes()
	read := m[b.At]
	m[b.At+1] = read + 1
	return read, nil
})

func TestMemoryIsSharedWithAnotherProcess(t *testing.T) {
	g, err := NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	m, err := NewMemory(g, 10_000)
	if err != nil || len(m.Bytes()) != 10_000 {
		t.Fatalf("got %d bytes, %v", len(m.Bytes()), err)
	}
	m.Bytes()[9000] = 41
	p := New(g, readAndAnswer, letterbox{m, 9000})
	if err := errors.Join(p.Start(), p.Join(t.Context())); err != nil {
		t.Fatal(err)
	}
	if read, err := Result[byte](p); read != 41 || m.Bytes()[9001] != 42 || err != nil {
		t.Errorf("it read %d and wrote %d, %v; want 41 and 42", read, m.Bytes()[9001], err)
	}
}

func TestMemoryIsFoundInItsGroupOnly(t *testing.T) {
	g, err := NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMemory(g, 64)
	if err != nil {
		t.Fatal(err)
	}
	said, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Memory).UnmarshalBinary(said); err != nil {
		t.Errorf("here: %v", err)
	}
	v, err := NewValue(g, 1)
	if err != nil {
		t.Fatal(err)
	}
	value, err := v.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for what, data := range map[string][]byte{"a value": value, "half of it": said[:12], "nothing": nil} {
		if err := new(Memory).UnmarshalBinary(data); !errors.Is(err, ErrNotHere) {
			t.Errorf("%s: %v, want ErrNotHere", what, err)
		}
	}
	for _, size := range []int{-1, 256 << 20} {
		if _, err := NewMemory(g, size); !errors.Is(err, ErrNoRoom) {
			t.Errorf("%d bytes: %v, want ErrNoRoom", size, err)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if err := new(Memory).UnmarshalBinary(said); !errors.Is(err, ErrNotHere) {
		t.Errorf("when the group is closed: %v, want ErrNotHere", err)
	}
}
