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

// Declare is New, and declares --wrong as well if there are wrong programs. The Run that it returns is the recipe, or the wrong
// program that --wrong names; beside that, a flag or an argument of the recipe is a *[UsageError].
func (r *Recipe) Declare(f *pflag.FlagSet) Run {
	if len(r.Wrong) == 0 {
		return r.New(f)
	}
	right, v := r.New(f), &wrongValue{wrong: r.Wrong} // which may ask f for its arguments
	others := pflag.NewFlagSet(r.ID, pflag.ContinueOnError)
	others.AddFlagSet(f)
	f.Var(v, "wrong", "run a program that is wrong in one place, in place of the recipe")
	return func(ctx context.Context, out *transcript.Log) (err error) {
		if v.chosen == nil {
			return right(ctx, out)
		}
		another := fmt.Sprintf("of the recipe, and --wrong %s runs another program: leave one of them out", v.chosen.Name)
		others.VisitAll(func(f *pflag.Flag) {
			if f.Changed {
				err = Usagef("--%s is a flag %s", f.Name, another)
			}
		})
		if f.NArg() > 0 {
			err = Usagef("%s is an argument %s", f.Arg(0), another)
		}
		if err != nil {
			return err
		}
		return v.chosen.Run(ctx, out)
	}
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
