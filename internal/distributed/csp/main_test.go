package csp

import (
	"os"
	"testing"

	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	enginetest.VerifyTestMain(m)
}
