//go:build !linux

package openmpi

import "time"

// A hold is on a process. There are holds on Linux only. On other systems a rank counts as ended when its connections have.
type hold int

func holdProcess(int) (hold, bool) { return 0, false }

func (hold) ended(time.Time) bool { return true }
func (hold) kill()                {}
func (hold) close()               {}
