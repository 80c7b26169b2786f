package engine

import (
	"context"
	"time"

	"cookbook/internal/transcript"
)

// An Engine runs ranks.
type Engine interface {
	// Name is what the engine is called: "local", "mpi", "by hand".
	Name() string
	// Check returns why the engine cannot be used here, nil if it can. The error wraps ErrEngine and says what to do.
	Check(ctx context.Context) error
	// Run runs a program in ranks and returns what they returned, by rank. It returns when all have ended, and ends them
	// when ctx ends. The error is that of the rank that failed first.
	Run(ctx context.Context, j *Job) (results [][]byte, err error)
}

// A Job is what an engine is asked to do.
type Job struct {
	Ranks   int
	Program string // the name of a registered one
	Arg     []byte
	Log     *transcript.Log // of what the ranks say; nil: that is dropped
	Eager   int             // the size in bytes up to which Send does not wait for the receiver
	Timeout time.Duration   // 0: none
}

// DefaultEager is the eager limit of a job unless its caller sets another.
const DefaultEager = 16 << 10

// What stands for a rank, a tag or a colour.
const (
	ProcNull  = -1
	AnySource = -2
	AnyTag    = -2
	Undefined = -1
)

type logKey struct{}

// WithLog returns the context of a rank's function, with the log that the rank speaks into.
func WithLog(ctx context.Context, out *transcript.Log) context.Context {
	return context.WithValue(ctx, logKey{}, out)
}

// Log returns the log of a rank's function. If it was given none, what is said is dropped.
func Log(ctx context.Context) *transcript.Log {
	if out, ok := ctx.Value(logKey{}).(*transcript.Log); ok && out != nil {
		return out
	}
	return transcript.New(transcript.Config{})
}
