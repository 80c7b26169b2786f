package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/site/live"
)

// request is what a page asks for.
type request struct {
	Recipe string   `json:"recipe"` // an id
	Args   []string `json:"args"`   // as live.Parse reads them
	Page   string   `json:"page"`   // what tells pages apart: letters, digits and -, made up by the page; "" is one, too
}

// The bounds of a request.
const (
	maxArgs = 100
	maxArg  = 1000 // bytes
	maxPage = 64
)

// refusal is a request that is not answered, and the status that says so.
type refusal struct {
	status int
	err    error
}

func (e *refusal) Error() string { return e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

func refusef(status int, text string) error { return &refusal{status, errors.New(text)} }

// refuse is an answer in place of a run.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": text})
}

// readRequest reads what a request wants to be run. The error is a *[refusal].
func readRequest(w http.ResponseWriter, r *http.Request, c *catalog.Catalog) (*request, *live.Run, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return nil, nil, refusef(http.StatusMethodNotAllowed, "a run is asked for by POST")
	case !fromOwnPage(r):
		return nil, nil, refusef(http.StatusForbidden, "only the pages of this server can have something run")
	case err != nil || kind != "application/json":
		return nil, nil, refusef(http.StatusUnsupportedMediaType, "a run is asked for in application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, nil, refusef(http.StatusRequestEntityTooLarge, "a request may have 64 kB")
	case err != nil:
		return nil, nil, refusef(http.StatusBadRequest, "the request did not arrive in time, or not whole")
	}
	q, err := parseRequest(body)
	if err != nil {
		return nil, nil, err
	}
	run, err := q.run(c)
	return q, run, err
}

// parseRequest reads a request, which says nothing else and nothing twice.
func parseRequest(body []byte) (*request, error) {
	q := &request{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(q); err != nil {
		return nil, refusef(http.StatusBadRequest, "want an object with recipe, args and page: "+err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, refusef(http.StatusBadRequest, "want one object, and nothing behind it")
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
	switch {
	case len(q.Page) > maxPage || strings.Trim(q.Page, letters) != "":
		return nil, refusef(http.StatusBadRequest, "page: want up to 64 letters, digits and -")
	case len(q.Args) > maxArgs:
		return nil, refusef(http.StatusBadRequest, "args: want at most 100")
	}
	for _, arg := range q.Args {
		if len(arg) > maxArg || strings.ContainsRune(arg, 0) {
			return nil, refusef(http.StatusBadRequest, "args: want each with at most 1000 bytes, of which none is 0")
		}
	}
	return q, nil
}

// run finds the recipe, which is named by its id, and reads its arguments.
func (q *request) run(c *catalog.Catalog) (*live.Run, error) {
	for _, e := range c.Entries() {
		if e.ID != q.Recipe {
			continue
		}
		run, err := live.Parse(e, q.Args)
		if err != nil {
			return nil, &refusal{http.StatusBadRequest, err}
		}
		return run, nil
	}
	return nil, refusef(http.StatusNotFound, "there is no recipe of that id")
}
