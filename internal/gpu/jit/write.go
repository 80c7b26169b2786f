package jit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"cookbook/internal/gpu/driver"
)

// dialect is how a language says what the languages say differently.
type dialect struct {
	language driver.Language
	head     string    // begins every source
	double   string    // behind it, where there is float64
	types    [2]string // of 64 bits, signed and unsigned
	suffix   [2]string // of constants of these types
	kernel   string    // before a kernel
	function string    // before another function
	global   string    // before a pointer to memory of the device
	local    string    // before a pointer to shared memory
	shared   string    // before the declaration of a shared array
	size     string    // a kernel's size of a block; "" if it is not said
	barrier  string
	swap     string    // the function that compares and swaps an int in memory of the device
	place    [4]string // of the thread in the block, threads of a block, of the block in the grid, blocks of the grid: with %s for the dimension
	dims     [3]string // what stands for %s
	bits     [4]string // the functions that are math.Float32bits, Float32frombits, Float64bits, Float64frombits
}

var openCL = &dialect{
	language: driver.OpenCLC,
	head:     "#pragma OPENCL FP_CONTRACT OFF\n", double: "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n",
	types: [2]string{"long", "ulong"}, suffix: [2]string{"L", "UL"},
	kernel: "__kernel", function: "static", global: "__global ", local: "__local ", shared: "__local",
	size: "__attribute__((reqd_work_group_size(%d, %d, %d)))", barrier: "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);", swap: "atomic_cmpxchg",
	place: [4]string{"get_local_id(%s)", "get_local_size(%s)", "get_group_id(%s)", "get_num_groups(%s)"}, dims: [3]string{"0", "1", "2"},
	bits: [4]string{"as_uint", "as_float", "as_ulong", "as_double"},
}

var cuda = &dialect{
	language: driver.CUDAC,
	types:    [2]string{"long long", "unsigned long long"}, suffix: [2]string{"LL", "ULL"},
	kernel: `extern "C" __global__`, function: "static __device__", shared: "__shared__", size: "__launch_bounds__(%d * %d * %d)",
	barrier: "__syncthreads();", swap: "atomicCAS",
	place: [4]string{"threadIdx.%s", "blockDim.%s", "blockIdx.%s", "gridDim.%s"}, dims: [3]string{"x", "y", "z"},
	bits: [4]string{"__float_as_uint", "__uint_as_float", "__double_as_longlong", "__longlong_as_double"},
}

// writer writes a program in a language.
type writer struct {
	*program
	*dialect
	checked bool
	lines   []string // with the position, FILE:LINE, before a tab
	depth   int
	at      token.Pos
	needs   map[string]string // functions of meaning.go, by name
	f       *function         // that is written
	mask    mask              // the loops over threads around
}

// write writes all functions of a program, with checks if they are asked for.
func write(p *program, d *dialect, checked bool) *writer {
	w := &writer{program: p, dialect: d, checked: checked, needs: map[string]string{}}
	for _, f := range p.functions {
		w.f = f
		w.function(f)
	}
	return w
}

// text returns the source and the position of each line.
func (w *writer) text() (string, []string) {
	head := w.head
	for _, f := range w.functions {
		if f.wide && w.double != "" {
			head += w.double
			break
		}
	}
	for _, t := range [][2]string{{"signed char", "i8"}, {"unsigned char", "u8"}, {"short", "i16"}, {"unsigned short", "u16"}, {"int", "i32"},
		{"unsigned int", "u32"}, {w.dialect.types[0], "i64"}, {w.dialect.types[1], "u64"}} {
		head += "typedef " + t[0] + " " + t[1] + ";\n"
	}
	head += w.checks()
	names := make([]string, 0, len(w.needs))
	for name := range w.needs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		head += w.dialect.function + " " + w.needs[name] + "\n"
	}
	all := make([]string, strings.Count(head, "\n"), strings.Count(head, "\n")+len(w.lines))
	var b strings.Builder
	b.WriteString(head)
	for _, line := range w.lines {
		at, text, _ := strings.Cut(line, "\t")
		all = append(all, at)
		b.WriteString(text + "\n")
	}
	return b.String(), all
}

// line writes a line, which stands for what is at w.at.
func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if text != "" {
		text = strings.Repeat("\t", w.depth) + text
	}
	w.lines = append(w.lines, w.program.line(w.at)+"\t"+text)
}

// function writes a function.
func (w *writer) function(f *function) {
	w.at = f.decl.Pos()
	var params []string
	for i, p := range f.info.Params {
		v := f.vars[f.object.Signature().Params().At(i+f.first())]
		switch {
		case !p.Slice && v.elem == types.Bool && f.kernel:
			params = append(params, "u8 "+v.name)
		case !p.Slice:
			params = append(params, w.typeOf(v.elem)+" "+v.name)
		default:
			constant := "const "
			if v.written {
				constant = ""
			}
			params = append(params, w.global+constant+w.typeOf(v.elem)+" *"+v.name, "i64 "+v.name+"_len")
		}
	}
	if w.checked {
		params = append(params, w.global+"i64 *check_fault")
	}
	w.line("")
	if !f.kernel {
		w.line("%s %s %s(%s)", w.dialect.function, w.typeOf(f.result.Kind()), w.functionName(f.decl.Name.Name), strings.Join(params, ", "))
		w.line("{")
		w.block(f.decl.Body.List)
		w.line("}")
		return
	}
	if w.checked {
		params = append(params, "i64 check_fault_len")
	}
	dynamic := f.dynamic()
	if dynamic != nil {
		if w.language == driver.OpenCLC {
			params = append(params, w.local+w.typeOf(dynamic.elem)+" *shared__")
		}
		params = append(params, "i64 shared__len")
	}
	bounds := ""
	if b := f.info.Block; b != (driver.Dim{}) && (b.X > 0) && (f.info.Dims < 2 || b.Y > 0) && (f.info.Dims < 3 || b.Z > 0) {
		b = b.Full()
		bounds = fmt.Sprintf(w.size, b.X, b.Y, b.Z) + " "
	}
	w.line("%s void %sk_%s(%s)", w.kernel, bounds, f.decl.Name.Name, strings.Join(params, ", "))
	w.line("{")
	w.depth++
	if dynamic != nil {
		if w.language == driver.CUDAC {
			w.line("extern __shared__ u64 shared__words[];")
			w.line("%s *shared__ = (%s *)shared__words;", w.typeOf(dynamic.elem), w.typeOf(dynamic.elem))
		}
		w.clearShared("shared__", "shared__len")
	}
	w.sharedArrays(f)
	w.depth--
	w.block(f.decl.Body.List)
	w.line("}")
}

// first returns the index of the first parameter that a driver knows.
func (f *function) first() int {
	if f.kernel {
		return 1
	}
	return 0
}

// dynamic returns the slice of shared memory of the launch, nil for none.
func (f *function) dynamic() *variable {
	for _, v := range f.vars {
		if v.local && v.root == v {
			return v
		}
	}
	return nil
}

// sharedArrays declares the shared arrays of a kernel, which stand at the beginning of the function.
func (w *writer) sharedArrays(f *function) {
	var all []*variable
	for _, v := range f.vars {
		if v.kind == array && v.mask == 0 && !f.register(v) {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b *variable) int { return int(a.at - b.at) })
	for _, v := range all {
		w.at = v.at
		w.line("%s %s %s%s;", w.shared, w.typeOf(v.elem), v.name, dimensions(v))
	}
}

// dimensions writes the dimensions of an array.
func dimensions(v *variable) string {
	text := ""
	for _, d := range v.dims {
		text += fmt.Sprintf("[%d]", d)
	}
	return text
}

// clearShared writes a loop in which the threads of the block clear shared memory together.
func (w *writer) clearShared(name, n string) {
	w.line("for (i64 i__ = %s; i__ < %s; i__ += %s)", w.own(), n, w.threads())
	w.line("\t%s[i__] = 0;", name)
	w.line("%s", w.barrier)
}

// own is the number of the thread in its block, over all dimensions; threads is how many there are.
func (w *writer) own() string {
	id, n := w.placeOf(0, 0), w.placeOf(1, 0)
	switch w.f.info.Dims {
	case 2:
		return fmt.Sprintf("%s + %s * %s", id, n, w.placeOf(0, 1))
	case 3:
		return fmt.Sprintf("%s + %s * (%s + %s * %s)", id, n, w.placeOf(0, 1), w.placeOf(1, 1), w.placeOf(0, 2))
	}
	return id
}

func (w *writer) threads() string {
	text := w.placeOf(1, 0)
	for d := 1; d < w.f.info.Dims; d++ {
		text += " * " + w.placeOf(1, d)
	}
	return text
}

// placeOf returns one of the four numbers of a thread in a dimension.
func (w *writer) placeOf(which, dim int) string {
	return fmt.Sprintf("(i64)"+w.place[which], w.dims[dim])
}

// typeOf returns the name of a type in C, and notes that the function uses it.
func (w *writer) typeOf(kind types.BasicKind) string {
	w.f.wide = w.f.wide || kind == types.Float64
	return map[types.BasicKind]string{
		types.Bool: "bool", types.Int: "i64", types.Int8: "i8", types.Int16: "i16", types.Int32: "i32", types.Int64: "i64",
		types.Uint: "u64", types.Uint8: "u8", types.Uint16: "u16", types.Uint32: "u32", types.Uint64: "u64",
		types.Float32: "float", types.Float64: "double",
	}[kind]
}

// functionName returns the name of a function that is no kernel.
func (w *writer) functionName(name string) string { return "f_" + name }

// reserved reports whether a name means something else in C, OpenCL C or CUDA C++, or may be taken by what is written here.
func reserved(name string) bool {
	const words = ` auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short
 signed sizeof static struct switch typedef union unsigned void volatile while bool true false class new delete template this operator private public
 protected virtual friend namespace using try catch throw typename export mutable explicit and or not xor half uchar ushort uint ulong size_t ptrdiff_t
 event_t sampler_t image2d_t global local constant kernel vector barrier min max abs sqrt fabs floor ceil trunc round rint fma fmod exp log sin cos tan pow
 clamp step sign mix select any all dot cross length distance normalize rotate mad mul24 mad24 hypot as_float as_uint isnan isinf copysign NULL NAN INFINITY
 M_PI M_E i8 u8 i16 u16 i32 u32 i64 u64 asm near far pipe complex imaginary quad signbit nan erf powr pown exp2 log2 log10 ldexp frexp modf degrees radians
 linux unix infinity is_inf not_a_number
 threadIdx blockIdx blockDim gridDim warpSize dim3 main uniform atomic_add atomic_inc prefetch printf vload vstore shuffle char2 int2 float2 double2 `
	for _, prefix := range []string{"k_", "f_", "get_", "atomic_", "as_", "convert_", "native_", "half_", "__", "vload", "vstore", "div_", "mod_", "shl_", "shr_",
		"min_", "max_", "to_", "range_", "check_", "cl_", "cles_", "image", "float", "double", "int", "uint", "char", "uchar", "short", "ushort", "long", "ulong"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	if len(name) > 1 && name == strings.ToUpper(name) { // as macros are called: FLT_MAX, LONG_MIN
		return true
	}
	for _, r := range name {
		if r > 126 { // a letter that C does not know
			return true
		}
	}
	return strings.Contains(words, " "+name+" ") || strings.Contains(words, " "+name+"\n") || strings.Contains(words, "\n "+name+" ") || strings.HasSuffix(name, "_len") || strings.HasSuffix(name, "_")
}

// block writes statements, one level deeper.
func (w *writer) block(list []ast.Stmt) {
	w.depth++
	for i, stmt := range list {
		w.statement(stmt, w.depth == 1 && i == len(list)-1)
	}
	w.depth--
}
