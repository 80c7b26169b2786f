package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// DefaultQueue is where calls go that name no other queue, and what workers serve that name none. Celery: "celery".
const DefaultQueue = "default"

// A Priority says which of the calls that wait in a queue a worker takes first.
type Priority int

// The priorities, the lowest first. Calls of one priority are begun in the order in which they were sent.
const (
	Low    Priority = -1
	Normal Priority = 0
	High   Priority = 1
)

func (p Priority) String() string {
	switch p {
	case Low:
		return "low"
	case Normal:
		return "normal"
	case High:
		return "high"
	}
	return fmt.Sprintf("priority %d", int(p))
}

// priorities are all, the highest first.
func priorities() []Priority { return []Priority{High, Normal, Low} }

// A Request is one call of a task: what travels from the client to the worker. The argument is the message's body, all else its
// headers. In the function, [Current] returns it. Celery: self.request.
type Request struct {
	ID       string          // unique; the result is kept under it
	Name     string          // of the task
	Argument json.RawMessage // JSON
	Queue    string
	Priority Priority

	ETA     time.Time // not before; zero: at once
	Expires time.Time // not begun after; zero: never

	MaxRetries int           // how often it is tried again after an error
	Backoff    time.Duration // before the first retry; before each further one twice as long as before
	SoftLimit  time.Duration // the function's context ends; 0: never
	HardLimit  time.Duration // the call has failed; 0: never

	IgnoreResult bool   // nobody will ask for the result: it is not kept
	TrackStarted bool   // the state STARTED is kept
	Key          string // calls of one key are one call

	Retries  int    // how often it has been tried already; known to the worker
	Worker   string // the name of the worker; known to it
	sequence uint64 // in the stream, if this process has sent it

	More map[string]string // headers of other packages' making, with names that begin with "Task-"
}

func newRequest(name string, argument []byte, options []Option) (*Request, error) {
	r := &Request{Name: name, Argument: argument, Queue: DefaultQueue}
	for _, o := range options {
		if err := o(r); err != nil {
			return nil, err
		}
	}
	if len(name) > maxName {
		return nil, fmt.Errorf("%w: its name has %d bytes, where %d are enough", ErrOption, len(name), maxName)
	}
	if r.ID == "" {
		r.ID = nuid.Next()
	}
	for what, t := range map[string]time.Time{"begins": r.ETA, "expires": r.Expires} {
		if !t.IsZero() && time.Until(t).Abs() > farthest {
			return nil, fmt.Errorf("%w: it %s at %v, which is more than 100 years away", ErrOption, what, t)
		}
	}
	if r.HardLimit > 0 && r.SoftLimit >= r.HardLimit {
		return nil, fmt.Errorf("%w: a soft limit of %v does not come before a hard one of %v", ErrOption, r.SoftLimit, r.HardLimit)
	}
	return r, nil
}

// farthest is how far away a time may be. The engine counts nanoseconds, which come to an end in 2262.
const farthest = 100 * 365 * 24 * time.Hour

// Longer names and keys are refused.
const (
	maxName = 256 // bytes
	maxKey  = 1024
)

// The headers of a request. Other languages may write them; only Task-Name is needed. Durations are as Go's time.ParseDuration
// reads them ("1.5s"), times as RFC 3339.
const (
	headerName     = "Task-Name"
	headerID       = "Task-Id"
	headerQueue    = "Task-Queue"
	headerPriority = "Task-Priority"
	headerExpires  = "Task-Expires"
	headerRetries  = "Task-Retries"
	headerBackoff  = "Task-Backoff"
	headerSoft     = "Task-Soft-Limit"
	headerHard     = "Task-Hard-Limit"
	headerIgnore   = "Task-Ignore-Result"
	headerTrack    = "Task-Track-Started"
	headerKey      = "Task-Key"
)

// header writes a request's headers. What is not set is left out.
func (r *Request) header() nats.Header {
	h := make(nats.Header, 4+len(r.More))
	for name, value := range r.More {
		h.Set(name, value)
	}
	h.Set(headerName, r.Name)
	h.Set(headerID, r.ID)
	if r.Queue != DefaultQueue {
		h.Set(headerQueue, r.Queue)
	}
	if r.Priority != Normal {
		h.Set(headerPriority, strconv.Itoa(int(r.Priority)))
	}
	if !r.Expires.IsZero() {
		h.Set(headerExpires, r.Expires.UTC().Format(time.RFC3339Nano))
	}
	if r.MaxRetries > 0 {
		h.Set(headerRetries, strconv.Itoa(r.MaxRetries))
		h.Set(headerBackoff, r.Backoff.String())
	}
	if r.SoftLimit > 0 {
		h.Set(headerSoft, r.SoftLimit.String())
	}
	if r.HardLimit > 0 {
		h.Set(headerHard, r.HardLimit.String())
	}
	if r.IgnoreResult {
		h.Set(headerIgnore, "true")
	}
	if r.TrackStarted {
		h.Set(headerTrack, "true")
	}
	if r.Key != "" {
		h.Set(headerKey, r.Key)
	}
	return h
}

// readRequest reads what header has written. Headers that it does not know stay out of it unless they begin with "Task-". The error
// is a *malformedError; the request is then what could be read.
func readRequest(h nats.Header, body []byte) (*Request, error) {
	r := &Request{Argument: body, Queue: DefaultQueue}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if err := r.read(name, h.Get(name)); err != nil {
			errs = append(errs, fmt.Errorf("header %s: %w", name, err))
		}
	}
	if r.ID == "" {
		r.ID = h.Get("Nats-Msg-Id")
	}
	switch {
	case r.Name == "":
		errs = append(errs, fmt.Errorf("it has no header %s", headerName))
	case len(r.Name) > maxName:
		errs = append(errs, fmt.Errorf("its name has %d bytes", len(r.Name)))
		r.Name = cut(r.Name, maxName)
	}
	if r.ID != "" && !validID(r.ID) {
		errs = append(errs, fmt.Errorf("the id %.40q has other characters than letters, digits, - and _", r.ID))
		r.ID = ""
	}
	if len(r.Key) > maxKey {
		errs = append(errs, fmt.Errorf("its key has %d bytes", len(r.Key)))
		r.Key = ""
	}
	if len(errs) > 0 {
		return r, &malformedError{errors.Join(errs...)}
	}
	return r, nil
}

// read reads one header.
func (r *Request) read(name, value string) (err error) {
	switch name {
	case headerName:
		r.Name = value
	case headerID:
		r.ID = value
	case headerQueue:
		r.Queue = value
	case headerPriority:
		var p int
		p, err = strconv.Atoi(value)
		r.Priority = Priority(p)
	case headerExpires:
		r.Expires, err = time.Parse(time.RFC3339Nano, value)
	case headerRetries:
		r.MaxRetries, err = atLeastZero(strconv.Atoi(value))
	case headerBackoff:
		r.Backoff, err = atLeastZero(time.ParseDuration(value))
	case headerSoft:
		r.SoftLimit, err = atLeastZero(time.ParseDuration(value))
	case headerHard:
		r.HardLimit, err = atLeastZero(time.ParseDuration(value))
	case headerIgnore:
		r.IgnoreResult, err = strconv.ParseBool(value)
	case headerTrack:
		r.TrackStarted, err = strconv.ParseBool(value)
	case headerKey:
		r.Key = value
	default:
		if len(name) > 5 && name[:5] == "Task-" {
			if r.More == nil {
				r.More = map[string]string{}
			}
			r.More[name] = value
		}
	}
	return err
}

func atLeastZero[T int | time.Duration](n T, err error) (T, error) {
	if err == nil && n < 0 {
		return 0, fmt.Errorf("%v is less than 0", n)
	}
	return n, err
}

// validID reports whether a text may be a key in a bucket and a part of a subject.
func validID(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
