// Package jit translates kernels written in Go to the languages of devices: OpenCL C 1.2, and CUDA C++ as NVRTC compiles it. It knows
// no device, reads no disk and needs no Go installation.
//
// Which Go it takes, and what loops over threads mean, says [driver.Block]; package gpu has the rules for authors. The files, in the
// order in which they work: read.go (finds and type-checks the functions), analyse.go, declare.go, threads.go, uses.go and nest.go (loops
// over threads, shared memory, registers, what is written), write.go, statement.go, assign.go, loop.go and expression.go (write C),
// meaning.go (what C leaves open and Go does not), check.go (checks of indices).
//
// The translation has Go's meaning, bit for bit: integers wrap, a shift by the width or more gives 0 or the sign, the least integer
// divided by -1 is itself, arrays are cleared, floats are rounded after each operation. Go itself may compute x*y + z with one
// rounding, which it does on arm64, and on amd64 with GOAMD64=v3; who wants the same bits there writes float32(x*y) + z.
//
// Three things differ, because a device cannot stop:
//
//   - An index out of range, or a slicing, is not noticed, except in a program with checks ([Unit.Checked]), where it is reported.
//   - x / 0 and x % 0 are 0 for integers; in Go they panic, and a program with checks reports them. A shift by a negative count is one
//     by a very large count.
//   - math.Exp, Log, Sin, Cos, Tan and Pow are the device's, which are near those of Go.
//
// A float that is converted to an integer type that cannot hold it gives what Go gives on amd64. Go itself leaves this open.
//
// # Shared memory, registers, barriers
//
// An array that a kernel declares outside of its loops over threads is shared memory of the block. It becomes a register, a variable
// of each thread, if every use of it is an element whose indices are the variables of all loops over threads around it, in the same
// order: own[t], sum[y][x]. Then no thread can see the element of another one.
//
// Threads wait for each other behind each outermost loop over threads, unless the loop touches neither shared memory, nor a slice
// that the kernel writes to somewhere; and not at the end of the kernel. Slices that the caller passes twice count as two: a thread
// must not read through one what another thread writes through the other.
package jit

import "cookbook/internal/gpu/driver"

// Unit is kernels of one file, read and checked.
type Unit struct {
	name    string
	program *program
	checked bool
}

// Read reads the kernels of a file, and the functions and constants of the file that they use. The error is a *driver.BuildError with
// the position (FILE:LINE:COLUMN) of the first thing that cannot be translated; the message says what to write instead. It takes
// about a millisecond for a usual file.
func Read(file string, source []byte, kernels []string) (u *Unit, err error) {
	defer catch(&err)
	u = &Unit{name: file, program: read(file, source, kernels)}
	write(u.program, openCL, false) // finds what only writing finds
	for _, k := range u.program.kernels {
		k.info.Float64 = k.wide
	}
	return u, nil
}

// Name returns the file's name.
func (u *Unit) Name() string { return u.name }

// Kernels describes the kernels, in the order in which they were asked for; Run is nil.
func (u *Unit) Kernels() []driver.KernelInfo {
	infos := make([]driver.KernelInfo, len(u.program.kernels))
	for i, k := range u.program.kernels {
		infos[i] = k.info
		infos[i].Params = append([]driver.Param(nil), k.info.Params...)
		if u.checked {
			infos[i].Params = append(infos[i].Params, fault())
		}
	}
	return infos
}

// Source returns the kernels in a device's language, and for each of its lines, from 0, FILE:LINE of the Go source or "". The same
// unit gives the same bytes each time.
func (u *Unit) Source(language driver.Language) (source string, lines []string, err error) {
	defer catch(&err)
	for _, d := range []*dialect{openCL, cuda} {
		if d.language == language {
			source, lines = write(u.program, d, u.checked).text()
			return source, lines, nil
		}
	}
	return "", nil, &driver.BuildError{Pos: u.name, Message: "there is no translation to " + string(language)}
}
