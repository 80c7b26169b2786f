package csp

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"runtime/trace"
	"strconv"

	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// An item is a value on its way, with the number that a timeline knows it by: an arrow leads from the process that writes it to the
// one that reads it. Where nothing is recorded the number is 0.
type item[T any] struct {
	v   T
	key uint64
}

// sending makes an item of a value that is about to be written.
func sending[T any](channel string, v T) item[T] {
	if !trace.IsEnabled() {
		return item[T]{v: v}
	}
	key := rand.Uint64() | 1
	trace.Log(context.Background(), waitfor.LogSend, itemWord(key)+" "+channel+": "+waitfor.Brief(v))
	return item[T]{v, key}
}

// received returns the value of an item that was read.
func (i *item[T]) received() T {
	if i.key != 0 && trace.IsEnabled() {
		trace.Log(context.Background(), waitfor.LogReceive, itemWord(i.key))
	}
	return i.v
}

func itemWord(key uint64) string { return "csp/" + strconv.FormatUint(key, 36) }

// itemHead is how many bytes an item has in a message before its value.
const itemHead = 8

func (i *item[T]) append(to []byte) ([]byte, error) {
	return wire.Append(binary.LittleEndian.AppendUint64(to, i.key), &i.v)
}

func parseItem[T any](b []byte) (i item[T], err error) {
	if len(b) < itemHead {
		return i, errors.New("it is too short")
	}
	i.key = binary.LittleEndian.Uint64(b)
	return i, wire.Read(b[itemHead:], &i.v)
}
