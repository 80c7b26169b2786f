package jit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"sync"
)

// gpuSource declares what a kernel sees of package gpu.
const gpuSource = `package gpu

type Dim struct{ X, Y, Z int }

type Block struct{ Idx, Dim, Grid Dim }

func (b *Block) X(n int) int
func (b *Block) Y(n int) int
func (b *Block) Z(n int) int
func (b *Block) Range(n int) (lo, hi int)

func Part[T any](b *Block, s []T) []T { return s }
func Shared[T any](b *Block) []T { return nil }
`

// mathSource declares what a kernel sees of package math.
const mathSource = `package math

const (
	E       = 2.71828182845904523536028747135266249775724709369995957496696763
	Pi      = 3.14159265358979323846264338327950288419716939937510582097494459
	Phi     = 1.61803398874989484820458683436563811772030917980576286213544862
	Sqrt2   = 1.41421356237309504880168872420969807856967187537694807317667974
	Ln2     = 0.693147180559945309417232121458176568075500134360255254120680009
	Log2E   = 1 / Ln2
	Ln10    = 2.30258509299404568401799145468436420760110148862877297603332790
	Log10E  = 1 / Ln10

	MaxFloat32             = 0x1p127 * (1 + (1 - 0x1p-23))
	SmallestNonzeroFloat32 = 0x1p-126 * 0x1p-23
	MaxFloat64             = 0x1p1023 * (1 + (1 - 0x1p-52))
	SmallestNonzeroFloat64 = 0x1p-1022 * 0x1p-52

	MaxInt    = 1<<63 - 1
	MinInt    = -1 << 63
	MaxInt8   = 1<<7 - 1
	MinInt8   = -1 << 7
	MaxInt16  = 1<<15 - 1
	MinInt16  = -1 << 15
	MaxInt32  = 1<<31 - 1
	MinInt32  = -1 << 31
	MaxInt64  = 1<<63 - 1
	MinInt64  = -1 << 63
	MaxUint   = 1<<64 - 1
	MaxUint8  = 1<<8 - 1
	MaxUint16 = 1<<16 - 1
	MaxUint32 = 1<<32 - 1
	MaxUint64 = 1<<64 - 1
)

func Sqrt(x float64) float64
func Abs(x float64) float64
func Floor(x float64) float64
func Ceil(x float64) float64
func Trunc(x float64) float64
func Round(x float64) float64
func RoundToEven(x float64) float64
func Copysign(f, sign float64) float64
func FMA(x, y, z float64) float64
func Min(x, y float64) float64
func Max(x, y float64) float64
func Mod(x, y float64) float64
func Exp(x float64) float64
func Log(x float64) float64
func Sin(x float64) float64
func Cos(x float64) float64
func Tan(x float64) float64
func Pow(x, y float64) float64
func Inf(sign int) float64
func NaN() float64
func IsNaN(f float64) bool
func IsInf(f float64, sign int) bool
func Float32bits(f float32) uint32
func Float32frombits(b uint32) float32
func Float64bits(f float64) uint64
func Float64frombits(b uint64) float64
`

// stubs returns the packages that a kernel may import.
var stubs = sync.OnceValue(func() importer {
	all := importer{}
	for name, source := range map[string]string{"gpu": gpuSource, "math": mathSource} {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			panic(err) // a fault of this file
		}
		pkg, err := (&types.Config{Sizes: sizes(), IgnoreFuncBodies: true}).Check(name, set, []*ast.File{file}, nil)
		if err != nil {
			panic(err)
		}
		all[name] = pkg
	}
	return all
})

// importer has the packages that kernels may import, by the last part of their paths.
type importer map[string]*types.Package

// Import returns a package for the type checker.
func (i importer) Import(name string) (*types.Package, error) {
	if pkg := i[stubName(name)]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("a kernel cannot use package %s", name)
}

// stubName returns which of the packages an import path means, or "". Package driver has the same words as package gpu.
func stubName(name string) string {
	switch {
	case name == "math":
		return "math"
	case path.Base(name) == "gpu", path.Base(name) == "driver":
		return "gpu"
	}
	return ""
}

// sizes makes int 64 bits wide, as it is on all devices.
func sizes() types.Sizes { return types.SizesFor("gc", "amd64") }
