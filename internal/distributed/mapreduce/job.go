package mapreduce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"cookbook/internal/distributed/registry"
)

// A Job says in functions what is computed. They run in workers, so they have to be the same in every process: they use
// nothing but their arguments. A split may be mapped more than once; only one result counts.
type Job[V any] struct {
	// Map emits pairs of keys and values for the lines of a split. It has to be given. The key is copied, so Map may
	// use its memory again. A long Map ends early when ctx ends, with an error.
	Map func(ctx context.Context, s Split, emit func(key []byte, value V)) error

	// Combine makes one value of two of the same key. It is called in the mapper for what a split emits, and again in
	// the reducer, in any order and grouping. Without it all values of all keys travel, and stay in the reducer's memory.
	Combine func(a, b V) V

	// Reduce makes the result of a key from its values: from one value if there is a Combine, and otherwise from all that
	// were emitted, in no promised order. Without it the combined value is the result. Combine or Reduce has to be given.
	Reduce func(key string, values []V) (V, error)

	// Partition says which of the partitions, 0 to partitions-1, a key belongs to. Without it a hash does.
	Partition func(key []byte, partitions int) int

	// Sort says in which order the results come. Without it they are sorted by key.
	Sort func(a, b Pair[V]) int
}

// A Pair is a key and what came of it.
type Pair[V any] struct {
	Key   string
	Value V
}

// ByKey sorts in the order of the keys' bytes.
func ByKey[V any](a, b Pair[V]) int { return strings.Compare(a.Key, b.Key) }

// ByValue sorts the largest values first, and pairs of equal values by key.
func ByValue[V cmp.Ordered](a, b Pair[V]) int {
	if c := cmp.Compare(b.Value, a.Value); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// A Handle is a job that is registered.
type Handle[V any] struct {
	name string
	job  Job[V]
}

// Name is the name under which workers find the job.
func (h *Handle[V]) Name() string { return h.name }

// jobs are the jobs that this program knows.
var jobs = registry.New[program]("MapReduce job")

// Registered are the names of the jobs that this program knows, sorted.
func Registered() []string { return jobs.Names() }

// Register makes a job known to the workers of this program under a name. Call it at package level, so that every process
// has it. It panics if the name is taken, or if a function is missing.
func Register[V any](name string, j Job[V]) *Handle[V] {
	if j.Map == nil || j.Combine == nil && j.Reduce == nil {
		panic(fmt.Sprintf("MapReduce job %q: it needs Map, and Combine or Reduce", name))
	}
	if j.Sort == nil {
		j.Sort = ByKey[V]
	}
	h := &Handle[V]{name, j}
	if j.Combine != nil {
		jobs.Add(name, &typed[V, V]{
			handle: h, merge: j.Combine,
			one: func(v V) V { return v },
			all: func(v V) []V { return []V{v} },
		})
	} else {
		jobs.Add(name, &typed[V, []V]{
			handle: h, merge: func(a, b []V) []V { return append(a, b...) },
			one: func(v V) []V { return []V{v} },
			all: func(values []V) []V { return values },
		})
	}
	return h
}

// A program is a job whose types are not known: what a worker sees of it.
type program interface {
	// mapSplit returns for each partition the messages, of at most limit bytes, that hold what the split emits.
	mapSplit(ctx context.Context, s Split, partitions, limit int) ([][][]byte, error)
	reduction() reduction
}

// A reduction is what a reducer knows of its partition.
type reduction interface {
	add(message []byte) error             // a message of a mapper or of snapshot
	snapshot(limit int) ([][]byte, error) // all that was added
	result(limit int) ([][]byte, error)   // the sorted results
}

// typed is a job of values V, of which mapper and reducer keep A: the combined value, or all values.
type typed[V, A any] struct {
	handle *Handle[V]
	merge  func(a, b A) A
	one    func(V) A
	all    func(A) []V
	tables sync.Pool // of *table[A], empty
}

// errPartition is a Partition that returns the number of a partition that there is not.
var errPartition = errors.New("the Partition of the job has returned a number that belongs to no partition")

func (j *typed[V, A]) mapSplit(ctx context.Context, s Split, partitions, limit int) ([][][]byte, error) {
	t, ok := j.tables.Get().(*table[A])
	if !ok {
		t = newTable(j.merge)
	}
	defer func() { // also after a panic of Map
		t.clear()
		j.tables.Put(t)
	}()
	if err := j.handle.job.Map(ctx, s, func(key []byte, value V) { t.add(key, j.one(value)) }); err != nil {
		return nil, err
	}
	keys, values := make([][][]byte, partitions), make([][]A, partitions)
	for i := range t.len() {
		key, p := t.key(i), 0
		if j.handle.job.Partition != nil {
			p = j.handle.job.Partition(key, partitions)
		} else {
			p = int(t.entries[i].hash >> 32 % uint64(partitions)) // its lower half chooses the place in the table
		}
		if p < 0 || p >= partitions {
			return nil, fmt.Errorf("key %.40q, partition %d of %d: %w", key, p, partitions, errPartition)
		}
		keys[p], values[p] = append(keys[p], key), append(values[p], t.values[i])
	}
	messages := make([][][]byte, partitions)
	for p := range messages {
		var err error
		if messages[p], err = encode(keys[p], values[p], limit); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

func (j *typed[V, A]) reduction() reduction { return &reduced[V, A]{job: j, table: newTable(j.merge)} }

type reduced[V, A any] struct {
	job   *typed[V, A]
	table *table[A]
}

func (r *reduced[V, A]) add(message []byte) error {
	keys, values, err := decode[A](message)
	for i, key := range keys {
		r.table.add(key, values[i])
	}
	return err
}

func (r *reduced[V, A]) snapshot(limit int) ([][]byte, error) {
	keys := make([][]byte, r.table.len())
	for i := range keys {
		keys[i] = r.table.key(i)
	}
	return encode(keys, r.table.values, limit)
}

func (r *reduced[V, A]) result(limit int) ([][]byte, error) {
	pairs := make([]Pair[V], r.table.len())
	for i := range pairs {
		key, values := text(r.table.key(i)), r.job.all(r.table.values[i])
		value := values[0]
		if reduce := r.job.handle.job.Reduce; reduce != nil {
			var err error
			if value, err = reduce(key, values); err != nil {
				return nil, fmt.Errorf("reduce the key %.40q: %w", key, err)
			}
		}
		pairs[i] = Pair[V]{key, value}
	}
	slices.SortFunc(pairs, r.job.handle.job.Sort)
	keys, values := make([][]byte, len(pairs)), make([]V, len(pairs))
	for i, p := range pairs {
		keys[i], values[i] = unsafe.Slice(unsafe.StringData(p.Key), len(p.Key)), p.Value
	}
	return encode(keys, values, limit)
}

// text is a key without a copy: the memory of a table's keys does not change.
func text(key []byte) string { return unsafe.String(unsafe.SliceData(key), len(key)) }
