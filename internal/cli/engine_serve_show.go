package cli

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/terminal"
)

// announce says where the engine listens, and what to type to use it. It shows where the secret is, and not the secret.
func (o *engineOptions) announce(a *app, url, secret string) {
	where := reachable(url)
	kept := "temporary: removed at the end, unless --store names a folder"
	if o.store != "" {
		kept = o.store
	}
	rows := [][2]string{{"server", "NATS " + engine.Version + " with JetStream"}, {"store", kept}}
	switch {
	case o.tokenFile != "":
		rows = append(rows, [2]string{"secret", "that in " + secret})
	default:
		rows = append(rows, [2]string{"secret", "in " + secret + ", which only you can read"})
	}
	if o.cert != "" {
		rows = append(rows, [2]string{"TLS", "with the certificate in " + o.cert})
	}
	if o.cluster != "" {
		rows = append(rows, [2]string{"cluster", fmt.Sprintf("%s, on %s; of %d engines more than half have to run", o.name, o.cluster, len(o.routes)+1)})
	}
	a.say(terminal.Bold, "The engine listens on "+where)
	for _, row := range rows {
		a.say(0, "  "+terminal.Pad(row[0], len("cluster"))+"  "+row[1])
	}
	ca := ""
	if o.cert != "" {
		ca = " --ca FILE"
		if o.ca != "" {
			ca = " --ca " + shellWord(o.ca)
		}
	}
	a.say(0, "\nTo use it, type in other terminals:")
	for _, line := range []string{
		"export " + engineVariable + "=" + where + " " + tokenVariable + `="$(cat ` + shellWord(secret) + `)"`,
		"cookbook worker" + ca,
		"cookbook verify ch5 --engine nats" + ca,
	} {
		fmt.Fprintln(a.Out, "  "+a.Paint(terminal.Cyan, terminal.Safe(line))) // whole, to be copied
	}
	if ca != "" && o.ca == "" {
		a.say(0, "FILE holds the certificates that have signed that of the engine; leave --ca out where the system trusts them.")
	}
	a.say(0, "\nCtrl-C ends it.")
}

// say prints a paragraph, on a terminal folded.
func (a *app) say(look terminal.Look, text string) {
	text = terminal.Safe(text)
	if a.OutTTY {
		text = terminal.FoldLines(text, a.Style().Columns())
	}
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(a.Out, a.Paint(look, line))
	}
}

// reachable is a URL with this machine's name in place of an address that stands for all of them.
func reachable(where string) string {
	u, err := url.Parse(where)
	if err != nil {
		return where
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && !ip.IsUnspecified() || ip == nil && u.Hostname() != "" {
		return where
	}
	name, err := os.Hostname()
	if err != nil {
		return where
	}
	u.Host = net.JoinHostPort(name, u.Port())
	return u.String()
}

// shellWord is a word as a shell reads it.
func shellWord(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+=") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
