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
// of the error, and out of what would be looked up as a host's name.
func (a Address) Check() error {
	for one := range strings.SplitSeq(a.URL, ",") {
		one = strings.TrimSpace(one)
		u, err := url.Parse(one)
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || !isHost(u) || !isPort(u.Port()) ||
			u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("%s: %w%s", WithoutSecret(one), ErrAddress, howToQuote(one))
		}
	}
	return nil
}

// WithoutSecret is what may be shown of a text that was given as an address, and may be none: a secret stands before the last @, or
// behind a question mark.
func WithoutSecret(text string) string {
	at := strings.LastIndexByte(text, '@')
	host, _, _ := strings.Cut(text[at+1:], "?")
	host, _, _ = strings.Cut(host, "#")
	if at < 0 {
		return host
	}
	for _, scheme := range []string{"nats://", "tls://"} {
		if strings.HasPrefix(text, scheme) {
			return scheme + "…@" + host
		}
	}
	return "…@" + host
}

// howToQuote says how to write a secret in an address, if that is why it is none.
func howToQuote(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	if at := strings.LastIndexByte(rest, '@'); at < 0 || !strings.ContainsAny(rest[:at], "/?#% @") {
		return ""
	}
	return "; in a secret write / ? # % @ as %2F %3F %23 %25 %40, or keep it in a file"
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

// hasSecret reports whether there is anything that shows the server who we are.
func (a Address) hasSecret() bool {
	return a.Token != "" || a.Creds != "" || a.NKey != "" || strings.Contains(a.URL, "@")
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
