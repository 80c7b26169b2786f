package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrInUse is a store that another server uses. Two would ruin it, and NATS does not ask.
var ErrInUse = errors.New("another engine uses this store; end it, or name another folder")

const (
	lockName   = "lock"
	tempPrefix = "cookbook-engine-"
)

// A store is a folder that only one server at a time uses.
type store struct {
	dir  string
	file *os.File
	temp bool
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
	free, err := lock(f)
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
	removeAbandoned()
	dir, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		return nil, fmt.Errorf("make the engine's store: %w", err)
	}
	s, err := openStore(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	s.temp = true
	return s, nil
}

// removeAbandoned removes the temporary stores of processes that were killed: their locks are free, or gone if the process was
// removing the store. A new one is left alone, because its process may not have locked it yet.
func removeAbandoned() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*"))
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && isAbandoned(dir, info.ModTime()) {
			os.RemoveAll(dir)
		}
	}
}

func isAbandoned(dir string, changed time.Time) bool {
	const old = time.Minute
	path := filepath.Join(dir, lockName)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Since(changed) > old
	}
	if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < old {
		return false
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // not made: its owner may be about to remove the folder
	if err != nil {
		return false
	}
	defer f.Close()
	free, err := lock(f)
	return err == nil && free
}

func (s *store) close() error {
	err := s.file.Close() // first: Windows removes no file that is open
	if s.temp {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
