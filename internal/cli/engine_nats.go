package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
)

// The variables that name a NATS server and its secret, so that neither need stand in a command line.
const (
	engineVariable = "COOKBOOK_ENGINE"
	tokenVariable  = "COOKBOOK_ENGINE_TOKEN"
)

// isServer reports whether an engine's name is the address of a server.
func isServer(name string) bool { return strings.Contains(name, "://") }

// natsFlags say how to show a NATS server who we are, and which one we trust.
type natsFlags struct{ tokenFile, creds, nkey, ca string }

func (o *natsFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.tokenFile, "token-file", "", "a `file` that holds the server's secret; also: "+tokenVariable+", nats://SECRET@HOST:PORT")
	f.StringVar(&o.creds, "creds", "", "a `file` with credentials for the server, as nsc writes them")
	f.StringVar(&o.nkey, "nkey", "", "a `file` with the seed of an nkey that the server knows")
	f.StringVar(&o.ca, "ca", "", "a `file` of certificates to trust for tls://, beside the system's")
}

// address is that of a server: name is its URL, or one of "" and nats, which stand for COOKBOOK_ENGINE. Secrets come from one place:
// a flag, the URL or COOKBOOK_ENGINE_TOKEN, which counts least. Errors say no secret.
func (o *natsFlags) address(env command.Environment, name string, given *pflag.FlagSet) (engine.Address, error) {
	from := "--engine"
	if given.Changed("engine") && !isServer(name) && name != string(catalog.NATS) {
		return engine.Address{}, usagef("--engine %s: want nats://HOST:PORT or tls://HOST:PORT, or nats for what %s names", command.Shown(engine.WithoutSecret(name)), engineVariable)
	}
	if !isServer(name) {
		from = engineVariable
		if name = strings.TrimSpace(env.Get(engineVariable)); name == "" {
			return engine.Address{}, usagef("no server is named: give --engine nats://HOST:PORT or set %s; to start a server: cookbook engine", engineVariable)
		}
	}
	at := engine.Address{URL: name, Creds: o.creds, NKey: o.nkey, CA: o.ca}
	if err := at.Check(); err != nil {
		return at, usagef("%s: %w", from, err)
	}
	withSecret := 0
	for _, name := range []string{"token-file", "creds", "nkey", "ca"} {
		if !given.Changed(name) {
			continue
		}
		file := given.Lookup(name).Value.String()
		if err := readable(file); err != nil {
			return at, usagef("--%s %s: %w", name, command.Shown(file), err)
		}
		if name != "ca" {
			withSecret++
		}
	}
	if hasUser(name) {
		withSecret++
	}
	switch {
	case withSecret > 1:
		return at, usagef("the server's secret is given more than once: choose one of --token-file, --creds, --nkey and a secret in the address")
	case withSecret == 0:
		at.Token = strings.TrimSpace(env.Get(tokenVariable))
	case given.Changed("token-file"):
		token, err := readToken(o.tokenFile)
		if err != nil {
			return at, usagef("--token-file %s: %w", command.Shown(o.tokenFile), err)
		}
		at.Token = token
	}
	return at, nil
}

// hasUser reports whether a URL, or the first of several, holds a secret.
func hasUser(name string) bool {
	first, _, _ := strings.Cut(name, ",")
	u, err := url.Parse(strings.TrimSpace(first))
	return err == nil && u.User != nil
}

// onServer is what recipes of NATS run on.
func onServer(at engine.Address) *choice {
	return onEngine(catalog.NATS, &resource{
		check: func(ctx context.Context) error {
			conn, err := engine.Connect(ctx, at)
			if err != nil {
				return err
			}
			conn.Close()
			return nil
		},
		with: func(ctx context.Context) context.Context { return engine.WithAddress(ctx, at) },
	})
}

// serverFlags are those of a command that talks to a server itself.
type serverFlags struct {
	url string
	natsFlags
}

func (o *serverFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.url, "engine", "", "`address` of a NATS server, nats://HOST:PORT or tls://HOST:PORT; also: "+engineVariable)
	o.natsFlags.add(cmd.Flags())
}

// given reports whether a server is named, or something about one, which is an error without a name.
func (o *serverFlags) given(env command.Environment, given *pflag.FlagSet) bool {
	for _, name := range []string{"engine", "token-file", "creds", "nkey", "ca"} {
		if given.Changed(name) {
			return true
		}
	}
	return env.Get(engineVariable) != ""
}
