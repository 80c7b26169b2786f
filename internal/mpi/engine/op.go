package engine

// An OpCode names an operator, for engines that have it themselves.
type OpCode int

// The operators. A new one needs a name in the table below.
const (
	OpOwn OpCode = iota // of the program
	OpSum
	OpProd
	OpMin
	OpMax
	OpLand
	OpLor
	OpBand
	OpBor
	OpMaxLoc
	OpMinLoc
	OpEnd // greater than every operator
)

var opNames = [OpEnd]string{
	OpOwn: "an own operator", OpSum: "SUM", OpProd: "PROD", OpMin: "MIN", OpMax: "MAX", OpLand: "LAND", OpLor: "LOR",
	OpBand: "BAND", OpBor: "BOR", OpMaxLoc: "MAXLOC", OpMinLoc: "MINLOC",
}

func (o OpCode) String() string {
	if o >= 0 && o < OpEnd {
		return opNames[o]
	}
	return "an unknown operator"
}

// An Operator combines two buffers of one length: inout = inout op in. Engines apply it in the order of the ranks, to each
// element alone: ((rank 0 op rank 1) op rank 2) and so on, for buffers of any length. Only where every order comes to the same
// bits, as in sums of integers, may an engine take another one.
type Operator struct {
	Code    OpCode
	Combine func(inout, in []byte)
}

// Fold combines the first blocks of all, in their order. Each is as long as into.
func (o Operator) Fold(into, all []byte, blocks int) {
	n := len(into)
	o.FoldFrom(into, blocks, func(i int) []byte { return all[i*n:][:n] })
}

// foldBytes is how much of each buffer FoldFrom combines at a time, so that the result stays in the nearest cache. It is a multiple
// of the size of every element, also of those of 12 bytes.
const foldBytes = 6 << 10

// FoldFrom combines buffers in their order: into = of(0) op of(1) op … Each is as long as into.
func (o Operator) FoldFrom(into []byte, buffers int, of func(i int) []byte) {
	for at := 0; at < len(into); at += foldBytes {
		end := min(at+foldBytes, len(into))
		copy(into[at:end], of(0)[at:end])
		for i := 1; i < buffers; i++ {
			o.Combine(into[at:end], of(i)[at:end])
		}
	}
}
