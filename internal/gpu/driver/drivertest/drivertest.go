// Package drivertest helps to test the back ends of package gpu below its checks: with kernels that are written in the device's own
// language.
package drivertest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"cookbook/internal/gpu/driver"
)

// Line is a shape of one dimension.
func Line(blocks, threads int) driver.Shape {
	return driver.Shape{Grid: driver.Dim{X: blocks, Y: 1, Z: 1}, Block: driver.Dim{X: threads, Y: 1, Z: 1}}
}

// Upload makes a buffer with the numbers of s, a slice. It is freed when the test ends.
func Upload(t testing.TB, d driver.Device, q driver.Queue, s any) driver.Buffer {
	t.Helper()
	b, err := d.Alloc(binary.Size(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Free(); err != nil {
			t.Error(err)
		}
	})
	p, _ := binary.Append(nil, binary.NativeEndian, s)
	Finish(t)(q.Write(b, 0, p))
	return b
}

// Download reads the numbers of s, a slice, from a buffer.
func Download(t testing.TB, q driver.Queue, b driver.Buffer, s any) {
	t.Helper()
	p := make([]byte, binary.Size(s))
	Finish(t)(q.Read(b, 0, p))
	if _, err := binary.Decode(p, binary.NativeEndian, s); err != nil {
		t.Fatal(err)
	}
}

// Finish waits for a command and frees it.
func Finish(t testing.TB) func(driver.Event, error) {
	return func(e driver.Event, err error) {
		t.Helper()
		if err == nil {
			err = e.Wait()
			e.Free()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Places runs a kernel that writes x + 100·y + 10000·z to each element of a grid of three dimensions, where x, y and z are the places of
// its thread, and x runs fastest.
func Places(t *testing.T, d driver.Device, q driver.Queue, k driver.Kernel) {
	s := driver.Shape{Grid: driver.Dim{X: 3, Y: 2, Z: 4}, Block: driver.Dim{X: 4, Y: 2, Z: 2}}
	got := make([]int32, s.Grid.Count()*s.Block.Count())
	b := Upload(t, d, q, got)
	Finish(t)(q.Launch(t.Context(), k, s, []driver.Arg{{Buffer: b, Len: len(got)}}))
	Download(t, q, b, got)
	for i, v := range got {
		if x, y, z := i%12, i/12%4, i/48; int(v) != x+100*y+10000*z {
			t.Fatalf("element (%d, %d, %d) is %d", x, y, z, v)
		}
	}
}

// Reversed runs a kernel that reverses the numbers of each block of 4 threads, through shared memory of the launch.
func Reversed(t *testing.T, d driver.Device, q driver.Queue, k driver.Kernel) {
	got := []int32{1, 2, 3, 4, 5, 6, 7, 8}
	b := Upload(t, d, q, got)
	s := Line(2, 4)
	s.Shared = 16
	Finish(t)(q.Launch(t.Context(), k, s, []driver.Arg{{Buffer: b, Len: len(got)}}))
	Download(t, q, b, got)
	if want := []int32{4, 3, 2, 1, 8, 7, 6, 5}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Serve launches kernel saxpy of a program, which adds a·x to y, so many times with a = g, and looks at the result. K is that kernel,
// built. An even g has a queue of its own, and each fourth one builds the program again.
func Serve(d driver.Device, q driver.Queue, p driver.Program, k driver.Kernel, g, rounds int) (err error) {
	const n = 64
	if g%4 == 1 {
		m, err := d.Build(p)
		if err != nil {
			return err
		}
		defer m.Close()
		if k, err = m.Kernel("saxpy"); err != nil {
			return err
		}
	}
	if g%2 == 0 {
		own, err := d.NewQueue()
		if err != nil {
			return err
		}
		defer own.Close()
		q = own
	}
	do := func(e driver.Event, failed error) {
		if err = errors.Join(err, failed); failed == nil {
			err = errors.Join(err, e.Wait())
			e.Free()
		}
	}
	x, errX := d.Alloc(4 * n)
	y, errY := d.Alloc(4 * n)
	if err := errors.Join(errX, errY); err != nil {
		return err
	}
	defer x.Free()
	defer y.Free()
	numbers := make([]float32, n)
	for i := range numbers {
		numbers[i] = 1
	}
	bytes, _ := binary.Append(nil, binary.NativeEndian, numbers)
	do(q.Write(x, 0, bytes))
	for range rounds {
		do(q.Launch(context.Background(), k, Line(n/16, 16), []driver.Arg{{Scalar: float32(g)}, {Buffer: x, Len: n}, {Buffer: y, Len: n}}))
	}
	do(q.Read(y, 0, bytes))
	if _, failed := binary.Decode(bytes, binary.NativeEndian, numbers); failed != nil {
		return failed
	}
	for i, v := range numbers {
		if v != float32(g*rounds) && err == nil {
			err = fmt.Errorf("element %d is %v, want %d", i, v, g*rounds)
		}
	}
	return err
}
