package wire

import (
	"bytes"
	"encoding/gob"
	"testing"
)

// BenchmarkValue is a value written and read. The limit is gob's own stream, without a box.
func BenchmarkValue(b *testing.B) {
	b.Run("int", func(b *testing.B) { benchValue(b, 1) })
	b.Run("string", func(b *testing.B) { benchValue(b, "text") })
	b.Run("plain struct", func(b *testing.B) { benchValue(b, day{1, 2.5, [2]uint16{3, 4}}) })
	b.Run("struct", func(b *testing.B) { benchValue(b, point{X: 1, Y: 2, Label: "label"}) })
	b.Run("struct with an interface", func(b *testing.B) { benchValue(b, mixed{Name: "name", Any: 1}) })
	b.Run("limit struct, gob alone", func(b *testing.B) {
		sent := point{X: 1, Y: 2, Label: "label"}
		var stream bytes.Buffer
		encoder, decoder := gob.NewEncoder(&stream), gob.NewDecoder(&stream)
		for b.Loop() {
			var got point
			if err := encoder.Encode(sent); err != nil {
				b.Fatal(err)
			}
			if err := decoder.Decode(&got); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchValue[T any](b *testing.B, v T) {
	var buf []byte
	for b.Loop() {
		var got T
		var err error
		if buf, err = Append(buf[:0], &v); err == nil {
			err = Read(buf, &got)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSlice is 8192 ints written and read, beside encoding/gob and beside a copy of as many bytes there and back.
func BenchmarkSlice(b *testing.B) {
	sent := make([]int, 8192)
	for i := range sent {
		sent[i] = i
	}
	b.Run("as it is", func(b *testing.B) {
		var buf []byte
		for b.Loop() {
			var got []int
			buf, _ = AppendSlice(buf[:0], sent)
			if err := ReadSlice(buf, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("gob", func(b *testing.B) {
		var stream bytes.Buffer
		encoder, decoder := gob.NewEncoder(&stream), gob.NewDecoder(&stream)
		for b.Loop() {
			var got []int
			if err := encoder.Encode(sent); err != nil {
				b.Fatal(err)
			}
			if err := decoder.Decode(&got); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit copy", func(b *testing.B) {
		buf := make([]int, len(sent))
		for b.Loop() {
			copy(buf, sent)
			got := make([]int, len(sent))
			copy(got, buf)
		}
	})
}
