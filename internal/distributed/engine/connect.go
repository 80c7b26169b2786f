package engine

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Why [Connect] may fail. What is returned wraps one of these and says where.
var (
	ErrNoServer    = errors.New("no engine answers there; start one with: cookbook engine")
	ErrRefused     = errors.New("the engine refuses this secret; give the token, credentials or nkey that it knows")
	ErrUntrusted   = errors.New("the engine cannot be trusted")
	ErrNoLeader    = errors.New("the engine does not answer for what it keeps; a cluster does as long as more than half of its servers run")
	ErrNoJetStream = errors.New("the engine keeps nothing: it runs without JetStream; start nats-server with -js")
)

// MinVersion is the oldest NATS that will do.
const MinVersion = "2.15"

// TooOldError is a server that is older than [MinVersion].
type TooOldError struct{ Found string }

func (e *TooOldError) Error() string {
	return fmt.Sprintf("the engine is NATS %s; this needs %s or newer, as cookbook engine has it", e.Found, MinVersion)
}

const (
	dialLimit      = 3 * time.Second        // for a connection to be made
	jetStreamLimit = 15 * time.Second       // for a cluster to choose its leader
	reconnectWait  = 50 * time.Millisecond  // between two tries to come back
	pingInterval   = 2 * time.Second        // a server that misses two pings is gone
	retryWait      = 100 * time.Millisecond // between two tries of a request
)

// Connect connects to an engine, makes sure that it is one that will do, and returns. If the connection is lost later, it
// comes back by itself; what is asked for meanwhile waits, as long as its context lets it. Connect is not tried again: no
// server is [ErrNoServer] at once.
func Connect(ctx context.Context, at Address) (*Conn, error) { return connect(ctx, at) }

func connect(ctx context.Context, at Address, more ...nats.Option) (*Conn, error) {
	if err := at.Check(); err != nil {
		return nil, err
	}
	closed := make(chan struct{})
	options := []nats.Option{
		nats.Name("cookbook"),
		nats.Timeout(dialLimit),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectWait, reconnectWait),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // the default prints
		nats.ClosedHandler(func(*nats.Conn) { close(closed) }),
		nats.IgnoreAuthErrorAbort(),
	}
	secrets, err := at.secrets()
	if err != nil {
		return nil, err
	}
	nc, err := dial(ctx, at, append(append(options, secrets...), more...))
	if err != nil {
		err = explain(err)
		if errors.Is(err, ErrRefused) && !at.hasSecret() {
			err = fmt.Errorf("%w; none was given: --token-file FILE or COOKBOOK_ENGINE_TOKEN", err)
		}
		return nil, fmt.Errorf("connect to %s: %w", at.Where(), err)
	}
	c := &Conn{NC: nc, at: at, space: at.Space, closed: closed}
	if c.space == "" {
		c.space = Shared
	}
	if err := c.check(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to %s: %w", at.Where(), err)
	}
	return c, nil
}

// dial connects, and gives up when ctx ends.
func dial(ctx context.Context, at Address, options []nats.Option) (*nats.Conn, error) {
	type result struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan result, 1)
	over := make(chan struct{})
	defer close(over)
	go func() {
		nc, err := nats.Connect(at.URL, append(options, nats.SetCustomDialer(dialer{ctx, over}))...)
		done <- result{nc, err}
	}()
	select {
	case r := <-done:
		return r.nc, r.err
	case <-ctx.Done():
		r := <-done // which the dialer ends, too
		if r.nc != nil {
			r.nc.Close()
		}
		return nil, context.Cause(ctx)
	}
}

// A dialer dials for nats.go. Until over is closed, the end of ctx cuts off what it makes.
type dialer struct {
	ctx  context.Context
	over <-chan struct{}
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	select {
	case <-d.over: // to come back
		return net.DialTimeout(network, address, dialLimit)
	default:
	}
	limited, cancel := context.WithTimeout(d.ctx, dialLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(limited, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(d.ctx, func() {
		select {
		case <-d.over:
		default:
			conn.Close()
		}
	})
	return conn, nil
}

// secrets are the options by which a connection shows who it is and knows the server.
func (a Address) secrets() (options []nats.Option, err error) {
	if a.Token != "" {
		options = append(options, nats.Token(a.Token))
	}
	if a.Creds != "" {
		options = append(options, nats.UserCredentials(a.Creds))
	}
	if a.NKey != "" {
		nkey, err := nats.NkeyOptionFromSeed(a.NKey)
		if err != nil {
			return nil, fmt.Errorf("read the nkey in %s: %w", a.NKey, err)
		}
		options = append(options, nkey)
	}
	if a.CA != "" {
		options = append(options, nats.RootCAs(a.CA))
	}
	return options, nil
}

// explain says what an error of nats.go means.
func explain(err error) error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrNkeysNotSupported),
		strings.Contains(err.Error(), "Authorization Violation"):
		return ErrRefused
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: it speaks no TLS; write nats:// in place of tls://, and give no --ca", ErrUntrusted)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: its certificate is signed by none that this machine trusts; name a file with the certificate of the signer: --ca FILE", ErrUntrusted)
	case errors.As(err, &host):
		return fmt.Errorf("the engine's certificate is for another machine: %w", err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrTimeout):
		return err
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.Is(err, io.EOF), isNetwork(err):
		return fmt.Errorf("%w (%w)", ErrNoServer, err)
	}
	return err
}

// check makes sure that the server is new enough and keeps messages.
func (c *Conn) check(ctx context.Context) error {
	if found := c.NC.ConnectedServerVersion(); !atLeast(found, MinVersion) {
		return &TooOldError{found}
	}
	js, err := jetstream.New(c.NC)
	if err != nil {
		return err
	}
	c.JS = js
	err = c.again(ctx, makeTry, jetStreamLimit, func(ctx context.Context) error {
		_, err := js.AccountInfo(ctx)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return ErrNoJetStream
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return ErrNoLeader
	case err != nil:
		return explain(err)
	}
	c.replicas = 1
	if c.NC.ConnectedClusterName() != "" {
		c.replicas = 3
	}
	return nil
}

// atLeast compares versions by their first two numbers.
func atLeast(found, least string) bool {
	f, l := strings.SplitN(found, ".", 3), strings.SplitN(least, ".", 3)
	if len(f) < 2 {
		return false
	}
	for i := range 2 {
		have, err := strconv.Atoi(f[i])
		want, _ := strconv.Atoi(l[i])
		if err != nil || have < want {
			return false
		}
		if have > want {
			return true
		}
	}
	return true
}
