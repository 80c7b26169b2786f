//go:build race

package shm

import (
	"runtime"
	"unsafe"
)

// The race detector does not look at memory outside of Go's own, so it does not see that what stands there orders the
// goroutines of a process. It is told here, by words of Go's memory that stand for the objects of a Space: each has several
// numbers, for what is to be told apart.
type raceWord uint64 // offset + number: the key of one in the notes of a Space

func (o *object) raceWord(n uint64) unsafe.Pointer {
	key := raceWord(o.at + n) // objects begin at a cache line
	word, ok := o.space.notes.Load(key)
	if !ok {
		word, _ = o.space.notes.LoadOrStore(key, new(uint64))
	}
	return unsafe.Pointer(word.(*uint64))
}

// raceRelease says that what this goroutine has done so far comes before what follows a raceAcquire of the same number.
func (o *object) raceRelease(n uint64) { runtime.RaceReleaseMerge(o.raceWord(n)) }

// raceAcquire says that what this goroutine will do comes after what led to a raceRelease of the same number.
func (o *object) raceAcquire(n uint64) { runtime.RaceAcquire(o.raceWord(n)) }
