//go:build cuda && cgo

package cu

import (
	"reflect"
	"runtime"

	nv "gorgonia.org/cu"

	"cookbook/internal/gpu/cuda"
	"cookbook/internal/gpu/driver"
)

// Backend finds the devices of CUDA.
type Backend struct{ cuda.Backend }

// Open opens a device, as package cuda does, and calls its driver through gorgonia.org/cu.
func (Backend) Open(index int) (driver.Device, error) {
	shared, err := cuda.Share(index)
	if err != nil {
		return nil, err
	}
	d := &device{shared: shared}
	if err := d.open(index); err != nil {
		shared.Close()
		return nil, err
	}
	return d, nil
}

// device is an open device: its primary context, and a stream of its own for clearing buffers.
type device struct {
	shared  *cuda.Shared
	nv      nv.Device
	context nv.CUContext
	stream  nv.Stream
}

func (d *device) open(index int) (err error) {
	if d.nv, err = nv.GetDevice(index); err != nil {
		return d.failure(err, driver.ErrNoDevice, "device")
	}
	if d.context, err = d.nv.RetainPrimaryCtx(); err != nil {
		return d.failure(err, driver.ErrNoDevice, "context")
	}
	err = d.do("stream", func() (err error) {
		d.stream, err = nv.MakeStream(nv.NonBlocking)
		return err
	})
	if err != nil {
		d.nv.ReleasePrimaryCtx()
	}
	return err
}

// failure is the error for one of gorgonia.org/cu, whose errors are codes of the driver. Other errors it returns as they are. Kind
// nil leaves it to the code which of the errors of package driver it is.
func (d *device) failure(err, kind error, what string) error {
	if v := reflect.ValueOf(err); err != nil && v.Type() == reflect.TypeOf(nv.Success) {
		return d.shared.Failure(kind, int(v.Int()), what)
	}
	return err
}

// do runs f with the device's context current. The thread belongs to f while it runs.
func (d *device) do(what string, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := nv.SetCurrentContext(d.context)
	if err == nil {
		err = f()
	}
	return d.failure(err, nil, what)
}

func (d *device) Info() driver.Info { return d.shared.Info() }

// Close gives the context back.
func (d *device) Close() error {
	err := d.do("closing", d.stream.Destroy)
	if e := d.failure(d.nv.ReleasePrimaryCtx(), nil, "closing"); err == nil {
		err = e
	}
	if e := d.shared.Close(); err == nil {
		err = e
	}
	return err
}
