//go:build !unix

package primitive

import (
	"context"
	"errors"
	"time"
)

func readRaw(string) error { return errors.ErrUnsupported }

func throughRawPipe(int) Body {
	return func(context.Context, int) (time.Duration, error) { return 0, errors.ErrUnsupported }
}
