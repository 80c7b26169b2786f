//go:build !mpi

package mpi

const built = false

func openLibrary() (library, error) { return nil, noEngine(notBuilt) }
