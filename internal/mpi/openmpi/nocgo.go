//go:build !mpi

package openmpi

const built = false

func openLibrary() (library, error) { return nil, noEngine(notBuilt) }
