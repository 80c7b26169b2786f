package ch6

import (
	"context"
	"math"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// dotOf returns the dot product of a vector with itself, computed on the device in the numbers' own type.
func dotOf[T gpu.Number](ctx context.Context, device *gpu.Device, params string, numbers []T) (T, error) {
	dot, err := gpu.NewReduction[T](device, params, "x[i] * y[i]", "a + b", "0")
	if err != nil {
		return 0, err
	}
	vector, err := gpu.Upload(device, numbers)
	if err != nil {
		return 0, err
	}
	defer vector.Free()
	return dot.Run(ctx, vector, vector)
}

// showIntegers computes 0·0 + 1·1 + … in integers, and what a kernel for smaller integers makes of the same memory.
func showIntegers(ctx context.Context, out *transcript.Log, device *gpu.Device, count int) error {
	numbers, want := make([]int64, count), int64(0)
	memory := make([]int32, 0, 2*count) // the same bytes, read as integers of 32 bits: the low half first
	for i := range numbers {
		numbers[i] = int64(i)
		want += int64(i) * int64(i)
		memory = append(memory, int32(numbers[i]), int32(numbers[i]>>32))
	}
	sum, err := dotOf(ctx, device, "x, y []int64", numbers)
	if err != nil {
		return err
	}
	out.Printf("0 to %d, each times itself, added: %d", count-1, sum)
	out.Check("the sum of the squares", sum, want)
	out.Note("The book's kernel reads int, 32 bits. NumPy's integers have 64 bits on Linux: every other number it sees is a 0.")
	wrong, err := dotOf(ctx, device, "x, y []int32", memory[:count])
	if err != nil {
		return err
	}
	out.Printf("read as integers of 32 bits: %d", wrong)
	return nil
}

// showFloats adds the squares of many random numbers in single precision, in two orders.
func showFloats(ctx context.Context, out *transcript.Log, device *gpu.Device, size int) error {
	numbers, random := make([]float32, size), out.Rand()
	loop, exact := float32(0), 0.0
	for i := range numbers {
		x := random.Float32()
		numbers[i] = x
		loop += float32(x * x) // the conversion forbids to round x·x and the sum in one step
		exact += float64(x) * float64(x)
	}
	onDevice, err := dotOf(ctx, device, "x, y []float32", numbers)
	if err != nil {
		return err
	}
	processor, err := gpu.OpenDevice("cpu")
	if err != nil {
		return err
	}
	defer processor.Close()
	onProcessor, err := dotOf(ctx, processor, "x, y []float32", numbers)
	if err != nil {
		return err
	}
	wrong := func(sum float32) float64 { return math.Abs(float64(sum)-exact) / exact }
	out.Printf("the squares of %d numbers of [0, 1), added in float32, are wrong by", size)
	out.Printf("%.1e of the sum, one after the other", wrong(loop))
	out.Printf("%.1e of the sum, in stripes and then in pairs", wrong(onDevice))
	out.Note("A sum that has grown large loses the low bits of what is added. Many small sums lose less.")
	out.Check("the device's sum is wrong by less than 1e-5", wrong(onDevice) < 1e-5, true)
	out.Check("the device and the processor have the same bits", math.Float32bits(onDevice), math.Float32bits(onProcessor))
	return nil
}

var mapReduce = catalog.Recipe{
	ID: "ch6.mapreduce", Section: "6.7", Title: "Map and reduce on a device",
	Python: "pycuda.reduction.ReductionKernel", Go: "gpu.NewReduction", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 400, 1, 3000, "integers, from 0 on")
		size := catalog.Int(f, "size", 1<<22, 1, 1<<24, "numbers in single precision")
		return func(ctx context.Context, out *transcript.Log) error {
			device, err := gpu.Open(ctx)
			if err != nil {
				return err
			}
			defer device.Close()
			out.Printf("on %s", device)
			if err := showIntegers(ctx, out, device, *count); err != nil {
				return err
			}
			return showFloats(ctx, out, device, *size)
		}
	},
}
