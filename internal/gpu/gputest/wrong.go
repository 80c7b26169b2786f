package gputest

import "cookbook/internal/gpu"

// starts cannot be translated.
func starts(b *gpu.Block, out []int) {
	for t := range b.Dim.X {
		go println(t)
	}
}
