package bench

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
)

// otherWork says how the lines of the two sides show that they did not do the same work, "" if they do not show it. Their order
// does not matter, because free lines may come in any.
func otherWork(e catalog.Entry, args, python, golang []string) (string, error) {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true // such as --seed, which is not the recipe's own
	e.Declare(flags)
	if err := flags.Parse(args); err != nil {
		return "", catalog.Usagef("%v", err)
	}
	promise, err := e.Promise(flags)
	if err != nil {
		return "", err
	}
	d := promise.Difference(python, golang)
	switch {
	case d == nil:
		return "", nil
	case d.Second == "":
		return fmt.Sprintf("not the same work: Python prints %d lines, Go %d; only Python has: %s", d.Lines[0], d.Lines[1], oneOf(d.First)), nil
	case d.First == "":
		return fmt.Sprintf("not the same work: Python prints %d lines, Go %d; only Go has: %s", d.Lines[0], d.Lines[1], oneOf(d.Second)), nil
	}
	return fmt.Sprintf("not the same work: Python prints: %s; Go: %s", oneOf(d.First), oneOf(d.Second)), nil
}

// oneOf is a line as it is quoted.
func oneOf(line string) string { return strings.Join(strings.Fields(line), " ") }
