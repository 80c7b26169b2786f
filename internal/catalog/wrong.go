package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/transcript"
)

// Wrong is a program close to a recipe that is wrong in one place. It takes no flags. In some order of its steps, perhaps not in
// the usual one, it breaks what the recipe's promise says of it.
type Wrong struct {
	Name  string // of --wrong: lost-update
	Title string // what the program does wrong, in a few words: reads and writes without the lock
	Run   Run
}

// WrongSource is the ending of the file with a recipe's wrong programs, if it has any.
const WrongSource = "_wrong.go"

// BareSource is the ending of the file with a recipe's bare form, if it has one.
const BareSource = "_bare.go"

// Declare is New, and declares --wrong as well if there are wrong programs, and --bare if there is a bare form. The Run that it returns
// is the recipe, or the program that --wrong or --bare names; beside those, a flag or an argument of the recipe is a *[UsageError].
func (r *Recipe) Declare(f *pflag.FlagSet) Run {
	right := r.New(f) // which may ask f for its arguments
	if r.Wrong == nil && r.Bare == nil {
		return right
	}
	others := pflag.NewFlagSet(r.ID, pflag.ContinueOnError)
	others.AddFlagSet(f)
	wrong, bare := &wrongValue{wrong: r.Wrong}, false
	if r.Wrong != nil {
		f.Var(wrong, "wrong", "run a program that is wrong in one place, in place of the recipe")
	}
	if r.Bare != nil {
		f.BoolVar(&bare, "bare", false, "run what shows the same with Go's own means, in place of the recipe")
	}
	return func(ctx context.Context, out *transcript.Log) error {
		another, run := "", Run(nil)
		switch {
		case wrong.chosen != nil && bare:
			return Usagef("--wrong and --bare each run another program: leave one of them out")
		case wrong.chosen != nil:
			another, run = "--wrong "+wrong.chosen.Name, wrong.chosen.Run
		case bare:
			another, run = "--bare", r.Bare
		default:
			return right(ctx, out)
		}
		if err := givenBeside(others, f, another); err != nil {
			return err
		}
		return run(ctx, out)
	}
}

// givenBeside is the error of a command line on which flags or arguments of the recipe stand beside another program.
func givenBeside(others, f *pflag.FlagSet, another string) (err error) {
	another = fmt.Sprintf("of the recipe, and %s runs another program: leave one of them out", another)
	others.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			err = Usagef("--%s is a flag %s", f.Name, another)
		}
	})
	if f.NArg() > 0 {
		err = Usagef("%s is an argument %s", f.Arg(0), another)
	}
	return err
}

// wrongValue is a pflag.Value that takes the name of a wrong program; "" is none.
type wrongValue struct {
	wrong  []Wrong
	chosen *Wrong
}

func (v *wrongValue) Type() string { return "name" }

func (v *wrongValue) String() string {
	if v.chosen == nil {
		return ""
	}
	return v.chosen.Name
}

func (v *wrongValue) Set(name string) error {
	var names []string
	for i, w := range v.wrong {
		if w.Name == name {
			v.chosen = &v.wrong[i]
			return nil
		}
		names = append(names, w.Name)
	}
	return &ValueError{strings.Join(names, " or ")}
}
