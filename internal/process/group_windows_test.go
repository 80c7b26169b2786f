package process

import "testing"

// The exit codes after Terminate and Kill.
const ended, killed = 1, 1

func childrenOf(*testing.T, int) []string { return nil }
