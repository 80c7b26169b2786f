package mapreduce

import "fmt"

// splitKey is the id of the message with a split, and its key in an execution trace.
func (t task) splitKey() string { return fmt.Sprintf("%s-%d", t.Run, t.Number) }

// partitionKey is that of the message with a partition.
func (t task) partitionKey() string { return fmt.Sprintf("%s-p%d", t.Run, t.Partition) }

// shuffleKey is that of what a mapper has made of a split for a partition.
func (t task) shuffleKey(split, partition int) string {
	return fmt.Sprintf("%s-%d-%d", t.Run, split, partition)
}

func (t task) split() string     { return fmt.Sprintf("split %d", t.Number) }
func (t task) partition() string { return fmt.Sprintf("partition %d", t.Partition) }
