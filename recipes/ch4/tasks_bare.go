package ch4

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Three computations run at the same time, each in a goroutine of its own. A goroutine may sleep or block, and the others go on, so
// no loop is needed. But nobody decides on the order of their steps, and what they share has to be safe for concurrent use.

// A computer does the steps of all three computations.
type computer struct {
	out  *transcript.Log
	made atomic.Int64 // steps; a plain integer would lose some of them
}

// step prints what is done and pauses, as a program does that waits for an answer from the network.
func (c *computer) step(ctx context.Context, out transcript.Actor, what string) error {
	c.made.Add(1)
	out.Printf("Compute %s", what)
	return c.out.Sleep(ctx, time.Second)
}

func (c *computer) factorial(ctx context.Context, number int) (int, error) {
	f := 1
	for i := 2; i <= number; i++ {
		if err := c.step(ctx, c.out.Actor("factorial"), fmt.Sprintf("factorial(%d)", i)); err != nil {
			return 0, err
		}
		f *= i
	}
	c.out.Actor("factorial").Printf("factorial(%d) = %d", number, f)
	return f, nil
}

func (c *computer) fibonacci(ctx context.Context, index int) (int, error) {
	a, b := 0, 1
	for i := range index {
		if err := c.step(ctx, c.out.Actor("fibonacci"), fmt.Sprintf("fibonacci(%d)", i)); err != nil {
			return 0, err
		}
		a, b = b, a+b
	}
	c.out.Actor("fibonacci").Printf("fibonacci(%d) = %d", index, a)
	return a, nil
}

func (c *computer) binomial(ctx context.Context, n, k int) (int, error) {
	result := 1
	for i := 1; i <= k; i++ {
		result = result * (n - i + 1) / i // the result is n over i, so the division leaves no remainder
		if err := c.step(ctx, c.out.Actor("binomial"), fmt.Sprintf("binomialCoeff(%d)", i)); err != nil {
			return 0, err
		}
	}
	c.out.Actor("binomial").Printf("binomialCoeff(%d, %d) = %d", n, k, result)
	return result, nil
}

func tasksBare(ctx context.Context, out *transcript.Log) error {
	c := &computer{out: out}
	var results [3]int // each goroutine writes to a place of its own, and Wait returns after that

	out.Note("When one of the three fails, the context of the group ends, and with it the pauses of the others.")
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() (err error) { results[0], err = c.factorial(ctx, 10); return err })
	tasks.Go(func() (err error) { results[1], err = c.fibonacci(ctx, 10); return err })
	tasks.Go(func() (err error) { results[2], err = c.binomial(ctx, 20, 10); return err })
	if err := tasks.Wait(); err != nil {
		return err
	}
	out.Printf("%d steps in the time of the longest task", c.made.Load())
	out.Check("the three results", results, [3]int{3628800, 55, 184756})
	out.Check("steps counted by all three", c.made.Load(), int64(9+10+10))
	return nil
}
