//go:build !linux

package duplex

import (
	"errors"
	"os"
)

// Memories is how many files NewMemory makes here: 1, or 0 where processes cannot share memory.
const Memories = 0

// NewMemory makes memory for the two ends of a pair: nil where the system cannot share any, and the pair does without. The other
// process has to get the file, which has no name anywhere; the memory lasts as long as one of the two uses it.
func NewMemory() (*os.File, error) { return nil, nil }

type memory struct{ bytes []byte }

func openMemory(*os.File) (*memory, error) { return nil, errors.ErrUnsupported }
