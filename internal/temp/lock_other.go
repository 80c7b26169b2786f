//go:build !unix && !windows

package temp

import "os"

// Lock does nothing: in a page there is one process.
func Lock(*os.File) (bool, error) { return true, nil }
