package jit

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/bits"
	"reflect"
	"strconv"
	"strings"

	"cookbook/internal/gpu/driver"
)

// variable is a variable of a function, and where it lives on a device.
type variable struct {
	name    string          // in C
	elem    types.BasicKind // of the number, or of the elements
	kind    variableKind    //
	dims    []int           // of an array
	mask    mask            // the loops over threads around its declaration
	thread  int             // of the variable of a loop over threads in a dimension: 1 + the dimension
	root    *variable       // of a slice: the parameter, or the shared memory, of which it is a part
	part    bool            // a slice that is the block's part of another one
	written bool            // a root: some thread writes to it
	index   []int           // of an array that may be a register: the dimensions of its indices; nil before the first use
	other   bool            // an array that is used in another way, so that it is no register
	at      token.Pos       // of the declaration
	local   bool            // a slice of shared memory
}

type variableKind int

const (
	scalar variableKind = iota
	array
	slice
)

// mask is a set of dimensions of threads: bit d for dimension d.
type mask int

// threadLoop is a loop over the threads of a block.
type threadLoop struct {
	dim     int
	part    *variable   // it goes over a part of a slice; else nil
	touched []*variable // what its statements read and write: roots and arrays
	waits   bool        // threads wait for each other behind it
	uses    []use       // of an outermost loop: the elements that it reads and writes
}

// store is an assignment to an element of a slice or of an array of a kernel.
type store struct {
	at   token.Pos
	to   *variable
	mask mask
}

// scope is where a statement stands.
type scope struct {
	mask  mask
	outer *threadLoop // the outermost loop over threads; nil outside of these
	loop  ast.Stmt    // the innermost loop, of whatever kind
	inner *threadLoop // the innermost loop over threads
	again bool        // a loop of another kind is around inner, and in outer
	plain bool        // a loop of another kind is in inner
}

// refuse refuses a function that Go's compiler would not take, or whose parameters have other types than those of kernels.
func (p *program) refuse(d *ast.FuncDecl, errs []types.Error) {
	for _, e := range errs {
		if d.Pos() <= e.Pos && e.Pos < d.End() {
			message := e.Msg
			if name, undefined := strings.CutPrefix(message, "undefined: "); undefined && p.imports[name] != "" {
				message = "a kernel cannot use package " + p.imports[name] + ": only gpu and math"
			} else if undefined {
				message += ": a kernel uses functions and constants of its own file, of gpu and of math"
			}
			p.fail(e.Pos, "%s", message)
		}
	}
	switch {
	case d.Body == nil:
		p.fail(d.Pos(), "%s has no body", d.Name.Name)
	case d.Type.TypeParams != nil:
		p.fail(d.Pos(), "%s has type parameters: write it for one type", d.Name.Name)
	case d.Recv != nil:
		p.fail(d.Pos(), "%s is a method: write a function", d.Name.Name)
	}
}

// analyse finds out what a function's variables are.
func (f *function) analyse() {
	f.vars, f.names = map[types.Object]*variable{}, map[string]int{}
	f.loops = map[*ast.RangeStmt]*threadLoop{}
	f.info.Name = f.decl.Name.Name
	f.parameters()
	f.block(f.decl.Body.List, scope{})
	if !f.kernel {
		return
	}
	all := f.dimensions()
	for _, s := range f.stores {
		if s.to.mask == 0 && s.mask != all {
			f.fail(s.at, "this is written by every thread of the block at once: write it in a loop over the block's threads (in all its dimensions)")
		}
	}
	for _, v := range f.vars {
		if v.kind == array && v.mask == 0 && !f.register(v) {
			n := size(v.elem)
			for _, d := range v.dims {
				n *= d
			}
			f.info.Shared += n
		}
	}
	f.registers()
	for _, l := range f.loops {
		for _, v := range l.touched {
			l.waits = l.waits || v.kind == array && v.mask == 0 && !f.register(v) || v.local || v.kind == slice && v.written
		}
	}
	for i, p := range f.info.Params {
		for _, v := range f.vars {
			if p.Slice && v.root == v && v.name == f.cParam(p.Name) && !v.local {
				f.info.Params[i].Write = v.written
			}
		}
	}
	f.nests()
}

// dimensions returns the dimensions of threads that a kernel goes through, and notes how many there are.
func (f *function) dimensions() mask {
	var all mask
	for _, l := range f.loops {
		all |= 1 << l.dim
	}
	f.info.Dims = bits.Len(uint(all))
	if all&(all+1) != 0 {
		f.fail(f.decl.Pos(), "%s goes through the threads of some dimensions and leaves out lower ones: begin with X, then Y, then Z", f.decl.Name.Name)
	}
	return all
}

// register reports whether an array of a kernel is a variable of each thread.
func (f *function) register(v *variable) bool {
	var used mask
	for _, d := range v.index {
		used |= 1 << d
	}
	return !v.other && v.mask == 0 && v.kind == array && len(v.index) == len(v.dims) && used == f.mask()
}

// registers refuses registers that some threads of the block would not have.
func (f *function) registers() {
	for _, v := range f.vars {
		if !f.register(v) {
			continue
		}
		for i, d := range v.index {
			if n := f.blockSize(d); n > v.dims[i] {
				f.fail(v.at, "%s has %d elements for the %d threads of the block in %s: give each thread one", v.name, v.dims[i], n, "XYZ"[d:d+1])
			}
		}
	}
}

// fits reports whether a register is known to have an element for each thread.
func (f *function) fits(v *variable) bool {
	for _, d := range v.index {
		if f.blockSize(d) == 0 {
			return false
		}
	}
	return true
}

// blockSize returns the size of the block in a dimension for which the kernel is written; 0 for any.
func (f *function) blockSize(dim int) int {
	return [3]int{f.info.Block.X, f.info.Block.Y, f.info.Block.Z}[dim]
}

func (f *function) mask() mask { return 1<<f.info.Dims - 1 }

// parameters declares the parameters.
func (f *function) parameters() {
	signature := f.object.Type().(*types.Signature)
	params := signature.Params()
	first := 0
	if f.kernel {
		if params.Len() == 0 || !isBlock(params.At(0).Type()) {
			f.fail(f.decl.Pos(), "the first parameter of kernel %s is b *gpu.Block", f.decl.Name.Name)
		}
		first = 1
	}
	switch results := signature.Results(); {
	case f.kernel && results.Len() > 0:
		f.fail(f.decl.Pos(), "kernel %s has a result: write results to a slice", f.decl.Name.Name)
	case f.kernel:
	case results.Len() != 1:
		f.fail(f.decl.Pos(), "%s returns %d values: a function that a kernel calls returns one number", f.decl.Name.Name, results.Len())
	default:
		f.result = f.basic(results.At(0).Type(), f.decl.Pos())
	}
	if signature.Variadic() {
		f.fail(f.decl.Pos(), "%s takes any number of arguments: name them", f.decl.Name.Name)
	}
	for i := first; i < params.Len(); i++ {
		p := params.At(i)
		v := &variable{at: p.Pos()}
		t := p.Type()
		if s, ok := t.Underlying().(*types.Slice); ok && f.kernel {
			v.kind, v.root, t = slice, v, s.Elem()
		}
		v.elem = f.basic(t, p.Pos()).Kind()
		f.declare(p, v)
		f.info.Params = append(f.info.Params, driver.Param{Name: p.Name(), Slice: v.kind == slice, Elem: reflected(v.elem)})
		if f.kernel && v.elem == types.Uint {
			f.fail(p.Pos(), "%s has the type uint, whose size differs: use uint64 or uint32", p.Name())
		}
		if v.kind == slice && v.elem == types.Bool {
			f.fail(p.Pos(), "%s is a slice of bool: use uint8", p.Name())
		}
	}
}

// cParam returns the name of a parameter in C.
func (f *function) cParam(name string) string {
	for object, v := range f.vars {
		if object.Name() == name && object.Parent() == f.object.Scope() {
			return v.name
		}
	}
	return ""
}

// declare gives a variable a name in C, which no other one of the function has.
func (f *function) declare(object types.Object, v *variable) {
	name := object.Name()
	if reserved(name) {
		name += "_"
	}
	first := name
	for n := 2; f.names[name] > 0; n++ {
		name = first + "_" + strconv.Itoa(n)
	}
	f.names[name]++
	v.name, v.at = name, object.Pos()
	f.vars[object] = v
}

// isBlock reports whether t is *gpu.Block.
func isBlock(t types.Type) bool {
	p, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := p.Elem().(*types.Named)
	return ok && n.Obj().Name() == "Block" && n.Obj().Pkg() == stubs()["gpu"]
}

// basic returns the type of a number or bool, or refuses it.
func (f *function) basic(t types.Type, at token.Pos) *types.Basic {
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsUntyped == 0 {
		switch {
		case b.Info()&(types.IsInteger|types.IsFloat|types.IsBoolean) != 0 && b.Kind() != types.Uintptr:
			return b
		}
	}
	f.fail(at, "a %s cannot be on a device: there are bool, integers, float32 and float64, slices of them as parameters, and arrays", t)
	return nil
}

// reflected returns the type that a driver knows.
func reflected(kind types.BasicKind) reflect.Type {
	return map[types.BasicKind]reflect.Type{
		types.Bool: reflect.TypeFor[bool](), types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
		types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](), types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](),
		types.Uint16: reflect.TypeFor[uint16](), types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](),
		types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	}[kind]
}

// size returns how many bytes a number takes.
func size(kind types.BasicKind) int {
	if kind == types.Bool {
		return 1
	}
	return int(reflected(kind).Size())
}
