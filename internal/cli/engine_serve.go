package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
)

// engineOptions are the flags of the command engine.
type engineOptions struct {
	listen    string
	store     string
	tokenFile string

	cert, key, ca string

	name    string
	cluster string
	routes  []string
}

// defaultListen is where NATS listens by custom, on this machine only.
const defaultListen = "127.0.0.1:4222"

func newEngine(a *app) *cobra.Command {
	o := &engineOptions{}
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "Be the server behind the recipes of chapter 5, for several commands and machines",
		Long: `Run the engine of chapter 5, which a recipe otherwise starts for itself, as a server of its own until Ctrl-C. It is a NATS server
with JetStream. cookbook run, verify and worker use it by --engine, from this machine or others, which need nothing but cookbook.

Whoever connects has to know a secret. Without --token-file the engine makes one up and says in which file it is; the file can be
read by you only. Beyond this machine it listens only with --tls-cert or a secret that you have given, and what it sends
is encrypted only with --tls-cert.

Three engines that know each other are a cluster, which keeps every message three times and goes on when one of them is lost.`,
		Example: `  cookbook engine
  cookbook engine --store ~/cookbook-engine
  cookbook engine --listen 0.0.0.0:4222 --tls-cert cert.pem --tls-key key.pem --token-file secret
  cookbook engine --name a --listen 127.0.0.1:4222 --store a --token-file secret --cluster 127.0.0.1:6222 --routes nats://127.0.0.1:6223,nats://127.0.0.1:6224`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("engine", "cookbook engine"); err != nil {
				return err
			}
			return o.run(cmd.Context(), a, cmd.Flags())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "the `HOST:PORT` for those that use it; port 0 is a free one")
	f.StringVar(&o.store, "store", "", "a `folder` for what it keeps; without one all is gone at its end")
	f.StringVar(&o.tokenFile, "token-file", "", "a `file` that holds the secret; without one a secret is made up")
	f.StringVar(&o.cert, "tls-cert", "", "a `file` with the certificate of this machine, and TLS for all who connect")
	f.StringVar(&o.key, "tls-key", "", "the `file` with its key")
	f.StringVar(&o.ca, "tls-ca", "", "a `file` with the certificates by which the engines of a cluster know each other")
	f.StringVar(&o.name, "name", "", "the `name` of this engine, which differs from the others' of its cluster")
	f.StringVar(&o.cluster, "cluster", "", "the `HOST:PORT` for the other engines of a cluster")
	f.StringSliceVar(&o.routes, "routes", nil, "the `addresses` of the others, as in nats://b:6222,nats://c:6222")
	return cmd
}

func (o *engineOptions) run(ctx context.Context, a *app, given *pflag.FlagSet) error {
	if runtime.GOOS == "js" {
		return missingError{"engine", catalog.Network, errors.New("a program in a page cannot listen for others")}
	}
	c, err := o.config(ctx, given)
	if err != nil {
		return err
	}
	if c.Token, err = o.secret(); err != nil {
		return err
	}
	s, err := engine.Start(ctx, c)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if strings.Contains(err.Error(), "address already in use") { // the server gives no more than this text
			return fmt.Errorf("%w; another program listens there, perhaps an engine that you can use; a free port: --listen 127.0.0.1:0", err)
		}
		return fmt.Errorf("%w; see: cookbook engine --help", err)
	}
	file, err := o.keepSecret(s, c.Token)
	if err == nil {
		o.announce(a, s.URL(), file)
		<-ctx.Done()
		err = command.EndedAsTold(ctx)
	}
	return errors.Join(s.Close(), err)
}

// config is what the engine package is to start, without the secret.
func (o *engineOptions) config(ctx context.Context, given *pflag.FlagSet) (c engine.Config, err error) {
	for _, name := range []string{"listen", "store", "token-file", "tls-cert", "tls-key", "tls-ca", "name", "cluster"} {
		if given.Changed(name) && given.Lookup(name).Value.String() == "" {
			return c, usagef("--%s wants a value; see: cookbook engine --help", name)
		}
	}
	c = engine.Config{Listen: o.listen, Dir: o.store, Name: o.name, Cluster: o.cluster}
	switch {
	case (o.cert == "") != (o.key == ""):
		return c, usagef("--tls-cert and --tls-key belong together: give both")
	case o.ca != "" && o.cert == "":
		return c, usagef("--tls-ca needs --tls-cert and --tls-key")
	case o.cluster != "" && (o.name == "" || o.tokenFile == ""):
		return c, usagef("--cluster needs --name, which differs in each engine, and --token-file, a secret that is the same in all")
	case o.cluster == "" && given.Changed("routes"):
		return c, usagef("--routes needs --cluster, where this engine listens for the others")
	case strings.ContainsAny(o.name, " \t\r\n.*>/"):
		return c, usagef("--name %s: want letters, digits, - and _", command.Shown(o.name))
	}
	for flag, at := range map[string]string{"listen": o.listen, "cluster": o.cluster} {
		if at == "" {
			continue
		}
		inside, err := onThisMachineOnly(ctx, at)
		switch {
		case err != nil:
			return c, usagef("--%s %s: %w", flag, command.Shown(at), err)
		case flag == "cluster" && strings.HasSuffix(at, ":0"):
			return c, usagef("--cluster %s: want a port that the other engines can name in their --routes", command.Shown(at))
		case !inside && o.cert == "" && o.tokenFile == "":
			return c, usagef("--%s %s can be reached from other machines: give --token-file, a secret that they know, and --tls-cert and --tls-key, so that it stays one", flag, command.Shown(at))
		}
	}
	for _, route := range o.routes {
		u, err := url.Parse(strings.TrimSpace(route))
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "nats-route" || u.Hostname() == "" || u.Port() == "" || u.User != nil {
			return c, usagef("--routes: each of them is to be as in nats://b:6222, without a secret, which is that of --token-file")
		}
		c.Routes = append(c.Routes, u)
	}
	c.TLS, err = o.tls()
	return c, err
}

// onThisMachineOnly reports whether nobody else can reach what listens at HOST:PORT.
func onThisMachineOnly(ctx context.Context, at string) (bool, error) {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return false, errors.New("want HOST:PORT, as in " + defaultListen)
	}
	if n, err := net.LookupPort("tcp", port); err != nil || strings.Trim(port, "0123456789") != "" || n > 65535 {
		return false, errors.New("want a port from 0 to 65535")
	}
	if host == "" {
		return false, nil // all of this machine's addresses
	}
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false, fmt.Errorf("no machine of that name: %w", err)
	}
	for _, ip := range found {
		if !ip.IP.IsLoopback() {
			return false, nil
		}
	}
	return true, nil
}

// tls reads the certificates; nil without --tls-cert.
func (o *engineOptions) tls() (*tls.Config, error) {
	if o.cert == "" {
		return nil, nil
	}
	for name, file := range map[string]string{"tls-cert": o.cert, "tls-key": o.key, "tls-ca": o.ca} {
		if file == "" {
			continue
		}
		if err := readable(file); err != nil {
			return nil, usagef("--%s %s: %w", name, command.Shown(file), err)
		}
	}
	cert, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, usagef("--tls-cert %s and --tls-key %s: %w", command.Shown(o.cert), command.Shown(o.key), err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if o.ca != "" {
		text, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, usagef("--tls-ca %s: %w", command.Shown(o.ca), command.WithoutPath(err))
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, usagef("--tls-ca %s: the file holds no certificate", command.Shown(o.ca))
		}
	}
	return c, nil
}
