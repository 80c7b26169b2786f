package local_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// TestManyCommunicators takes places for communicators again when they were freed, and says so when there are none.
func TestManyCommunicators(t *testing.T) {
	h := local.NewRanksHere(t, t.Context(), 2, engine.DefaultEager)
	errs := run(h, func(c *mpi.Comm) error {
		for range 3 * local.MaxComms {
			d, err := c.Dup()
			if err != nil {
				return err
			}
			if err := d.Free(); err != nil {
				return err
			}
			if err := d.Free(); !errors.Is(err, mpi.ErrComm) {
				return fmt.Errorf("freed twice: %v", err)
			}
		}
		for range local.MaxComms - 1 {
			if _, err := c.Dup(); err != nil {
				return err
			}
		}
		_, err := c.Dup()
		return err
	})
	for _, err := range errs {
		if !errors.Is(err, mpi.ErrComm) || !strings.Contains(err.Error(), "64 communicators") {
			t.Errorf("one too many: %v", err)
		}
	}
}
