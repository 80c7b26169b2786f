package cpu

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"cookbook/internal/gpu/driver"
)

// run runs a kernel: its blocks are taken one by one by as many goroutines as Go runs at once. It returns when all have ended, or,
// after ctx has, when those that had begun have. A kernel that panics is an error; the blocks that had not begun are left out.
func run(ctx context.Context, k kernel, s driver.Shape, args []driver.Arg) error {
	values := make([]reflect.Value, len(args))
	for i, a := range args {
		values[i] = value(k.info.Params[i], a)
	}
	var (
		blocks = int64(s.Grid.Count())
		next   atomic.Int64
		failed atomic.Pointer[error]
		all    sync.WaitGroup
	)
	for range min(int64(runtime.GOMAXPROCS(0)), blocks) {
		all.Go(func() {
			b := &driver.Block{Dim: s.Block, Grid: s.Grid}
			words := make([]uint64, (s.Shared+7)/8)
			if s.Shared > 0 {
				b.Memory = (&buffer{words: words}).part(0, s.Shared)
			}
			defer func() {
				if p := recover(); p != nil {
					err := fmt.Errorf("kernel %s%s, block (%d, %d, %d): %w: %v", k.info.Name, k.position(), b.Idx.X, b.Idx.Y, b.Idx.Z, driver.ErrLost, p)
					failed.CompareAndSwap(nil, &err)
				}
			}()
			for failed.Load() == nil && ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= blocks {
					return
				}
				b.Idx = driver.Dim{X: int(i) % s.Grid.X, Y: int(i) / s.Grid.X % s.Grid.Y, Z: int(i) / s.Grid.X / s.Grid.Y}
				clear(words)
				k.info.Run(b, values)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	if next.Load() < blocks {
		return context.Cause(ctx)
	}
	return nil
}

// position returns " at FILE:LINE" of the kernel's file where the code panics that calls it; "" if that is not known.
func (k kernel) position() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		if file := path.Base(f.File); file == k.file {
			return " at " + file + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return ""
		}
	}
}
