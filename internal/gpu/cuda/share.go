package cuda

import (
	"time"

	"cookbook/internal/gpu/driver"
)

// Shared is an open device whose driver is called by another package, gpu/cu: what the two have in common, so that they say and
// refuse the same. Both use the device's primary context, in which the handles of one are good for the other.
type Shared struct{ d *device }

// Share opens device number index, as [Backend.Open] does. Whoever calls it closes it.
func Share(index int) (*Shared, error) {
	d, err := process().open(index)
	if err != nil {
		return nil, err
	}
	return &Shared{d.(*device)}, nil
}

// Close gives the device back.
func (s *Shared) Close() error { return s.d.Close() }

// Info describes the device.
func (s *Shared) Info() driver.Info { return s.d.info }

// Compile returns a program's image for the device: machine code, or PTX with a 0 at its end.
func (s *Shared) Compile(p driver.Program) ([]byte, error) {
	image, log, failed := s.d.compiler.run(p.Name, p.Source, s.d.arch)
	if failed != "" {
		return nil, s.d.buildError(p, log, failed)
	}
	return image, nil
}

// Failure is the error for a CUresult. Kind is one of package driver's errors; nil leaves it to the code.
func (s *Shared) Failure(kind error, rc int, what string) error {
	if kind == nil {
		kind = code(rc).kind()
	}
	return s.d.failureAs(kind, code(rc), "%s", what)
}

// Clock returns an event of CUDA that has been reached, when that was on the device's clock, and when on the host's.
func (s *Shared) Clock() (event uintptr, at time.Duration, host time.Time, err error) {
	var b *base
	rc := s.d.use(s.d.context, func() code {
		b = s.d.clock.current(s.d)
		return success
	})
	if rc != success {
		return 0, 0, time.Time{}, s.d.failure(rc, "clock")
	}
	return b.event, b.at, b.host, nil
}

// Memory is memory at an address of the device, for [Shared.Arguments] and for [SharedQueue]. Others free it.
func (s *Shared) Memory(at uintptr) driver.Buffer { return &buffer{device: s.d, at: at} }

// Arguments returns what a kernel takes, each at the beginning of its own 8 bytes, or why the launch does not fit. MaxThreads and
// shared are what the driver says of the function. Buffers are those of Memory.
func (s *Shared) Arguments(info driver.KernelInfo, maxThreads, shared int, shape driver.Shape, args []driver.Arg) ([]uint64, error) {
	k := &kernel{info: info, maxThreads: maxThreads, shared: shared}
	if err := k.fits(s.d, shape); err != nil {
		return nil, err
	}
	return k.values(shape, args), nil
}

// SharedQueue puts what CUDA's libraries do into a stream of another.
type SharedQueue interface {
	driver.BLAS
	driver.FFT
	driver.Random
	Sync() error  // as that of a [driver.Queue], of these commands
	Close() error // gives back what the libraries hold, not the stream
}

// Queue returns it for a stream, a CUstream of the device's primary context.
func (s *Shared) Queue(stream uintptr) SharedQueue {
	return &sharedQueue{&queue{device: s.d, stream: stream}}
}

type sharedQueue struct{ *queue }

func (q *sharedQueue) Close() error {
	d := q.device
	return d.failure(d.use(d.context, func() code {
		q.libraries.close()
		return success
	}), "closing a queue")
}
