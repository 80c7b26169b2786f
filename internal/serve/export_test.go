package serve

import (
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/site/live"
)

// SetPatience says how long a request may take to arrive, and a reader may take nothing.
func (s *Server) SetPatience(d time.Duration) { s.patience = d }

// SetRuns says how many runs go on at the same time.
func (s *Server) SetRuns(n int) { s.turns.most = n }

// ParseRequest reads the body of a request.
func ParseRequest(c *catalog.Catalog, body []byte) (*live.Run, error) {
	q, err := parseRequest(body)
	if err != nil {
		return nil, err
	}
	return q.run(c)
}

// MaxConns is how many connections a server keeps.
const MaxConns = maxConns

// IsRefusal reports whether an error is one with which a request is refused.
func IsRefusal(err error) bool {
	_, is := err.(*refusal)
	return is
}
