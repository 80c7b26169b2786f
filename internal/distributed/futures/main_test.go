package futures

import (
	"testing"

	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	enginetest.VerifyTestMain(m)
}
