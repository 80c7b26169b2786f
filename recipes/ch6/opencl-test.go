package ch6

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/chart"
	"cookbook/internal/gpu"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// addOften adds a + b to c so many times. A sum of floats depends on the order, so no compiler may leave rounds out.
func addOften(b *gpu.Block, times int, va, vb, vc []float32) {
	as, bs, cs := gpu.Part(b, va), gpu.Part(b, vb), gpu.Part(b, vc)
	for i := range cs {
		sum, step := float32(0), as[i]+bs[i]
		for range times {
			sum += step
		}
		cs[i] = sum
	}
}

// trial is one addition on the device and on the host, with what each part of it took.
type trial struct {
	host, kernel, device time.Duration // device: with the copies there and back
	norm                 float64       // of the difference
}

// try adds n random numbers on both sides and measures: medians of some rounds, in turn.
func try(ctx context.Context, out *transcript.Log, kernel *gpu.Kernel, device *gpu.Device, n, times int) (trial, error) {
	va, vb, host, random := make([]float32, n), make([]float32, n), make([]float32, n), out.Rand()
	for i := range va {
		va[i], vb[i] = random.Float32(), random.Float32()
	}
	var result []float32
	var last *gpu.Event
	medians, err := measure.Medians(ctx, 3,
		func() error {
			addOften(&gpu.Block{Dim: gpu.Dim{X: 1}, Grid: gpu.Dim{X: 1}}, times, va, vb, host) // a plain call, in this goroutine
			return nil
		},
		func() (err error) {
			result, last, err = addOn(ctx, kernel, device, times, va, vb)
			return err
		})
	if err != nil {
		return trial{}, err
	}
	when, err := last.Times(ctx)
	if err != nil {
		return trial{}, err
	}
	sum := 0.0
	for i := range host {
		d := float64(host[i]) - float64(result[i])
		sum += d * d
	}
	return trial{host: medians[0], kernel: when.End - when.Start, device: medians[1], norm: math.Sqrt(sum)}, nil
}

// addOn copies the numbers to the device, adds them there, and copies the sums back.
func addOn(ctx context.Context, kernel *gpu.Kernel, device *gpu.Device, times int, va, vb []float32) ([]float32, *gpu.Event, error) {
	bufferA, err := gpu.Upload(device, va)
	if err != nil {
		return nil, nil, err
	}
	defer bufferA.Free()
	bufferB, err := gpu.Upload(device, vb)
	if err != nil {
		return nil, nil, err
	}
	defer bufferB.Free()
	bufferC, err := gpu.Alloc[float32](device, len(va))
	if err != nil {
		return nil, nil, err
	}
	defer bufferC.Free()
	event, err := kernel.Launch(ctx, gpu.Shape{}, times, bufferA, bufferB, bufferC)
	if err != nil {
		return nil, nil, err
	}
	sums, err := bufferC.Download()
	return sums, event, err
}

func testOpenCL(ctx context.Context, out *transcript.Log, size, times, sweep int, picture string) error {
	device, err := gpu.Open(ctx)
	if err != nil {
		return err
	}
	defer device.Close()
	kernel, err := device.Kernel(files, addOften)
	if err != nil {
		return err
	}
	out.Printf("%d numbers, each added %d times, on %s", size, times, device)
	t, err := try(ctx, out, kernel, device, size, times)
	if err != nil {
		return err
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	out.Printf("host: %.3f ms", ms(t.host))
	out.Printf("kernel: %.3f ms by the device's own clock", ms(t.kernel))
	out.Printf("device: %.3f ms with the copies", ms(t.device))
	out.Check(fmt.Sprintf("the norm of the difference, %g, is below 1e-5", t.norm), t.norm < 1e-5, true)
	out.Note("How many numbers are worth the way to the device? Each is now added %d times.", sweep)
	drawing := chart.Chart{Title: "When is the device faster?", X: "numbers", Y: "ms", Log2: true,
		Lines: []chart.Line{{Name: "host"}, {Name: "device, with copies"}, {Name: "kernel"}}}
	out.Printf("%9s %10s %10s %10s", "numbers", "host ms", "device ms", "kernel ms")
	norm, even := 0.0, 0
	for n := 16; n <= 1<<16; n *= 8 {
		t, err := try(ctx, out, kernel, device, n, sweep)
		if err != nil {
			return err
		}
		for i, d := range []time.Duration{t.host, t.device, t.kernel} {
			drawing.Lines[i].Points = append(drawing.Lines[i].Points, chart.Point{X: float64(n), Y: max(ms(d), 1e-3)})
		}
		switch norm += t.norm; {
		case t.device >= t.host:
			even = 0
		case even == 0:
			even = n
		}
		out.Printf("%9d %10.3f %10.3f %10.3f", n, ms(t.host), ms(t.device), ms(t.kernel))
	}
	if even > 0 {
		out.Printf("from %d numbers on, the device was faster", even)
	} else {
		out.Printf("the device was not faster at the largest size")
	}
	out.Check("all sums of the sweep are the host's, bit for bit", norm, 0.0)
	if picture == "" {
		return nil
	}
	return drawing.Save(picture)
}

var openCLTest = catalog.Recipe{
	ID: "ch6.opencl-test", Section: "6.13", Title: "Test and measure a program on host and device",
	Python: "pyopencl events, time.time", Go: "gpu.Event.Times, measure.Medians", Measures: true, Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		size := catalog.Int(f, "size", 10_000, 1, 1<<20, "numbers to add")
		times := catalog.Int(f, "times", 10_000, 1, 100_000, "additions of each number")
		sweep := catalog.Int(f, "sweep", 100, 1, 10_000, "additions of each number where the sizes grow")
		picture := catalog.File(f, "plot", "picture.svg", "draw the sizes in `FILE`, whose name ends in .svg")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := chart.CheckFile(*picture); *picture != "" && err != nil {
				return catalog.Usagef("--plot %v", err)
			}
			if *size**times > 1<<31 {
				return catalog.Usagef("--size %d --times %d are %d additions: take less than %d", *size, *times, *size**times, 1<<31)
			}
			return testOpenCL(ctx, out, *size, *times, *sweep, *picture)
		}
	},
}
