package serve

import (
	"net"
	"net/http"
	"testing"
)

// Of three connections where two may be, the one that has been quiet for longest is closed, and never one on which a request is answered.
func TestTheOldestQuietConnectionIsClosed(t *testing.T) {
	const n, active, idle = http.StateNew, http.StateActive, http.StateIdle
	type step struct {
		conn  int
		state http.ConnState
	}
	for _, tt := range []struct {
		name   string
		steps  []step
		closed int
	}{
		{"the first", []step{{0, n}, {1, n}, {2, n}}, 0},
		{"not one that is answered", []step{{0, n}, {1, n}, {0, active}, {2, n}}, 1},
		{"one that is quiet again is young", []step{{0, n}, {1, n}, {0, active}, {0, idle}, {2, n}}, 1},
		{"the newest, where all are answered", []step{{0, n}, {0, active}, {1, n}, {1, active}, {2, n}}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := conns{most: 2}
			var all [3]net.Conn
			for i := range all {
				var far net.Conn
				all[i], far = net.Pipe()
				defer far.Close()
				defer all[i].Close()
			}
			for _, s := range tt.steps {
				c.change(all[s.conn], s.state)
			}
			for i, conn := range all {
				if c.open[conn] != (i != tt.closed) {
					t.Errorf("connection %d is open: %v", i, c.open[conn])
				}
			}
			for _, conn := range all {
				c.change(conn, http.StateClosed)
			}
			if c.wait(); c.counts != 0 {
				t.Errorf("%d are counted at the end", c.counts)
			}
		})
	}
}
