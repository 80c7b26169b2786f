package ch3

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// The ranks have places in a grid, where each knows its neighbours. A plate is cut up in the same way and heated.

var heatPart = mpi.Register("ch3.topology", func(ctx context.Context, comm *mpi.Comm, task heatTask) (heatResult, error) {
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	mesh, err1 := mpi.CartCreate(comm, task.Dims, []bool{false, false})
	torus, err2 := mpi.CartCreate(comm, task.Dims, []bool{true, true})
	if err := errors.Join(err1, err2); err != nil {
		return heatResult{}, err
	}
	if comm.Rank() == 0 {
		out.Printf("mesh %v closed to rings: %v, torus %v: %v", mesh.Dims(), mesh.Periods(), torus.Dims(), torus.Periods())
	}
	at, err := mesh.Coords(mesh.Rank())
	if err != nil {
		return heatResult{}, err
	}
	near := [2][]int{mesh.Neighbours(), torus.Neighbours()}
	out.Printf("(%d,%d)  mesh %2d  torus %2d", at[0], at[1], near[0], near[1])

	p := plateAt(task.Size, mesh.Dims(), at)
	for range task.Steps {
		if err := exchangeBorders(mesh, &p); err != nil {
			return heatResult{}, err
		}
		p.step()
	}
	out.Printf("computed %d x %d cells, from row %d and column %d on", p.Size[0], p.Size[1], p.First[0], p.First[1])
	return heatResult{near, p}, nil
})

// exchangeBorders sends the outermost lines of cells to the neighbours and puts theirs into the border.
func exchangeBorders(mesh *mpi.Cart, p *plate) error {
	for dim := range 2 {
		last, length := p.Size[dim], p.Size[1-dim]
		send, recv := make([]float64, length), make([]float64, length)
		for _, move := range []struct{ by, line, border int }{{1, last, 0}, {-1, 1, last + 1}} {
			for i := range send {
				send[i], recv[i] = *p.cell(dim, move.line, i+1), *p.cell(dim, move.border, i+1)
			}
			source, dest, err := mesh.Shift(dim, move.by)
			if err != nil {
				return err
			}
			if _, err := mpi.Sendrecv(mesh.Comm, send, dest, dim, recv, source, dim); err != nil {
				return err
			}
			for i := range recv { // without a neighbour recv is unchanged: the edge of the whole plate
				*p.cell(dim, move.border, i+1) = recv[i]
			}
		}
	}
	return nil
}

// heatTask is the argument of all ranks.
type heatTask struct {
	Dims        []int
	Size, Steps int
}

type heatResult struct {
	Near  [2][]int // a rank's neighbours in the mesh and in the torus: up, down, left, right
	Plate plate
}

// A plate is a part of the plate, with a border of one cell all around.
type plate struct {
	First, Size [2]int // rows and columns before this part, and those that it has
	Cells       []float64
}

// plateAt is the part for one place in a grid. If there is a remainder, the first parts have one more row or column.
func plateAt(size int, dims, at []int) plate {
	var p plate
	for dim, parts := range dims {
		p.First[dim] = at[dim]*(size/parts) + min(at[dim], size%parts)
		p.Size[dim] = (at[dim]+1)*(size/parts) + min(at[dim]+1, size%parts) - p.First[dim]
	}
	p.Cells = make([]float64, (p.Size[0]+2)*(p.Size[1]+2))
	if p.First[0] == 0 {
		copy(p.Cells, slices.Repeat([]float64{100}, p.Size[1]+2))
	}
	return p
}

// cell is cell i of row k (dim 0) or of column k (dim 1); the border counts.
func (p plate) cell(dim, k, i int) *float64 {
	if dim == 1 {
		k, i = i, k
	}
	return &p.Cells[k*(p.Size[1]+2)+i]
}

// step gives each cell the mean of its four neighbours.
func (p *plate) step() {
	next, width := slices.Clone(p.Cells), p.Size[1]+2
	for i := 1; i <= p.Size[0]; i++ {
		for at := i*width + 1; at < (i+1)*width-1; at++ {
			next[at] = (p.Cells[at-width] + p.Cells[at+width] + p.Cells[at-1] + p.Cells[at+1]) / 4
		}
	}
	p.Cells = next
}

func heatPlate(ctx context.Context, out *transcript.Log, ranks, size, steps int) error {
	out.Note("The book takes the root of p, rounded down, as rows, and p div rows as columns. DimsCreate finds factors.")
	dims, placed := []int{}, true
	for _, p := range []int{5, 7, 10, 11, ranks} { // the last is what we go on with
		rows := int(math.Sqrt(float64(p)))
		found, err := mpi.DimsCreate(p, []int{0, 0})
		if err != nil {
			return err
		}
		dims, placed = found, placed && found[0]*found[1] == p
		out.Printf("%2d ranks: %d x %d leaves out %d, %2d x %d leaves out %d",
			p, rows, p/rows, p%rows, dims[0], dims[1], p-dims[0]*dims[1])
	}
	out.Printf("Building a %d x %d grid topology:", dims[0], dims[1])
	out.Note("Which rank is up, down, left and right of each? A mesh ends at its edges: -1 is no rank. A torus goes round.")
	results, err := mpi.Run(ctx, heatPart, ranks, heatTask{dims, size, steps}, mpi.WithLog(out))
	if err != nil {
		return err
	}
	whole := plateAt(size, []int{1, 1}, []int{0, 0}) // the same plate in one piece
	for range steps {
		whole.step()
	}
	out.Note("The plate after %d steps. Its upper edge is kept at 100 degrees, the three others at 0.", steps)
	for row := range 8 {
		line := make([]byte, 32)
		for column := range line {
			line[column] = " .:-=+*#%@"[int(*whole.cell(0, 1+row*size/8, 1+column*size/32)/10)]
		}
		out.Printf("|%s|", line)
	}
	mutual, same, cells := true, true, 0
	for rank, result := range results {
		for grid, near := range result.Near {
			for k, other := range near {
				mutual = mutual && (other == mpi.ProcNull || results[other].Near[grid][k^1] == rank) // k^1 is opposite to k
			}
		}
		p := result.Plate
		for i := 1; i <= p.Size[0]; i++ {
			for j := 1; j <= p.Size[1]; j++ {
				same = same && *p.cell(0, i, j) == *whole.cell(0, p.First[0]+i, p.First[1]+j)
				cells++
			}
		}
	}
	out.Check("DimsCreate has a place for every rank", placed, true)
	out.Check("neighbours are neighbours of each other", mutual, true)
	out.Check("each cell has the same bits as in one piece", same && cells == size*size, true)
	return nil
}

var topology = catalog.Recipe{
	ID: "ch3.topology", Section: "3.19", Title: "Give the ranks places in a grid",
	Python: "comm.Create_cart", Go: "mpi.CartCreate, Cart.Shift",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 4, 1, mpi.MaxRanks, "ranks to start")
		size := catalog.Int(f, "size", 15, 1, 200, "cells on each side of the plate")
		steps := catalog.Int(f, "steps", 150, 0, 1000, "steps in which the heat spreads")
		return func(ctx context.Context, out *transcript.Log) error {
			return heatPlate(ctx, out, *ranks, *size, *steps)
		}
	},
}
