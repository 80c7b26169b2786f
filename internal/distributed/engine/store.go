package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"cookbook/internal/temp"
)

// ErrInUse is a store that another server uses. Two would ruin it, and NATS does not ask.
var ErrInUse = errors.New("another engine uses this store; end it, or name another folder")

const lockName = "lock"

// A store is a folder that only one server at a time uses.
type store struct {
	dir  string
	file *os.File
	temp *temp.Folder // nil: it stays
}

// openStore locks dir, which is made if need be.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the engine's store: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the engine's store: %w", err)
	}
	free, err := temp.Lock(f)
	if err == nil && !free {
		err = ErrInUse
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the engine's store %s: %w", dir, err)
	}
	return &store{dir: dir, file: f}, nil
}

// tempStore makes a store that close removes.
func tempStore() (*store, error) {
	folder, err := temp.Make("engine")
	if err != nil {
		return nil, fmt.Errorf("make the engine's store: %w", err)
	}
	s, err := openStore(folder.Path)
	if err != nil {
		folder.Remove()
		return nil, err
	}
	s.temp = folder
	return s, nil
}

func (s *store) close() error {
	err := s.file.Close() // first: Windows removes no file that is open
	if s.temp != nil {
		err = errors.Join(err, s.temp.Remove())
	}
	return err
}
