//go:build race

package spec

// raced: under the race detector a run takes ten times as long.
const raced = true
