package local

import (
	"fmt"
	"slices"

	"cookbook/internal/mpi/engine"
)

// Where somebody decides on the turns of all ranks (package turn), they decide as well from which rank a receive from any is given its
// message. Such a receive is not posted but open. When a message for it has come, the rank lets others go first, takes in all that has come
// by then, and asks which message it shall be. So what there is to choose from does not depend on the system. Without a chooser nothing of
// this happens.
//
// One thing is not as MPI has it: of a message that an open receive wants, and one from that rank alone that was begun later, the
// latter gets it.

// open begins a receive from any source.
func (r *rank) open(q *request) {
	r.opens = append(r.opens, q)
	r.poll(q.source)
}

// matchOpen gives the open receives the messages that have come for them.
func (r *rank) matchOpen() {
	for i := 0; i < len(r.opens); i++ {
		q := r.opens[i]
		from := r.choose(q, "receives from")
		if from < 0 {
			continue
		}
		r.opens = slices.Delete(r.opens, i, i+1)
		i--
		r.unpoll(q.source)
		r.take(q, from)
	}
}

// choose returns the source whose message a receive is given, or a probe finds; −1 if there is none. verb says which of the two.
func (r *rank) choose(q *request, verb string) int {
	if len(r.sources(q)) == 0 {
		return -1
	}
	r.turns.Yield()
	r.progress()
	sources := r.sources(q)
	if len(sources) == 1 {
		return sources[0]
	}
	var options []string
	for _, p := range sources {
		options = append(options, fmt.Sprintf("rank %d", q.c.inverse[p]))
	}
	return sources[r.turns.Choose(r.ctx, fmt.Sprintf("rank %d %s", q.c.me, verb), options)]
}

// sources are the ranks that have a message for q.
func (r *rank) sources(q *request) (all []int) {
	for _, p := range q.c.group {
		if (q.source == p || q.source == engine.AnySource) && r.ins[p].find(q) >= 0 {
			all = append(all, p)
		}
	}
	return all
}
