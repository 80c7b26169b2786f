package mapreduce

import (
	"context"
	"fmt"
)

// RunHere is Run in this process alone, without an engine or a worker: to try out a job, or for what is not worth more.
// A panic of the job's functions is not caught.
func RunHere[V any](ctx context.Context, h *Handle[V], in Input) (pairs []Pair[V], err error) {
	j, err := jobs.Find(h.name)
	if err != nil {
		return nil, err
	}
	r, limit := j.reduction(), largest-room
	err = eachSplit(ctx, in, limit, limit, func(s Split) error {
		size := len(s.Data)
		made, err := j.mapSplit(ctx, s, 1, limit)
		if err != nil {
			return &SplitError{h.name, s.Source, s.Offset, size, 0, err.Error()}
		}
		for _, message := range made[0] {
			if err := r.add(message); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("run the MapReduce job %s: %w", h.name, err)
	}
	parts, err := r.result(limit)
	if err != nil {
		return nil, &ReduceError{h.name, 0, err.Error()}
	}
	for _, data := range parts {
		if pairs, err = appendPairs(pairs, data); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// appendPairs appends the pairs of a part of a result, whose memory they share.
func appendPairs[V any](pairs []Pair[V], data []byte) ([]Pair[V], error) {
	keys, values, err := decode[V](data)
	for i, key := range keys {
		pairs = append(pairs, Pair[V]{text(key), values[i]})
	}
	return pairs, err
}
