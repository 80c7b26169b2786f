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
	copy(into, all)
	for r := 1; r < blocks; r++ {
		o.Combine(into, all[r*n:(r+1)*n])
	}
}
