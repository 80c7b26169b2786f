//go:build !linux

package shm

import "os"

func newArena() (*arena, error) { return nil, ErrUnsupported }

func openArena(*os.File) (*arena, error) { return nil, ErrUnsupported }

func (a *arena) close() error { return nil }
