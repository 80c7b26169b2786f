package machine

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/terminal"
)

// engines are the probes of the engine of chapter 5: the one in this program, and the server that was named, if one was.
func (m Machine) engines(c *catalog.Catalog) []probe {
	chapters := merge([]int{5}, chaptersOnEngine(c, catalog.NATS))
	all := []probe{{
		name: "embedded engine", chapters: chapters, unused: unusedEngine(c, catalog.NATS),
		cost: "recipes of chapter 5 need --engine nats://HOST:PORT", install: "a folder for temporary files that can be written to: TMPDIR",
		look: func(ctx context.Context) (bool, string) {
			begun := time.Now()
			s, err := engine.Start(ctx, engine.Config{Token: rand.Text()})
			if err != nil {
				return false, terminal.OneLine(err.Error())
			}
			took := time.Since(begun)
			s.Close()
			return true, fmt.Sprintf("NATS %s with JetStream, part of this binary; starts in %.1f ms", engine.Version, took.Seconds()*1000)
		},
	}}
	if m.engine == nil {
		return all
	}
	return append(all, probe{
		name: "named engine", chapters: chapters, unused: unusedEngine(c, catalog.NATS),
		cost: "--engine nats fails; without it recipes start a server of their own", install: "on some machine: cookbook engine",
		look: func(ctx context.Context) (bool, string) { return askEngine(ctx, *m.engine) },
	})
}

// askEngine says what the server at an address is, or why it does not do.
func askEngine(ctx context.Context, at engine.Address) (bool, string) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return false, terminal.OneLine(err.Error())
	}
	defer conn.Close()
	text := fmt.Sprintf("%s, NATS %s with JetStream", at.Where(), conn.NC.ConnectedServerVersion())
	cluster := conn.NC.ConnectedClusterName()
	if cluster == "" {
		return true, text + ", one server"
	}
	servers := map[string]bool{conn.NC.ConnectedServerId(): true}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, known := range conn.NC.Servers() {
		one := at
		one.URL = withUserOf(at.URL, known)
		all.Go(func() { // one server can be known by several addresses
			if other, err := engine.Connect(ctx, one); err == nil {
				mu.Lock()
				servers[other.NC.ConnectedServerId()] = true
				mu.Unlock()
				other.Close()
			}
		})
	}
	all.Wait()
	return true, fmt.Sprintf("%s, %d in the cluster %s", text, len(servers), terminal.OneLine(cluster))
}

// withUserOf is a server's URL with the user that stands in an address, which may be a secret.
func withUserOf(address, server string) string {
	first, _, _ := strings.Cut(address, ",")
	from, err := url.Parse(strings.TrimSpace(first))
	to, err2 := url.Parse(server)
	if err != nil || err2 != nil || from.User == nil {
		return server
	}
	to.User = from.User
	return to.String()
}
