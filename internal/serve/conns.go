package serve

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// conns are the connections of a server. If there are too many of them, the one that has been quiet for longest is closed: one on
// which no request has come yet, or none since the last. If none is quiet, it is the newest.
type conns struct {
	most int

	mu     sync.Mutex
	open   map[net.Conn]bool // false: it has been told to close
	counts int               // of those that have not
	quiet  []net.Conn        // the one that is quiet for longest first
	gone   *sync.Cond        // open has become empty
}

// change is for http.Server.ConnState.
func (c *conns) change(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = slices.DeleteFunc(c.quiet, func(other net.Conn) bool { return other == conn })
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = map[net.Conn]bool{}
		}
		c.open[conn] = true
		c.counts++
		c.quiet = append(c.quiet, conn)
		if c.counts > c.most {
			c.end(c.quiet[0])
		}
	case http.StateIdle:
		if c.open[conn] {
			c.quiet = append(c.quiet, conn)
		}
	case http.StateClosed, http.StateHijacked:
		if c.open[conn] {
			c.counts--
		}
		delete(c.open, conn)
		if len(c.open) == 0 && c.gone != nil {
			c.gone.Broadcast()
		}
	}
}

// end closes a quiet connection.
func (c *conns) end(conn net.Conn) {
	c.quiet = slices.DeleteFunc(c.quiet, func(other net.Conn) bool { return other == conn })
	c.open[conn] = false
	c.counts--
	conn.Close()
}

// wait returns when no connection is left.
func (c *conns) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = sync.NewCond(&c.mu)
	for len(c.open) > 0 {
		c.gone.Wait()
	}
}
