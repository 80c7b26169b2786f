package cli

import (
	"cookbook/internal/command"
	"cookbook/internal/mpi"
)

// Streams is the world as a command sees it.
type Streams = command.Streams

// System returns the process's own streams.
func System() Streams {
	s := command.System()
	if _, _, launched := mpi.Joined(); launched {
		return s.Piped() // mpirun gives all it starts a terminal to write on, wherever its own output goes
	}
	return s
}
