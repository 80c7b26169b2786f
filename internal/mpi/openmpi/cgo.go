//go:build mpi

package openmpi

/*
#cgo pkg-config: ompi
#include "cgo_p2p.h"

long long ck_last_turn;
*/
import "C"

import (
	"fmt"
	"math"
	"math/bits"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
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
	// crowded: there are more ranks than processors somewhere, and ranks that wait let others run.
	crowded bool
	// What the call that goes on has found, here so that it needs no memory of its own.
	found C.ck_envelope
	kept  C.ck_message
	// begun holds the requests that are not done: MPI uses their memory, also if the program has forgotten them.
	begun map[*request]struct{}
}

func openLibrary() (library, error) {
	var enough, crowded C.int
	rc := C.ck_init(&enough)
	if rc != C.MPI_SUCCESS || enough == 0 {
		return nil, engine.Errorf(engine.ErrOther, -1, "MPI cannot be called from more than one thread here, and in Go it has to")
	}
	w := &world{me: empi.WorldRank(), begun: map[*request]struct{}{}}
	if rc := C.ck_anywhere(cFlag(yields()), &crowded); rc != C.MPI_SUCCESS {
		return nil, mpiError(w.me, engine.CallAllreduce, rc)
	}
	w.crowded = crowded != 0
	return &cgoLibrary{w}, nil
}

// yields reports whether Open MPI lets other processes run where this one waits, as it does where mpirun has started more ranks
// than there are processors, or as the user has said.
func yields() bool {
	said, ok := os.LookupEnv("OMPI_MCA_mpi_yield_when_idle")
	if !ok {
		said = os.Getenv("OMPI_MCA_mpi_oversubscribe")
	}
	yes, err := strconv.ParseBool(said)
	return yes && err == nil
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
	C.ck_abort(C.int(code))
	os.Exit(1)
}

func (l *cgoLibrary) finalize() { empi.Finalize() }

// A comm is a communicator of MPI.
type comm struct {
	w       *world
	c       C.ck_comm
	star    C.ck_comm // one of the same ranks, for the messages of a star; 0 before the first
	me, n   int
	all     []C.int // ranks in the world
	late    []*lateRecv
	scratch []byte // for the blocks of a reduction, kept for the next one
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
	return c.unusual(op, rc)
}

// unusual is result where there is more to do than to go on: an error, or the goroutine's turn (see ck_end).
func (c *comm) unusual(op engine.Call, rc C.int) error {
	if rc&C.ck_turn != 0 {
		runtime.Gosched()
		rc &^= C.ck_turn
	}
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

// kinds says of each kind of Go which datatype it is, by its place in ck_datatype, and the logarithm of its size. MPI gets all others
// as bytes.
var kinds = [...]struct{ place, shift uint8 }{
	reflect.Int8: {1, 0}, reflect.Int16: {2, 1}, reflect.Int32: {3, 2}, reflect.Int64: {4, 3},
	reflect.Uint8: {5, 0}, reflect.Uint16: {6, 1}, reflect.Uint32: {7, 2}, reflect.Uint64: {8, 3},
	reflect.Int: {3 + bits.UintSize/64, 1 + bits.UintSize/32}, reflect.Uint: {7 + bits.UintSize/64, 1 + bits.UintSize/32},
	reflect.Float32: {9, 2}, reflect.Float64: {10, 3}, reflect.Complex64: {11, 3}, reflect.Complex128: {12, 4},
	reflect.UnsafePointer: {}, // the last one
}

// kind is MPI's name for a type, and the number of its elements in that many bytes.
func (c *comm) kind(op engine.Call, bytes int, t engine.Datatype) (place, n C.int, err error) {
	k := kinds[t.Kind]
	if bytes >>= k.shift; bytes > math.MaxInt32 {
		err = c.tooMany(op, bytes)
	}
	return C.int(k.place), C.int(bytes), err
}

func (c *comm) tooMany(op engine.Call, n int) error {
	return engine.Errorf(engine.ErrCount, c.w.me, "rank %d: %s: %d elements: MPI has room for %d in one call", c.w.me, op, n, math.MaxInt32)
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
	var made C.ck_comm
	if err := c.result(op, C.ck_split(c.c, group, place(keys, key), &made)); err != nil || made == 0 {
		return nil, err
	}
	var n, me C.int
	C.ck_place(made, &me, &n)
	child := &comm{w: c.w, c: made, me: int(me), n: int(n), all: make([]C.int, n)}
	return child, c.result(op, C.ck_worldranks(made, n, &child.all[0]))
}

func (c *comm) Free(op engine.Call) error {
	if c.isWorld {
		return engine.Errorf(engine.ErrComm, c.w.me, "rank %d: %s: the communicator of all ranks cannot be freed", c.w.me, op)
	}
	if c.star != 0 {
		if err := c.result(op, C.ck_free(c.star)); err != nil {
			return err
		}
		c.star = 0
	}
	return c.result(op, C.ck_free(c.c))
}
