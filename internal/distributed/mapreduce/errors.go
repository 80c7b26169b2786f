package mapreduce

import (
	"errors"
	"fmt"
)

// ErrNoWorkers is a job of which nobody takes the splits, or nobody the partitions.
var ErrNoWorkers = errors.New("no worker takes them; start one with: cookbook worker")

// ErrLost is a job that the engine does not have any more, although its client has not ended it: an engine that keeps it in memory has
// been started again, or somebody has removed it.
var ErrLost = errors.New("the engine has lost it; run it again")

// errKiller is a split in which every mapper has died.
var errKiller = errors.New("every mapper that began it has died, or was stopped")

// A SplitError is a split that cannot be mapped: Map has returned an error or panicked, or all mappers that began it have died.
type SplitError struct {
	Job      string
	Source   string
	Offset   int64 // of the split in the source, in bytes
	Size     int   // of the split, in bytes
	Attempts int   // mappers that died; 0: Map failed
	Text     string
}

func (e *SplitError) Error() string {
	what := fmt.Sprintf("map %s, bytes %d to %d of %s", e.Job, e.Offset, e.Offset+int64(e.Size), e.Source)
	if e.Attempts > 0 {
		what += fmt.Sprintf(", tried %d times", e.Attempts)
	}
	return what + ": " + e.Text
}

// A ReduceError is a partition that cannot be reduced: Combine or Reduce has panicked, Reduce has returned an error, or what came from the
// mappers cannot be read.
type ReduceError struct {
	Job       string
	Partition int
	Text      string
}

func (e *ReduceError) Error() string {
	return fmt.Sprintf("reduce %s, partition %d: %s", e.Job, e.Partition, e.Text)
}
