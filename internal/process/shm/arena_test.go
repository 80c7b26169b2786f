//go:build linux

package shm

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"

	"golang.org/x/sys/unix"
)

// memory makes a file such as an arena has, of that content and size.
func memory(t testing.TB, content []byte, size, seals int) *os.File {
	t.Helper()
	fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "test")
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(int64(size)); err != nil {
		t.Fatal(err)
	}
	if len(content) > size {
		content = content[:size]
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		t.Fatal(err)
	}
	return f
}

const smallArena = int(unsafe.Sizeof(header{})) + 1<<20

func TestWhatIsNoArenaIsNotOpened(t *testing.T) {
	a := must[*arena](t)(newArenaOf(smallArena))
	defer a.close()
	head := append([]byte(nil), a.mem[:256]...)
	changed := func(at int) []byte {
		b := append([]byte(nil), head...)
		b[at]++
		return b
	}
	for what, f := range map[string]*os.File{
		"an arena whose end can move": memory(t, head, smallArena, 0),
		"an empty file":               memory(t, nil, 0, unix.F_SEAL_SHRINK),
		"a short file":                memory(t, head, 4096, unix.F_SEAL_SHRINK),
		"zeros":                       memory(t, nil, smallArena, unix.F_SEAL_SHRINK),
		"another version":             memory(t, changed(8), smallArena, unix.F_SEAL_SHRINK),
		"another size":                memory(t, changed(32), smallArena, unix.F_SEAL_SHRINK),
	} {
		if b, err := openArena(f); !errors.Is(err, errNoArena) {
			t.Errorf("%s is opened: %v, %v", what, b, err)
		}
	}
	b := must[*arena](t)(openArena(memory(t, head, smallArena, unix.F_SEAL_SHRINK)))
	if b.head.id != a.head.id {
		t.Error("it has another id")
	}
}

func TestMemoryIsHandedOutOnceAndOnlyInside(t *testing.T) {
	a := must[*arena](t)(newArenaOf(smallArena))
	defer a.close()
	var last uint64
	n := 0
	for {
		at, err := a.alloc(kindLock, 1000)
		if err != nil {
			is(t, err, ErrNoRoom)
			break
		}
		if at%cacheLine != 0 || at < last+1000 {
			t.Fatalf("1000 bytes at %d after %d", at, last)
		}
		if size, err := a.object(kindLock, at); err != nil || size != 1000 {
			t.Fatalf("it is not found: %d, %v", size, err)
		}
		_, err = a.object(kindEvent, at)
		is(t, err, ErrNotHere)
		last = at
		n++
	}
	if n < 900 {
		t.Errorf("1 MiB holds %d times 1000 bytes", n)
	}
	for _, at := range []uint64{0, 1, 64, last + 1, last + cacheLine, uint64(len(a.mem)), 1 << 60, ^uint64(0)} {
		_, err := a.object(kindLock, at)
		is(t, err, ErrNotHere)
	}
	_, err := a.at(uint64(len(a.mem))-8, 9)
	is(t, err, ErrNotHere)
	_, err = a.at(^uint64(0), 1)
	is(t, err, ErrNotHere)
	for _, at := range []uint64{2, uint64(len(a.mem)), ^uint64(0) - 7} {
		panics(t, "a word of 32 bits", func() { a.word32(at).Load() })
	}
}

func TestAGroupHasRoomForSoManyObjects(t *testing.T) {
	g := space(t)
	for range maxObjects {
		if _, err := NewLock(g, ""); err != nil {
			t.Fatal(err)
		}
	}
	used := g.arena.head.used.Load()
	_, err := NewLock(g, "one more")
	is(t, err, ErrNoRoom)
	proctest.Mentions(t, err, "make one more: there are 65536 objects, which last as long as the group")
	if g.arena.head.used.Load() != used {
		t.Error("memory was taken for it")
	}
	_, err = NewMemory(g, 1<<40)
	is(t, err, ErrNoRoom)
	must[*Lock](t)(NewLock(space(t), "in another group"))
}

func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("there is %s where none can be", what)
		}
	}()
	f()
}

func TestAPlaceInTheTableIsGivenAgainAndASlotIsNot(t *testing.T) {
	a := must[*arena](t)(newArenaOf(smallArena))
	defer a.close()
	me := must[int](t)(a.reserve())
	is(t, a.join(me, os.Getpid()), nil)
	seen := map[int]bool{me: true}
	for range 3 * maxSlots {
		slot := must[int](t)(a.reserve())
		if seen[slot] || !a.alive(slot) {
			t.Fatalf("slot %d is given twice, or dead", slot)
		}
		seen[slot] = true
		a.died(slot)
		if a.alive(slot) || a.join(slot, 1) == nil {
			t.Fatalf("slot %d is alive when its process is gone", slot)
		}
	}
	for range maxSlots - 1 {
		must[int](t)(a.reserve())
	}
	_, err := a.reserve()
	is(t, err, ErrNoRoom)
	if a.alive(-1) || a.alive(math.MaxInt) || a.join(-1, 1) == nil || a.join(me, 1) == nil {
		t.Error("there are slots that cannot be")
	}
}

func TestAClosedGroupEndsAllWaits(t *testing.T) {
	g := space(t)
	e := must[*Event](t)(NewEvent(g, "e"))
	l := must[*Lock](t)(NewLock(g, "l"))
	is(t, l.Acquire(t.Context()), nil)
	waiting := make(chan error)
	go func() { waiting <- e.Wait(t.Context()) }()
	eventually(t, "it sleeps", func() bool { return e.s.sleeping.Load() != 0 })
	is(t, g.Close(), nil)
	is(t, <-waiting, failure.ErrClosed)
	is(t, l.Release(), failure.ErrNotLocked) // its memory is gone, which is no fault
	_, err := NewLock(g, "l")
	is(t, err, failure.ErrClosed)
	runtime.GC()
}

func TestTheContextOfTheGroupEndsAllWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	g := must[*Space](t)(NewSpace(ctx))
	defer g.Close()
	e := must[*Event](t)(NewEvent(g, "e"))
	waiting := make(chan error)
	go func() { waiting <- e.Wait(context.Background()) }()
	cancel()
	is(t, <-waiting, context.Canceled)
}

func TestAnObjectIsFoundInItsOwnGroupOnly(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, "l"))
	data := must[[]byte](t)(l.MarshalBinary())
	var same Lock
	is(t, same.UnmarshalBinary(data), nil)
	is(t, same.Acquire(t.Context()), nil)
	if !l.Locked() || same.name != "l" {
		t.Error("it is not the same")
	}
	is(t, new(Event).UnmarshalBinary(data), ErrNotHere)
	is(t, new(Lock).UnmarshalBinary(data[:23]), ErrNotHere)
	space(t) // another one, which changes nothing
	is(t, new(Lock).UnmarshalBinary(data), nil)
	data[0]++
	is(t, new(Lock).UnmarshalBinary(data), ErrNotHere)
	_, err := new(Lock).MarshalBinary()
	is(t, err, ErrNotHere)
	g.Close()
	_, err = l.MarshalBinary()
	is(t, err, failure.ErrClosed)
}

func TestWithoutSharedMemoryThereIsAnError(t *testing.T) {
	var g *Space
	_, err := NewLock(g, "l")
	is(t, err, ErrUnsupported)
	_, err = NewArray[int](g, 3)
	is(t, err, ErrUnsupported)
}

// everything decodes data as each kind of object, and uses what comes of it, without waiting.
func everything(data []byte) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if l := new(Lock); l.UnmarshalBinary(data) == nil {
		l.TryAcquire()
		l.AcquireTimeout(ctx, 0)
		l.Release()
	}
	if l := new(RLock); l.UnmarshalBinary(data) == nil {
		l.TryAcquire()
		l.AcquireTimeout(ctx, 0)
		l.Release()
	}
	if e := new(Event); e.UnmarshalBinary(data) == nil {
		e.Set()
		e.Clear()
		e.WaitTimeout(ctx, 0)
	}
	if c := new(Condition); c.UnmarshalBinary(data) == nil {
		c.Waiting()
		c.Notify(1)
	}
	if v := new(Value[int64]); v.UnmarshalBinary(data) == nil && v.n > 0 {
		v.Add(1)
	}
	if v := new(Array[int32]); v.UnmarshalBinary(data) == nil && v.n > 0 {
		v.Add(v.n-1, 1)
	}
	if s := new(Semaphore); s.UnmarshalBinary(data) == nil {
		s.Value()
	}
	if b := new(Barrier); b.UnmarshalBinary(data) == nil {
		b.Waiting()
	}
}

// FuzzDecode gives every kind of object nonsense to be read from.
func FuzzDecode(f *testing.F) {
	g := space(f)
	l := must[*Lock](f)(NewLock(g, "l"))
	c := must[*Condition](f)(NewCondition(g, "c", nil))
	a := must[*Array[int32]](f)(NewArray[int32](g, 3))
	id := g.arena.head.id
	for _, o := range []interface{ MarshalBinary() ([]byte, error) }{l, c, a} {
		data := must[[]byte](f)(o.MarshalBinary())
		f.Add(data[16:])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		everything(append(id[:], data...)) // of this group, whatever the rest says
		everything(data)
	})
}

// FuzzOpenArena opens memory that anybody may have written, and uses it: nothing there may be a fault or an endless loop.
func FuzzOpenArena(f *testing.F) {
	a := must[*arena](f)(newArenaOf(smallArena))
	f.Add([]byte{}, uint32(0), uint64(0), uint64(0))
	f.Add([]byte{1, 2, 3}, uint32(7), uint64(kindSemaphore)<<56|uint64(smallArena-64), uint64(64))
	f.Add([]byte{}, uint32(maxObjects), uint64(kindCondition)<<56|uint64(smallArena)/64*64, ^uint64(0))
	a.close()
	f.Fuzz(func(t *testing.T, head []byte, objects uint32, where, size uint64) {
		m := memory(t, head, smallArena, unix.F_SEAL_SHRINK)
		if a, err := openArena(m); err == nil {
			a.close()
		}
		m = memory(t, nil, smallArena, unix.F_SEAL_SHRINK)
		word := make([]byte, 8)
		for at, v := range map[int64]uint64{0: arenaMagic, 8: arenaVersion, 32: uint64(smallArena)} {
			binary.NativeEndian.PutUint64(word, v)
			m.WriteAt(word, at)
		}
		if len(head) > 0 {
			m.WriteAt(head, 40) // where free memory begins, and all that follows
		}
		a, err := openArena(m)
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		a.head.objects.Store(objects)
		a.head.entries[0].where.Store(where)
		a.head.entries[0].size.Store(size)
		a.me.Store(5)
		a.alloc(kindEvent, 100)
		if slot, err := a.reserve(); err == nil {
			a.join(slot, os.Getpid())
		}
		a.object(uint32(where>>56), where&(1<<56-1))
		a.died(3)
		a.sweep()
		in := &Space{ctx: context.Background(), arena: a, self: 4}
		in.enter()
		defer in.leave()
		id := a.head.id
		everything(append(append([]byte(nil), id[:]...), word...))
		everything(binary.LittleEndian.AppendUint64(append([]byte(nil), id[:]...), where&(1<<56-1)))
		runtime.KeepAlive(a)
	})
}
