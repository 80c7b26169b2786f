package ch3

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// Each rank has numbers, and they are combined place by place: by sums, by other operators, and by one of our own.

var combine = mpi.Register("ch3.reduce", func(ctx context.Context, comm *mpi.Comm, task toCombine) (combined, error) {
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))
	send, digits, places := make([]int, task.Length), make([]int, task.Length), make([]mpi.Loc[int], task.Length)
	for i := range send {
		send[i], digits[i] = numberOf(rank, i), digitOf(rank, i)
		places[i] = mpi.Loc[int]{Value: send[i], Index: rank}
	}
	result := combined{Sum: make([]int, task.Length), Allsum: make([]int, task.Length)}

	out.Printf("process %d sending %s", rank, firstOf(send))
	if err := mpi.Reduce(comm, send, result.Sum, mpi.Sum, task.Root); err != nil {
		return result, err
	}
	// The root has waited for all. The others may be here before another rank has begun, so they wait here.
	if err := comm.Barrier(); err != nil {
		return result, err
	}
	out.Printf("on task %d after Reduce: data = %s", rank, firstOf(result.Sum))

	for _, o := range operators() {
		recv, err := combineAt(out, comm, o.name, send, o.op, task.Root)
		if err != nil {
			return result, err
		}
		result.Each = append(result.Each, recv)
	}
	if rank == task.Root {
		mpi.Log(ctx).Note("Operators on pairs, {value rank}, and one of our own: digits of lower ranks come first.")
	}
	var err1, err2, err3 error
	result.MaxLoc, err1 = combineAt(out, comm, "MAXLOC", places, mpi.MaxLoc, task.Root)
	result.MinLoc, err2 = combineAt(out, comm, "MINLOC", places, mpi.MinLoc, task.Root)
	result.Digits, err3 = combineAt(out, comm, "digits", digits, mpi.OpOf(appendDigits), task.Root)
	if err := errors.Join(err1, err2, err3); err != nil {
		return result, err
	}

	if err := mpi.Allreduce(comm, send, result.Allsum, mpi.Sum); err != nil {
		return result, err
	}
	out.Printf("on task %d after Allreduce: data = %s", rank, firstOf(result.Allsum))
	return result, nil
})

// combineAt reduces to the root, which prints the result.
func combineAt[T mpi.Element](out transcript.Actor, c *mpi.Comm, name string, send []T, op mpi.Op[T], root int) ([]T, error) {
	recv := make([]T, len(send))
	err := mpi.Reduce(c, send, recv, op, root)
	if err == nil && c.Rank() == root {
		out.Printf("%-6s %s", name, firstOf(recv))
	}
	return recv, err
}

// toCombine is the argument of all ranks.
type toCombine struct{ Length, Root int }

// combined is what a rank has in the end. Only the root has more than the first two.
type combined struct {
	Sum, Allsum    []int
	Each           [][]int // one for each of operators()
	MaxLoc, MinLoc []mpi.Loc[int]
	Digits         []int
}

func operators() []operator {
	return []operator{
		{"PROD", mpi.Prod[int], func(a, b int) int { return a * b }},
		{"MAX", mpi.Max[int], func(a, b int) int { return max(a, b) }},
		{"MIN", mpi.Min[int], func(a, b int) int { return min(a, b) }},
		{"LAND", mpi.Land[int], func(a, b int) int { return min(a, b, 1) }},
		{"LOR", mpi.Lor[int], func(a, b int) int { return min(max(a, b), 1) }},
		{"BAND", mpi.Band[int], func(a, b int) int { return a & b }},
		{"BOR", mpi.Bor[int], func(a, b int) int { return a | b }},
	}
}

// An operator is one of MPI's, and a function that does the same with numbers that are not negative.
type operator struct {
	name  string
	op    mpi.Op[int]
	plain func(a, b int) int
}

// appendDigits writes the digits of b after those of a: 12 and 3 make 123. It is associative as long as no digit is 0,
// but it is not commutative. Only the last 18 digits are kept.
func appendDigits(a, b int) int {
	place := 1
	for place <= b {
		place *= 10
	}
	return a%(1_000_000_000_000_000_000/place)*place + b
}

// numberOf is number i of rank r.
func numberOf(r, i int) int { return (r + 1) * i }

// digitOf is digit i of rank r.
func digitOf(r, i int) int { return (r+i)%9 + 1 }

// firstOf prints a buffer. Of a long one it prints only some numbers.
func firstOf[T any](v []T) string {
	if len(v) <= 8 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("[%v %v %v … %v]", v[0], v[1], v[2], v[len(v)-1])
}

func combineAll(ctx context.Context, out *transcript.Log, ranks int, task toCombine) error {
	out.Note("The numbers are combined place by place. Only the root gets the result.")
	results, err := mpi.Run(ctx, combine, ranks, task, mpi.WithLog(out))
	if err != nil {
		return err
	}
	root := results[task.Root]
	sum, each, places, digits := true, true, true, true
	for i := range task.Length {
		sum = sum && root.Sum[i] == i*ranks*(ranks+1)/2
		for k, o := range operators() {
			each = each && root.Each[k][i] == fold(ranks, i, numberOf, o.plain)
		}
		highest := mpi.Loc[int]{Value: i * ranks, Index: ranks - 1}
		if i == 0 {
			highest.Index = 0 // all are equal, and the lowest rank stands for them
		}
		places = places && root.MaxLoc[i] == highest && root.MinLoc[i] == mpi.Loc[int]{Value: i}
		digits = digits && root.Digits[i] == fold(ranks, i, digitOf, appendDigits)
	}
	untouched, same := true, true
	for r, result := range results {
		untouched = untouched && (r == task.Root || !slices.ContainsFunc(result.Sum, func(x int) bool { return x != 0 }))
		same = same && slices.Equal(result.Allsum, root.Sum)
	}
	out.Check("the root has the sums", sum, true)
	out.Check("the others' buffers are as they were", untouched, true)
	out.Check("each operator does what a loop over the ranks does", each, true)
	out.Check("MAXLOC and MINLOC name the lowest of equal ranks", places, true)
	out.Check("our own operator went from the lowest rank to the highest", digits, true)
	out.Check("after Allreduce all have what the root has", same, true)
	return nil
}

// fold is the loop: it combines number i of all ranks, one after another.
func fold(ranks, i int, number func(r, i int) int, f func(a, b int) int) int {
	v := number(0, i)
	for r := 1; r < ranks; r++ {
		v = f(v, number(r, i))
	}
	return v
}

var reduce = catalog.Recipe{
	ID: "ch3.reduce", Section: "3.18", Title: "Combine what all ranks have with Reduce",
	Python: "comm.Reduce", Go: "mpi.Reduce, mpi.Allreduce",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 3, 1, mpi.MaxRanks, "ranks to start")
		length := catalog.Int(f, "length", 3, 1, 100_000, "numbers that each rank has")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that gets the result")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			return combineAll(ctx, out, *ranks, toCombine{*length, *root})
		}
	},
	Wrong: reduceWrong,
}
