package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Shared is the space of workers that join by hand, and of the runs that use them.
const Shared = "cookbook"

// ErrAddress is an address that cannot be one.
var ErrAddress = errors.New("not the address of an engine; write nats://HOST:PORT or tls://HOST:PORT")

// An Address says how to reach an engine, and under which names. It holds secrets: pass it on as an argument of a registered
// function, not in a command line.
type Address struct {
	URL   string // one, or several of one cluster with commas between them
	Token string // the secret, if the server asks for one
	Creds string // a credentials file
	NKey  string // a file with the seed of an nkey
	CA    string // a file with the certificates that are trusted beside the system's
	Space string // the first part of all names; letters, digits, - and _
}

// Check returns an error that wraps [ErrAddress] if the URL cannot be one of an engine. What may be a secret in the URL stays out
// of the error.
func (a Address) Check() error {
	for one := range strings.SplitSeq(a.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil:
			return fmt.Errorf("the engine's address: %w", ErrAddress)
		case u.Scheme != "nats" && u.Scheme != "tls" || !isHost(u) || !isPort(u.Port()) || u.Path != "" && u.Path != "/" || u.RawQuery != "":
			u.User, u.RawQuery, u.Fragment = nil, "", ""
			return fmt.Errorf("%s: %w", u, ErrAddress)
		}
	}
	return nil
}

// isHost reports whether a URL has a host that can be one: a colon is only in an address of IPv6.
func isHost(u *url.URL) bool {
	name := u.Hostname()
	return name != "" && (strings.HasPrefix(u.Host, "[") || !strings.Contains(name, ":"))
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n > 0 && n < 1<<16
}

// Where is the URL without what is secret in it, for errors and logs.
func (a Address) Where() string {
	var all []string
	for one := range strings.SplitSeq(a.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil {
			return "the engine"
		}
		u.User = nil
		all = append(all, u.String())
	}
	return strings.Join(all, ",")
}

// newSpace is a space that no other run has.
func newSpace() string { return "run-" + strings.ToLower(rand.Text()[:13]) }

type addressKey struct{}

// WithAddress makes [Open] use the engine at that address. If the address has no space, each engine that is opened has its
// own.
func WithAddress(ctx context.Context, at Address) context.Context {
	return context.WithValue(ctx, addressKey{}, at)
}

// AddressOf returns the address that [WithAddress] has set, if it has.
func AddressOf(ctx context.Context) (Address, bool) {
	at, ok := ctx.Value(addressKey{}).(Address)
	return at, ok
}
