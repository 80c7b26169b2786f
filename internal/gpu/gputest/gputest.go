// Package gputest is the conformance suite of package gpu's devices: what holds on all of them, the words of errors included.
package gputest

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/gpu"
)

// Run tests a device. Open opens it, or skips the test; it is called several times, and two may be open at once. The tests close what
// it returns.
func Run(t *testing.T, open func(testing.TB) *gpu.Device) {
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"transfers of all types", transfers},
		{"transfers of parts", parts},
		{"transfers outside of buffers", outsideOfBuffers},
		{"copies on the device", copies},
		{"odd sizes", oddSizes},
		{"ranges", rangesOfBlocks},
		{"places in three dimensions", threeDimensions},
		{"blocks that are chosen", chosenBlocks},
		{"scalars of all types", allScalars},
		{"barriers", barriers},
		{"shared memory is cleared", sharedIsCleared},
		{"shapes", shapes},
		{"arguments", arguments},
		{"memory", memory},
		{"kernels that do not compile", doNotCompile},
		{"faults of kernels", faults},
		{"times", times},
		{"contexts", contexts},
		{"many goroutines", manyGoroutines},
		{"many commands", manyCommands},
		{"close while kernels run", closeWhileRunning},
		{"use after free", afterFree},
		{"use after close", afterClose},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newSuite(t, open)) })
	}
	t.Run("two devices", func(t *testing.T) { RunPair(t, open, open) })
}

// suite is a test of a device.
type suite struct {
	*testing.T
	device *gpu.Device
	open   func(testing.TB) *gpu.Device
}

func newSuite(t *testing.T, open func(testing.TB) *gpu.Device) *suite {
	s := &suite{t, open(t), open}
	t.Cleanup(func() {
		if err := s.device.Close(); err != nil && !t.Failed() {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// kernel builds a kernel of this package.
func (s *suite) kernel(f any) *gpu.Kernel {
	s.Helper()
	k, err := s.device.Kernel(files, f)
	if errors.Is(err, gpu.ErrUnsupported) {
		s.Skip(err)
	}
	s.fatal(err)
	return k
}

// checked is kernel with checks.
func (s *suite) checked(f any) *gpu.Kernel {
	s.Helper()
	p, err := s.device.BuildChecked(files, f)
	s.fatal(err)
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	k, err := p.Kernel(name[strings.LastIndex(name, ".")+1:])
	s.fatal(err)
	return k
}

func (s *suite) fatal(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// launch runs a kernel and waits for it.
func (s *suite) launch(k *gpu.Kernel, shape gpu.Shape, args ...any) {
	s.Helper()
	e, err := k.Launch(s.Context(), shape, args...)
	s.fatal(err)
	s.fatal(e.Wait(s.Context()))
}

// buffer makes a buffer with numbers.
func buffer[T gpu.Number](s *suite, numbers []T) *gpu.Buffer[T] {
	s.Helper()
	b, err := gpu.Upload(s.device, numbers)
	s.fatal(err)
	return b
}

// holds says what a buffer is to hold.
func holds[T gpu.Number](s *suite, what string, b *gpu.Buffer[T], want []T) {
	s.Helper()
	got, err := b.Download()
	s.fatal(err)
	if !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				s.Errorf("%s: element %d of %d is %v, want %v", what, i, len(got), got[i], want[i])
				return
			}
		}
		s.Errorf("%s: %d elements, want %d", what, len(got), len(want))
	}
}

// digits are numbers, which differ from device to device where they are limits.
var digits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-?\d+`) })

// refused says with which error, and which words, something is to be refused. In the words, DEVICE is the device's name and N a number.
func (s *suite) refused(what string, err, is error, words string) {
	s.Helper()
	if !errors.Is(err, is) {
		s.Errorf("%s: %v, want %q", what, err, is)
		return
	}
	got := digits().ReplaceAllString(strings.ReplaceAll(err.Error(), s.device.Info().Name, "DEVICE"), "N")
	if got != words {
		s.Errorf("%s: the error is\n\t%s\nwant\n\t%s", what, got, words)
	}
}

// counting returns n numbers: from, from + 1, …
func counting[T gpu.Number](n, from int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = T(from + i)
	}
	return s
}

// rounds returns how many rounds a kernel is to be busy for: fewer on a simulator.
func (s *suite) rounds(n int) int {
	if s.device.Info().Platform.Name == "Oclgrind" {
		return n/500 + 1
	}
	return n
}

// ended is a context that has ended.
func ended(t testing.TB) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errEnded)
	return ctx
}

var errEnded = errors.New("it is over")
