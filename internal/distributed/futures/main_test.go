package futures

import (
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	goleak.VerifyTestMain(m)
}
