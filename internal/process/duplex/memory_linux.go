package duplex

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Memories is how many files NewMemory makes here: 1, or 0 where processes cannot share memory.
const Memories = 1

// NewMemory makes memory for the two ends of a pair: nil where the system cannot share any, and the pair does without. The other
// process has to get the file, which has no name anywhere; the memory lasts as long as one of the two uses it.
func NewMemory() (*os.File, error) {
	fd, err := unix.MemfdCreate("cookbook", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("make memory for messages: memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "memory for messages")
	if err = unix.Ftruncate(fd, totalSize); err == nil {
		// Memory behind the end of its file is a fault, so the end must not move.
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("make memory for messages: %w", err)
	}
	return f, nil
}

const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// memory is what the two processes share, as long as this value is of use.
type memory struct{ bytes []byte }

func openMemory(f *os.File) (*memory, error) {
	fd := int(f.Fd())
	var size unix.Stat_t
	have, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	if err == nil {
		err = unix.Fstat(fd, &size)
	}
	if err == nil && (size.Size != totalSize || have&seals != seals) {
		err = fmt.Errorf("%d bytes with the seals %#x are not what NewMemory makes", size.Size, have)
	}
	var bytes []byte
	if err == nil {
		bytes, err = unix.Mmap(fd, 0, totalSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	if err != nil {
		return nil, fmt.Errorf("use memory for messages: %w", err)
	}
	m := &memory{bytes}
	runtime.AddCleanup(m, func(bytes []byte) { unix.Munmap(bytes) }, bytes)
	return m, nil
}
