//go:build !unix

package process

import "testing"

// The exit codes after Terminate and Kill.
const ended, killed = -15, -9

func childrenOf(*testing.T, int) []string { return nil }
