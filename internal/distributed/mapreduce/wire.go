package mapreduce

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// In the engine are
//
//	stream mapreduce        a work queue, in memory, that all jobs of a space share
//	  mapreduce.map.JOB     the splits that are to be mapped
//	  mapreduce.reduce.JOB  the partitions that are to be reduced
//	stream mapreduce_JOB    of one job, until the job ends
//	  mapreduce.job.JOB.red.PARTITION          what the mappers have made; at the end, how many splits there are
//	  mapreduce.job.JOB.snap.PARTITION         where the last snapshot of a reducer stands
//	  mapreduce.job.JOB.part.PARTITION.NAME.N  the parts of a snapshot
//	  mapreduce.job.JOB.tried.SPLIT            how many times a split was begun again
//	  mapreduce.job.JOB.failed                 the error that ends the job
//
// The client answers on mapreduce.client.JOB, which is in no stream.
//
// The queue is in memory because a file store keeps for 10 s in memory what went through it, which is a lot. If
// the engine starts again, the queue is empty; the client has kept what it had in there, and sends it again.
const (
	streamName = "mapreduce"
	keepFor    = 24 * time.Hour // what nobody has removed
	room       = 4 << 10        // of a message, for its headers
	largest    = 1 << 20        // of a message, whatever the engine takes
)

// limit is how many bytes of data a message may have.
func limit(conn *engine.Conn) int { return min(int(conn.NC.MaxPayload()), largest) - room }

// queues makes the work queue, if there is none yet, and its two consumers.
func queues(ctx context.Context, conn *engine.Conn) (stream jetstream.Stream, mapping, reducing jetstream.Consumer, err error) {
	stream, err = conn.Stream(ctx, jetstream.StreamConfig{
		Name: streamName, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage, MaxAge: keepFor,
		Subjects: []string{conn.Subject(streamName, "map", "*"), conn.Subject(streamName, "reduce", "*")},
	})
	if err != nil {
		return nil, nil, nil, err
	}
	consumer := func(kind string) jetstream.Consumer {
		var c jetstream.Consumer
		if err == nil {
			err = conn.Again(ctx, func(ctx context.Context) (err error) {
				c, err = stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
					Durable: conn.Name(streamName, kind), FilterSubject: conn.Subject(streamName, kind, "*"),
					AckPolicy: jetstream.AckExplicitPolicy, AckWait: engine.AckWait, MaxDeliver: -1, MaxAckPending: -1,
				})
				return err
			})
		}
		return c
	}
	mapping, reducing = consumer("map"), consumer("reduce")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make the consumers of %s: %w", streamName, err)
	}
	return stream, mapping, reducing, nil
}

// headers of messages hold what is not data, as JSON.
const metaHeader = "Cookbook-Mapreduce"

// message makes a message whose id keeps it from being stored twice.
func message[M any](subject, id string, meta M, data []byte) *nats.Msg {
	text, err := json.Marshal(meta)
	if err != nil {
		panic(err) // the types are ours: numbers and texts
	}
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{metaHeader: {string(text)}}}
	if id != "" {
		m.Header.Set(jetstream.MsgIDHeader, id)
	}
	return m
}

// metaOf reads what message has put into a header.
func metaOf[M any](h nats.Header) (meta M, err error) {
	text := h.Get(metaHeader)
	if text == "" {
		return meta, fmt.Errorf("no header %s: %w", metaHeader, ErrMalformed)
	}
	if err := json.Unmarshal([]byte(text), &meta); err != nil {
		return meta, fmt.Errorf("header %s: %w: %w", metaHeader, ErrMalformed, err)
	}
	return meta, nil
}

// task is a split to map, whose text is the message's data, or a partition to reduce.
type task struct {
	Run, Job   string
	Partitions int
	Attempts   int    `json:",omitempty"`
	Partition  int    `json:",omitempty"`
	Source     string `json:",omitempty"`
	Offset     int64  `json:",omitempty"`
	Number     int    `json:",omitempty"`
}

const maxPartitions = 1024

// check makes sure that a task from somewhere else can be worked on.
func (t task) check() error {
	if t.Run == "" || t.Partitions < 1 || t.Partitions > maxPartitions || t.Partition < 0 || t.Partition >= t.Partitions || t.Number < 0 {
		return fmt.Errorf("the task %+v: %w", t, ErrMalformed)
	}
	return nil
}

// shuffled says of a message of the shuffle what it holds: a part of what one attempt has made of a split.
type shuffled struct {
	Split   int
	Attempt string
	Part    int
	Parts   int
	Splits  int // in the last message of a partition alone: how many splits there are, plus 1
}

// snapshot says where the parts of a snapshot are, and which splits are in it.
type snapshot struct {
	Partition int
	Name      string
	Parts     int
	Bytes     int
	Splits    splitSet
	All       int  // how many splits there are; -1: not known then
	Result    bool // it is the sorted result, not a snapshot
}

// failure is the error that ends a job.
type failure struct {
	Source   string
	Offset   int64
	Size     int
	Attempts int
	Text     string
	Reducer  bool
	Part     int
}

// progress is what a reducer tells the client.
type progress struct {
	Partition int
	Splits    int // that are in it
	Next      int // the first one that is missing
}
