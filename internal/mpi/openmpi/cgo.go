//go:build mpi

package openmpi

/*
#cgo pkg-config: ompi
#cgo noescape ck_class
#include "cgo.h"
*/
import "C"

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"unsafe"

	empi "github.com/emer/empi/mpi"

	"cookbook/internal/mpi/engine"
)

// empi ends MPI and knows the ranks. It begins MPI only for one thread, or for many at once, and a goroutine moves between
// threads but makes one call at a time. Its communicators keep their MPI_Comm to themselves, and it knows neither statuses
// nor any source, neither counts nor requests. So the beginning, and what goes on between ranks, is called here.

const built = true

// A cgoLibrary is MPI in this process.
type cgoLibrary struct{ w *world }

// A world is what all communicators of a rank have in common.
type world struct {
	me    int
	abort func(code int)
	types [13]C.MPI_Datatype // by datatypeIndex
	// begun holds the requests that are not done: MPI uses their memory, also if the program has forgotten them.
	begun map[*request]struct{}
}

func openLibrary() (library, error) {
	var enough C.int
	if rc := C.ck_init(&enough); rc != C.MPI_SUCCESS || enough == 0 {
		return nil, engine.Errorf(engine.ErrOther, -1, "MPI cannot be called from more than one thread here, and in Go it has to")
	}
	if rc := C.ck_return(C.ck_world()); rc != C.MPI_SUCCESS {
		return nil, mpiError(empi.WorldRank(), engine.CallSplit, rc)
	}
	w := &world{me: empi.WorldRank(), begun: map[*request]struct{}{}}
	for i := range w.types {
		w.types[i] = C.ck_datatype(C.int(i))
	}
	return &cgoLibrary{w}, nil
}

func (l *cgoLibrary) world(abort func(code int)) engine.Transport {
	l.w.abort = abort
	n := empi.WorldSize()
	c := &comm{w: l.w, c: C.ck_world(), me: l.w.me, n: n, all: make([]C.int, n), isWorld: true}
	for r := range c.all {
		c.all[r] = C.int(r)
	}
	return c
}

func (l *cgoLibrary) abort(code int) {
	C.MPI_Abort(C.ck_world(), C.int(code))
	os.Exit(1)
}

func (l *cgoLibrary) finalize() { empi.Finalize() }

// A comm is a communicator of MPI.
type comm struct {
	w       *world
	c       C.MPI_Comm
	me, n   int
	all     []C.int // ranks in the world
	late    []*lateRecv
	isWorld bool
}

func (c *comm) Rank() int              { return c.me }
func (c *comm) Size() int              { return c.n }
func (c *comm) WorldRank(rank int) int { return int(c.all[rank]) }
func (c *comm) Abort(code int)         { c.w.abort(code) }

// result is what a call of MPI came to.
func (c *comm) result(op engine.Call, rc C.int) error {
	if rc == C.MPI_SUCCESS {
		return nil
	}
	return mpiError(c.w.me, op, rc)
}

func mpiError(rank int, op engine.Call, rc C.int) *engine.Error {
	classes := [...]engine.ErrorClass{ // in the order of ck_class
		engine.ErrOther, engine.ErrCount, engine.ErrType, engine.ErrTag, engine.ErrComm, engine.ErrRank, engine.ErrRoot, engine.ErrOp,
		engine.ErrDims, engine.ErrTruncate,
	}
	var text [C.MPI_MAX_ERROR_STRING]C.char
	var n C.int
	C.MPI_Error_string(rc, &text[0], &n)
	return &engine.Error{
		Class: classes[C.ck_class(rc)], Rank: rank,
		Text: fmt.Sprintf("rank %d: %s: %s", rank, op, C.GoStringN(&text[0], n)),
	}
}

// bufferOf is where a buffer begins. An empty one is somewhere as well: MPI takes two that begin at one place for the same.
func bufferOf(b []byte) *C.char {
	if len(b) == 0 {
		b = make([]byte, 1)
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(b)))
}

// elements is the number of elements in that many bytes.
func (c *comm) elements(op engine.Call, bytes int, t engine.Datatype) (C.int, error) {
	n := bytes / t.Size
	if n > math.MaxInt32 {
		return 0, engine.Errorf(engine.ErrCount, c.w.me, "rank %d: %s: %d elements: MPI has room for %d in one call", c.w.me, op, n, math.MaxInt32)
	}
	return C.int(n), nil
}

// datatypeIndex is the place of a type in ck_datatype, 0 if MPI gets its bytes.
func datatypeIndex(t engine.Datatype) C.int {
	switch t.Kind {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return C.int(1 + slices.Index([]int{1, 2, 4, 8}, t.Size))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return C.int(5 + slices.Index([]int{1, 2, 4, 8}, t.Size))
	case reflect.Float32:
		return 9
	case reflect.Float64:
		return 10
	case reflect.Complex64:
		return 11
	case reflect.Complex128:
		return 12
	}
	return 0
}

// kind is MPI's name for a type, and the number of its elements in that many bytes.
func (c *comm) kind(op engine.Call, bytes int, t engine.Datatype) (C.MPI_Datatype, C.int, error) {
	i := datatypeIndex(t)
	if i == 0 {
		t.Size = 1
	}
	n, err := c.elements(op, bytes, t)
	return c.w.types[i], n, err
}

// Split gives MPI, which has 32 bits for a colour and for a key, the place of each among those that the ranks give.
func (c *comm) Split(op engine.Call, color, key int) (engine.Transport, error) {
	all := make([]int64, 2*c.n)
	mine := []int64{int64(color), int64(key)}
	if err := c.Allgather(op, engine.Raw(mine), engine.Raw(all), engine.Layout{Each: 16}, engine.TypeOf[int64]()); err != nil {
		return nil, err
	}
	var colors, keys []int64
	for r := range c.n {
		colors, keys = append(colors, all[2*r]), append(keys, all[2*r+1])
	}
	place := func(of []int64, v int) C.int {
		slices.Sort(of)
		i, _ := slices.BinarySearch(of, int64(v))
		return C.int(i)
	}
	group := C.int(-1)
	if color != engine.Undefined {
		group = place(colors, color)
	}
	var made C.MPI_Comm
	if err := c.result(op, C.ck_split(c.c, group, place(keys, key), &made)); err != nil || C.ck_isnull(made) != 0 {
		return nil, err
	}
	var n, me C.int
	C.MPI_Comm_size(made, &n)
	C.MPI_Comm_rank(made, &me)
	child := &comm{w: c.w, c: made, me: int(me), n: int(n), all: make([]C.int, n)}
	return child, c.result(op, C.ck_worldranks(made, n, &child.all[0]))
}

func (c *comm) Free(op engine.Call) error {
	if c.isWorld {
		return engine.Errorf(engine.ErrComm, c.w.me, "rank %d: %s: the communicator of all ranks cannot be freed", c.w.me, op)
	}
	return c.result(op, C.MPI_Comm_free(&c.c))
}
