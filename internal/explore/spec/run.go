package spec

import (
	"context"
	"fmt"

	"github.com/anishathalye/porcupine"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// A Violation is a run that the specification does not allow.
type Violation struct {
	Primitive string
	Program   Program
	History   string // the calls and returns in their order, a line each
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s does not do what its specification says:\n%sin this order:\n%s", v.Primitive, v.Program, v.History)
}

// run is a run of the program. Its error is a *Violation, which is also noted if it is the first. held: a scheduler decides which
// thread goes on.
func (p *Primitive[S]) run(program Program, model porcupine.Model, held bool, first **Violation) catalog.Run {
	return func(ctx context.Context, out *transcript.Log) error {
		env := newEnv(ctx, out, program, held)
		do, leave := p.New(env)
		env.start(program, do, leave)
		env.wait(ctx)
		if !porcupine.CheckOperations(model, env.operations()) {
			v := &Violation{p.Name, program, env.String()}
			if *first == nil {
				*first = v
			}
			return v
		}
		return nil
	}
}
