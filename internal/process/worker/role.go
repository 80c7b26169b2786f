package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// A Role is a main function beside main. Its process has the standard streams for itself and ends when the function
// returns: with exit code 0, or with 1 and the error on standard error.
type Role struct{ name string }

// RegisterRole makes a role known under a name. It is called at package level, as [Register] is, and panics if the name is
// empty or taken.
func RegisterRole(name string, main func() error) Role {
	registry.Lock()
	defer registry.Unlock()
	switch {
	case name == "" || main == nil:
		panic("process.RegisterRole: a role needs a name and a function")
	case registry.roles[name] != nil:
		panic(fmt.Sprintf("process.RegisterRole: there are two roles of the name %q", name))
	}
	if registry.roles == nil {
		registry.roles = map[string]func() error{}
	}
	registry.roles[name] = main
	return Role{name}
}

// Command returns a command that starts this program in the role. It has the environment of this process; its streams are
// the null device until they are set. Unlike a worker it does not end with its parent: it may end with ctx.
func (r Role) Command(ctx context.Context) (*exec.Cmd, error) {
	return command(ctx, asRole+r.name)
}

func play(name string) (err error) {
	returned := false
	main := lookUp(&registry.roles, name)
	if main == nil {
		return fmt.Errorf("this program has no role %q", name)
	}
	defer func() { // without it, a main function that calls runtime.Goexit would leave a process that never ends
		if r := recover(); r != nil {
			panic(r)
		}
		if !returned {
			fmt.Fprintf(os.Stderr, "the role %q called runtime.Goexit\n", name)
			os.Exit(1)
		}
	}()
	err = main()
	returned = true
	return err
}
