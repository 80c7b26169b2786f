// Package primitive has the operations that cookbook bench measures beside Python: what they are called, the Go side of each, and
// beside some what plain Go takes for the same.
//
// The Python side of an operation is a figure of a script in python/, which is part of this package. Both sides do the same work:
// read both before you add one. An operation in whose two sides this cannot be so says why, and gets no ratio.
//
// What runs in other processes is registered when the package is initialised. So the package does without the engine of chapter
// 5, which a child would have to initialise, too: see package services.
package primitive

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// Body does its operation n times and returns how long that took, without what it takes to prepare it.
type Body func(ctx context.Context, n int) (time.Duration, error)

// Primitive is one operation.
type Primitive struct {
	Name      string
	Chapter   int    // of the book
	Script    string // in python/
	Key       string // of the script's figure
	Go        Body
	Per       int    // how many operations one turn of Go is; 0: one
	Plain     Body   // what plain Go takes for the same; nil: nothing stands beside it
	PlainIs   string // what that is: sync.Mutex
	OtherWork string // why the two sides do not do the same work; "" if they do

	// Bytes returns what the operation takes in memory. It stands in place of Go and Plain.
	Bytes, PlainBytes func(ctx context.Context) (float64, error)
}

// of gives operations their chapter and script.
func of(chapter int, script string, all ...Primitive) []Primitive {
	for i := range all {
		all[i].Chapter, all[i].Script = chapter, script
	}
	return all
}

// Figures is what a side prints as JSON: nanoseconds for each operation, or bytes, by the keys of the operations. Missing says why
// something has no figure here.
type Figures struct {
	Python  string             `json:"python,omitempty"` // the interpreter, of a script
	NS      map[string]float64 `json:"ns"`
	Plain   map[string]float64 `json:"plain,omitempty"` // of Go
	Bytes   map[string]float64 `json:"bytes"`
	Missing map[string]string  `json:"missing"`
}

// Measure takes the figures of the Go side. Each operation is repeated until it has taken at least that long.
func Measure(ctx context.Context, all []Primitive, atLeast time.Duration) (Figures, error) {
	f := Figures{NS: map[string]float64{}, Plain: map[string]float64{}, Bytes: map[string]float64{}, Missing: map[string]string{}}
	for _, p := range all {
		if p.Bytes != nil {
			got, err := p.Bytes(ctx)
			if err != nil {
				return f, fmt.Errorf("%s: %w", p.Name, err)
			}
			f.Bytes[p.Key] = got
			if got, err = p.PlainBytes(ctx); err != nil {
				return f, fmt.Errorf("%s, plain: %w", p.Name, err)
			}
			f.Plain[p.Key] = got
			continue
		}
		got, err := repeat(ctx, p.Go, atLeast)
		if err != nil {
			return f, fmt.Errorf("%s: %w", p.Name, err)
		}
		f.NS[p.Key] = got / float64(max(p.Per, 1))
		if p.Plain != nil {
			if got, err = repeat(ctx, p.Plain, atLeast); err != nil {
				return f, fmt.Errorf("%s, plain: %w", p.Name, err)
			}
			f.Plain[p.Key] = got / float64(max(p.Per, 1))
		}
	}
	return f, nil
}

// repeat does an operation ever more often, until that takes long enough, and returns the nanoseconds for each of the last turn. The
// turns before have warmed it.
func repeat(ctx context.Context, body Body, atLeast time.Duration) (float64, error) {
	for n := 1; ; {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		runtime.GC() // what one operation has left is not to be cleared away in the time of the next
		took, err := body(ctx, n)
		if err != nil {
			return 0, err
		}
		if took >= atLeast {
			return float64(took) / float64(n), nil
		}
		enough := 1.2 * float64(atLeast) * float64(n) / float64(max(took, 1))
		n = max(n+1, min(int(enough), 100*n))
	}
}

// timed does something n times and returns how long that took.
func timed(n int, one func() error) (time.Duration, error) {
	begun := time.Now()
	for range n {
		if err := one(); err != nil {
			return 0, err
		}
	}
	return time.Since(begun), nil
}
