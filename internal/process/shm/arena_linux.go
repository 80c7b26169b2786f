package shm

import (
	"crypto/rand"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// newArena makes shared memory. It has no name in any file system: a process that inherits the file
// has it, and when the last of them is gone it is free.
func newArena() (*arena, error) { return newArenaOf(arenaSize) }

func newArenaOf(size int) (*arena, error) {
	fd, err := unix.MemfdCreate("cookbook", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("make shared memory: memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "shared memory")
	err = f.Truncate(int64(size))
	if err == nil {
		// Memory behind the end of its file is a fault, so the end must not move.
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	var mem []byte
	if err == nil {
		mem, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("make shared memory of %d MiB: %w", size>>20, err)
	}
	var id [16]byte
	rand.Read(id[:]) // never fails
	a := begin(mem, id)
	a.hold(f)
	return a, nil
}

// openArena maps the arena that this process has inherited as f. The file is the arena's from then on, if there is no error.
func openArena(f *os.File) (*arena, error) {
	seals, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
	if err != nil || seals&unix.F_SEAL_SHRINK == 0 {
		return nil, fmt.Errorf("open shared memory: %w: its end could move (%v)", errNoArena, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open shared memory: %w", err)
	}
	size := info.Size()
	if size <= 0 || size != int64(int(size)) {
		return nil, fmt.Errorf("open shared memory: %w: %d bytes", errNoArena, size)
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("open shared memory: %w", err)
	}
	a, err := useArena(mem)
	if err != nil {
		unix.Munmap(mem)
		return nil, fmt.Errorf("open shared memory: %w", err)
	}
	a.hold(f)
	return a, nil
}

// hold keeps the file, and the mapping for as long as anything refers to the arena.
func (a *arena) hold(f *os.File) {
	a.f = f
	runtime.AddCleanup(a, func(mem []byte) { unix.Munmap(mem) }, a.mem)
}

// close ends all waits of this process, and gives the memory back if this process has made the arena: then no process may
// use it any more. A process that still has an object of it sees zeros and no fault. The addresses are free when it has
// none.
func (a *arena) close() error {
	if a.closed.Swap(true) {
		return nil
	}
	if a.owner {
		unix.Fallocate(int(a.f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, int64(len(a.mem)))
	}
	return a.f.Close()
}
