package ch3

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Several processes work on the same numbers: each on a number of its own, all on the same number, and on two numbers at
// once under a lock. A bounded semaphore gives them seats.

// seating is what each process gets. An array in it travels as the place in shared memory where its numbers lie.
type seating struct {
	Self, Times int
	Squares     *process.Array[int]     // one for each process
	Counts      *process.Array[int]     // of the digits that were drawn
	Accounts    *process.Array[float64] // between which money moves
	Places      *process.Semaphore
	Seats       *process.Array[int] // 1 where a process sits
}

var workOnArrays = process.Register("ch3.array", func(ctx context.Context, s seating) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())

	// Every process has a number of its own, and no other one writes it.
	s.Squares.Store(s.Self, s.Self*s.Self)
	me.Printf("stored %d", s.Squares.Load(s.Self))

	// Add is one step, so no addition is lost.
	random := me.Rand()
	for range s.Times {
		s.Counts.Add(random.IntN(s.Counts.Len()), 1)
	}

	// A transfer is two steps. The array's own lock keeps them together, and gives both numbers.
	for range s.Times {
		from, to := random.IntN(s.Accounts.Len()), random.IntN(s.Accounts.Len())
		err := s.Accounts.With(ctx, func(all []float64) error {
			all[from] -= 0.5
			all[to] += 0.5
			return nil
		})
		if err != nil {
			return struct{}{}, err
		}
	}

	// A process that has a place of the semaphore finds an empty seat.
	return struct{}{}, process.With(ctx, s.Places, func() error {
		seat := 0
		for !s.Seats.CompareAndSwap(seat, 0, 1) {
			seat++ // panics if there is no seat left
		}
		me.Printf("sits down")
		s.Seats.Store(seat, 0)
		return nil
	})
})

func shareArrays(ctx context.Context, out *transcript.Log, processes, times, places int) (err error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	squares, err1 := process.NewArray[int](g, processes)
	counts, err2 := process.NewArray[int](g, 10)
	accounts, err3 := process.NewArray[float64](g, 3)
	seats, err4 := process.NewArray[int](g, places)
	semaphore, err5 := process.NewBoundedSemaphore(g, "places", places)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return err
	}

	out.Note("Each process stores a number, counts digits, moves money and takes a seat, all in memory that they share.")
	var started []*process.Process
	var want []int
	for self := range processes {
		s := seating{self, times, squares, counts, accounts, semaphore, seats}
		p := process.New(g, workOnArrays, s, process.WithName(fmt.Sprintf("p%d", self)))
		if err := p.Start(); err != nil {
			return err
		}
		started, want = append(started, p), append(want, self*self)
	}
	for _, p := range started {
		if err := errors.Join(p.Join(ctx), p.Err()); err != nil {
			return err
		}
	}
	drawn, money := 0, 0.0
	for i := range counts.Len() {
		drawn += counts.Load(i)
	}
	for i := range accounts.Len() {
		money += accounts.Load(i)
	}
	out.Printf("squares: %v", squares)
	out.Printf("digits drawn: %d", drawn)
	out.Check("every process stored its number", squares.String(), fmt.Sprint(want))
	out.Check("no addition was lost", drawn, processes*times)
	out.Check("money was moved, and neither made nor lost", money, 0.0)

	out.Note("A bounded semaphore knows how many places there are, and refuses to take back more.")
	tooMany := semaphore.Release()
	out.Printf("%v", tooMany)
	out.Check("one release too many is an error", errors.Is(tooMany, process.ErrTooManyReleases), true)
	return nil
}

var array = catalog.Recipe{
	ID: "ch3.array", Section: "3.8", Title: "Let processes work on the same numbers",
	Python: "multiprocessing.Array, BoundedSemaphore", Go: "process.Array, process.NewBoundedSemaphore",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory},
	New: func(f *pflag.FlagSet) catalog.Run {
		processes := catalog.Int(f, "processes", 4, 1, 50, "processes that work on the numbers")
		times := catalog.Int(f, "times", 1000, 0, 100_000, "number of times that each process counts and moves money")
		places := catalog.Int(f, "places", 2, 1, 50, "number of seats, and of the semaphore's places")
		return func(ctx context.Context, out *transcript.Log) error {
			return shareArrays(ctx, out, *processes, *times, *places)
		}
	},
}
