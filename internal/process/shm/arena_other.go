//go:build !linux

package shm

import "os"

func newArena() (*arena, error) { return nil, ErrUnsupported }

func openArena(*os.File) (*arena, error) { return nil, ErrUnsupported }

func (a *arena) close() error { return nil }

// Without an arena these are not called.

// gone reports whether a process has ended.
func gone(pid int, start uint64) bool { return false }

func startTime(pid int) uint64 { return 0 }
