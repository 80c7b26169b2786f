package csp_test

import (
	"context"
	"fmt"

	"cookbook/internal/distributed/csp"
)

// A counter writes five numbers and poisons its channel; the poison ends the printer.
func Example() {
	a := csp.NewChannel[int](csp.One2One, "A", 0)
	in, out := a.Reader(), a.Writer()
	err := csp.Parallel(context.Background(),
		func(ctx context.Context) error {
			defer out.Poison()
			for i := range 5 {
				if err := out.Write(ctx, i); err != nil {
					return err
				}
			}
			return nil
		},
		func(ctx context.Context) (err error) {
			defer csp.Leave(&err, in)
			for {
				i, err := in.Read(ctx)
				if err != nil {
					return err
				}
				fmt.Println(i)
			}
		})
	fmt.Println(err)
	// Output:
	// 0
	// 1
	// 2
	// 3
	// 4
	// <nil>
}

// With priority the first guard that is ready is taken, however often.
func ExampleAlternation() {
	urgent, rest := csp.NewChannel[string](csp.One2One, "urgent", 2), csp.NewChannel[string](csp.One2One, "rest", 2)
	u, r := urgent.Writer(), rest.Writer()
	ctx := context.Background()
	for _, w := range []csp.Out[string]{r, u, r, u} {
		w.Write(ctx, "a message")
	}
	var m string
	a := csp.Alternate(csp.Input(urgent.Reader(), &m), csp.Input(rest.Reader(), &m), csp.Skip())
	for range 5 {
		i, err := a.PriSelect(ctx)
		fmt.Println(i, err)
	}
	// Output:
	// 0 <nil>
	// 0 <nil>
	// 1 <nil>
	// 1 <nil>
	// 2 <nil>
}
