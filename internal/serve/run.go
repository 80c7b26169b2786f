package serve

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cookbook/internal/site/live"
)

// runPath is what a page sends a run to, behind the secret.
const runPath = "run"

// errGone is a reader who has left, or takes nothing any more.
var errGone = errors.New("the page has been closed")

// serveRun has a recipe run, and answers with what it says, as it says it. The run ends when the request does, at the latest.
func (s *Server) serveRun(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	q, run, err := readRequest(w, r, s.config.Catalog)
	control.SetWriteDeadline(time.Now().Add(s.patience)) // to read it may have taken all of that
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		refuse(w, refused.status, refused.Error())
		return
	}
	control.SetReadDeadline(time.Time{}) // all has arrived; a deadline would end the request
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	end, err := s.turns.begin(ctx, q.Page)
	control.SetWriteDeadline(time.Now().Add(s.patience)) // it may have waited
	switch {
	case errors.Is(err, errBusy):
		refuse(w, http.StatusConflict, err.Error())
		return
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	defer end()
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := &stream{w, control, s.patience, cancel}
	perform(ctx, s.config, run, live.NewSink(out, run.Heading()))
}

// stream is the answer to a run. Each Write reaches the reader at once. If one fails, the run is ended.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	cancel   context.CancelCauseFunc
}

func (s *stream) Write(b []byte) (n int, err error) {
	s.control.SetWriteDeadline(time.Now().Add(s.patience))
	if n, err = s.w.Write(b); err == nil {
		err = s.control.Flush()
	}
	if err != nil {
		s.cancel(errGone)
	}
	return n, err
}
