//go:build !linux

package openmpi

import "time"

// A hold is on a process. Elsewhere than on Linux there is none: that the connections of a rank have ended has to do.
type hold int

func holdProcess(int) (hold, bool) { return 0, false }

func (hold) ended(time.Time) bool { return true }
func (hold) kill()                {}
func (hold) close()               {}
