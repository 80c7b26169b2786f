package cli

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/bench"
	"cookbook/internal/bench/primitive"
)

// newBenchGo is what bench starts for the Go side of some operations, as it starts a script for the Python side.
func newBenchGo(a *app) *cobra.Command {
	quickly := false
	cmd := &cobra.Command{
		Use:    "go PRIMITIVE...",
		Short:  "Print the figures of the Go side of primitives as JSON",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			var chosen []primitive.Primitive
			all := bench.Operations()
			for _, name := range args {
				i := slices.IndexFunc(all, func(p primitive.Primitive) bool { return p.Name == name })
				if i < 0 {
					return usagef("no primitive %q; see: cookbook bench --list", name)
				}
				chosen = append(chosen, all[i])
			}
			atLeast := 100 * time.Millisecond
			if quickly {
				atLeast = 20 * time.Millisecond
			}
			figures, err := primitive.Measure(cmd.Context(), chosen, atLeast)
			if err != nil {
				return err
			}
			return a.WriteJSON(figures)
		},
	}
	cmd.Flags().BoolVar(&quickly, "quick", false, "repeat each for a fifth of the time")
	return cmd
}
