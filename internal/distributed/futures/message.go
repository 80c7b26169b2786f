package futures

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// The headers of messages between client and worker.
const (
	headerJob      = "Cookbook-Job"      // of a call of Map and its kin
	headerFunction = "Cookbook-Function" // to call
	headerReducer  = "Cookbook-Reducer"  // to fold the results of the chunk with; absent: none
	headerSeed     = "Cookbook-Seed"     // of all random numbers
	headerFirst    = "Cookbook-First"    // index of the first input, or result, in the message
	headerCount    = "Cookbook-Count"    // how many there are
	headerError    = "Cookbook-Error"    // what has gone wrong with the input First
	headerReply    = "Cookbook-Reply"    // subject of the client
	headerLost     = "Cookbook-Lost"     // the chunk has been given up
)

// unwanted is what a client says to results of a job that it has ended.
const unwanted = "unwanted"

// A chunk is some inputs that follow each other.
type chunk struct {
	job, function, reducer, reply string
	seed                          uint64
	first, count                  int
	body                          []byte // the inputs, as wire has a slice
	limit                         int    // bytes that fit into a message
}

// maxItems bounds numbers that come in messages.
const maxItems = 1 << 40

// maxReply bounds the subject of a client. The engine hangs up on those that send to one of more than 4,096 bytes.
const maxReply = 1024

var errMessage = errors.New("not a message of futures")

func (c chunk) message(subject string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = c.body
	m.Header.Set(headerJob, c.job)
	m.Header.Set(headerFunction, c.function)
	if c.reducer != "" {
		m.Header.Set(headerReducer, c.reducer)
	}
	m.Header.Set(headerReply, c.reply)
	m.Header.Set(headerSeed, strconv.FormatUint(c.seed, 10))
	setRange(m.Header, c.first, c.count)
	return m
}

func readChunk(h nats.Header, body []byte) (c chunk, err error) {
	c = chunk{job: h.Get(headerJob), function: h.Get(headerFunction), reducer: h.Get(headerReducer), reply: h.Get(headerReply), body: body}
	if c.first, c.count, err = readRange(h); err != nil {
		return c, err
	}
	if c.seed, err = strconv.ParseUint(h.Get(headerSeed), 10, 64); err != nil {
		return c, fmt.Errorf("%w: its seed: %w", errMessage, err)
	}
	if c.job == "" || c.function == "" {
		return c, fmt.Errorf("%w: it has no job or function", errMessage)
	}
	if n := len(c.reply); n == 0 || n > maxReply || strings.ContainsAny(c.reply, " \t\r\n*>") || slices.Contains(strings.Split(c.reply, "."), "") {
		return c, fmt.Errorf("%w: nobody can be answered at %.40q", errMessage, c.reply)
	}
	return c, nil
}

// key is that of the chunk's message in an execution trace.
func (c chunk) key() string { return c.job + "." + strconv.Itoa(c.first) }

// items says which inputs it has.
func (c chunk) items() string {
	if c.count == 1 {
		return "input " + strconv.Itoa(c.first)
	}
	return fmt.Sprintf("inputs %d to %d", c.first, c.first+c.count-1)
}

// resultKey is that of the message with the result of the first input, and more.
func resultKey(job string, first int) string { return job + "=" + strconv.Itoa(first) }

func setRange(h nats.Header, first, count int) {
	h.Set(headerFirst, strconv.Itoa(first))
	h.Set(headerCount, strconv.Itoa(count))
}

func readRange(h nats.Header) (first, count int, err error) {
	for name, p := range map[string]*int{headerFirst: &first, headerCount: &count} {
		n, err := strconv.ParseInt(h.Get(name), 10, 64)
		if err != nil || n < 0 || n > maxItems {
			return 0, 0, fmt.Errorf("%w: %s is %q", errMessage, name, h.Get(name))
		}
		*p = int(n)
	}
	return first, count, nil
}
