package opencl

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// references returns how many objects of OpenCL hold the device's context.
func references(t *testing.T, d *device) uint64 {
	t.Helper()
	lib, err := library([]string{"libOpenCL.so.1"})
	if err != nil {
		t.Fatal(err)
	}
	const contextReferenceCount = 0x1080
	n := d.number(lib.Func("clGetContextInfo"), d.context, contextReferenceCount)
	if n == 0 {
		t.Fatal("the context tells no number of references")
	}
	return n
}

// given fails the test unless the context comes to have no more references than before. On rusticl a thread of the library lets go of
// some a little later.
func given(t *testing.T, d *device, before uint64) {
	t.Helper()
	for tries := 0; references(t, d) != before; tries++ {
		if tries == 1000 {
			t.Errorf("%s: the context has %d references, %d before", d.info.Name, references(t, d), before)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestDeviceGetsAllHandlesBack counts the references to the context: queues, buffers, programs, kernels and events hold it.
func TestDeviceGetsAllHandlesBack(t *testing.T) {
	for _, info := range devices(t) {
		d := openDevice(t, info.Index)
		before := references(t, d)
		if err := useAll(d); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		given(t, d, before)
	}
}

// useAll makes one of all that a device has, has some of it refused, and gives all back.
func useAll(d *device) (err error) {
	q, err := d.NewQueue()
	if err != nil {
		return err
	}
	part := d.Info().Align
	b, err1 := d.Alloc(4 * part)
	m, err2 := d.Build(program())
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if _, err := d.Build(driver.Program{Name: "test", Source: testProgram, Kernels: append(testKernels(), driver.KernelInfo{Name: "missing"})}); !errors.Is(err, driver.ErrBuild) {
		return errors.Join(err, errors.New("a kernel was found that is not there"))
	}
	k, err := m.Kernel("places")
	if err != nil {
		return err
	}
	var events []driver.Event
	queued := func(e driver.Event, failed error) {
		if err = errors.Join(err, failed); failed == nil {
			events = append(events, e)
		}
	}
	args := []driver.Arg{{Buffer: b, Offset: part, Len: part / 4}}
	queued(q.Launch(context.Background(), k, drivertest.Line(1, 1), args))
	queued(q.Copy(b, 0, b, 2*part, part))
	queued(q.Write(b, 0, make([]byte, part)))
	queued(q.Read(b, 0, make([]byte, part)))
	if _, failed := q.Launch(context.Background(), k, drivertest.Line(math.MaxInt/2, 4), args); !errors.Is(failed, driver.ErrShape) {
		err = errors.Join(err, failed, errors.New("a launch that is too big was not refused"))
	}
	err = errors.Join(err, q.Sync())
	for _, e := range events {
		err = errors.Join(err, e.Wait())
		e.Free()
	}
	return errors.Join(err, q.Close(), m.Close(), b.Free())
}

// TestLibrariesGiveAllHandlesBack uses the libraries twice: with the first transform, clFFT keeps something of the context for good.
func TestLibrariesGiveAllHandlesBack(t *testing.T) {
	q := withLibrary(t, true)
	d := q.device
	m := driver.Matrix{Buffer: drivertest.Upload(t, q.device, q, make([]float64, 4)), Rows: 2, Cols: 2, Stride: 2}
	c := driver.Matrix{Buffer: drivertest.Upload(t, q.device, q, make([]float64, 120)), Rows: 2, Cols: 2, Stride: 2}
	out := drivertest.Upload(t, q.device, q, make([]float64, 120))
	use := func() {
		nq, err := d.NewQueue()
		if err != nil {
			t.Fatal(err)
		}
		e, lib, err := nq.(driver.BLAS).Gemm(true, false, false, 1, m, m, 0, c)
		begun(t, e, lib, err)
		e, lib, err = nq.(driver.FFT).FFT(true, false, 60, 1, c.Buffer, out)
		begun(t, e, lib, err)
		if err := nq.Close(); err != nil {
			t.Fatal(err)
		}
		d.forget()
	}
	use()
	before := references(t, d)
	use()
	given(t, d, before)
}
