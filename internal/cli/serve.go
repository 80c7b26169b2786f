package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/serve"
	"cookbook/internal/site"
	"cookbook/internal/terminal"
)

// serveOptions are the flags of the command serve.
type serveOptions struct{ port int }

// defaultPort is where the pages are unless told otherwise: nothing well known listens there.
const defaultPort = 8765

func newServe(a *app) *cobra.Command {
	o := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the cookbook as pages in a browser, where every recipe runs",
		Long: `Show the cookbook as pages, as cookbook site writes them, in a browser on this machine, until Ctrl-C. On its page every recipe runs: in a
process of this program, which ends when the page is closed, and after a minute at the latest. A page runs one recipe at a time, and
all pages together as many as this machine has processors.

The pages are at an address with a secret in it, which is new each time. Whoever knows it and works on this machine can have recipes
run in your name, and do nothing else: a request names a recipe and its flags, and never a file or a program. Other machines reach
nothing, and neither do pages from elsewhere in your browser.`,
		Example: `  cookbook serve
  cookbook serve --port 0            at a free port`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("serve", "cookbook serve"); err != nil {
				return err
			}
			return o.run(cmd.Context(), a)
		},
	}
	catalog.IntVar(cmd.Flags(), &o.port, "port", defaultPort, 0, 65535, "where it listens, on this machine only; 0 is a free port")
	return cmd
}

func (o *serveOptions) run(ctx context.Context, a *app) error {
	if runtime.GOOS == "js" {
		return missingError{"serve", catalog.Network, errors.New("a program in a page cannot listen for others")}
	}
	s, err := serve.Listen(serve.Config{Port: o.port, Catalog: a.catalog, Exe: a.Exe, Env: os.Environ()})
	if err != nil {
		return err
	}
	files, err := a.pages()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	a.say(terminal.Bold, "The cookbook is at "+s.URL())
	a.say(0, "Whoever works on this machine and knows this address can have recipes run in your name.\n\nCtrl-C ends it.")
	if err := s.Serve(ctx, files); err != nil {
		return err
	}
	return command.EndedAsTold(ctx)
}

// pages are the pages of the cookbook, on which every recipe runs.
func (a *app) pages() (fs.FS, error) {
	return site.Files(site.Options{Catalog: a.catalog, Serve: true, Version: version()})
}
