package cli

import (
	"errors"

	"cookbook/internal/command"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mostTimes is how often a command repeats a run at most.
const mostTimes = 1_000_000

// flagError says in one line what is wrong with a flag, and what it takes.
func flagError(cmd *cobra.Command, err error) error {
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) && cmd.Parent() != nil && cmd.Parent().Name() == "run" {
		name := unknown.GetSpecifiedName()
		if name == command.Device {
			return usagef("%s computes on no device, so it takes no --%s; those that do: cookbook list device", cmd.Name(), name)
		}
		if isEngineFlag(name) {
			if cmd.Flags().Lookup("engine") != nil {
				need := engineFlagNames()[name]
				return usagef("--%s is for --engine %s, and %s does not run there; what does: cookbook list engine %s", name, howToName(need), cmd.Name(), need)
			}
			return usagef("%s has no engine, so it takes no --%s; those that have one: cookbook list engine", cmd.Name(), name)
		}
	}
	return command.FlagError(err, cmd.CommandPath()+" --help")
}
