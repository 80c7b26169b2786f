//go:build !unix

package proctest

import "testing"

// Stop skips the test: a process cannot be made to stand still here.
func Stop(t testing.TB, _ int) { t.Skip("a process cannot be made to stand still on this system") }
