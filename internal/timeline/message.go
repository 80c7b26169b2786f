package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// maxMessages is how many messages are kept, and how many may be on their way: far more than a picture can show.
const maxMessages = 1 << 16

// mail is the messages of a run.
type mail struct {
	ends map[string]half // by key: the last that was sent, or, by clocks that disagree, was received and not sent yet
	done []letter
}

// half is one end of a message.
type half struct {
	g    *goroutine
	at   time.Duration
	text string
	sent bool
	late bool // it happened earlier
}

// letter is a message that was sent and received.
type letter struct{ from, to half }

// message notes one end of a message. The first word is its key.
func (b *builder) message(at time.Duration, g *goroutine, what string, sent bool) {
	key, text, _ := strings.Cut(what, " ")
	h := half{g, at, safeName(text), sent, b.late}
	other, known := b.messages.ends[key]
	if len(b.messages.ends) >= maxMessages {
		clear(b.messages.ends)
	}
	if sent || !known {
		b.messages.ends[key] = h // of two sends with one key the first was in vain
	}
	if !known || other.sent == sent {
		return
	}
	l := letter{other, h} // what was sent once may be received several times
	if sent {
		l = letter{h, other}
	}
	if l.from.late || l.from.g.in == l.to.g.in { // a thread may note that it has sent when it gets its turn again
		l.from.at = min(l.from.at, l.to.at)
	} else {
		b.clocks.message(l.from.g.in, l.to.g.in, l.from.at, l.to.at)
	}
	if len(b.messages.done) < maxMessages {
		b.messages.done = append(b.messages.done, l)
	}
}

// letters returns the messages, now that the lanes are settled. Those to or from a goroutine that has no lane are shown in the lane of
// the one that has started it, but not if it looked then as if that one wrote to itself.
func (m *mail) letters(main *goroutine, shift func(*time.Duration)) (all []Message) {
	for _, l := range m.done {
		from, speaks := laneOf(l.from.g, main)
		to, hears := laneOf(l.to.g, main)
		if from == to && !(speaks && hears) {
			continue
		}
		msg := Message{from.Name, to.Name, l.from.at, l.to.at, l.from.text, from.Number, to.Number}
		shift(&msg.Sent)
		shift(&msg.Received)
		all = append(all, msg)
	}
	slices.SortStableFunc(all, func(x, y Message) int { return cmp.Compare(x.Sent, y.Sent) })
	return all
}

// laneOf returns whose lane shows what a goroutine does: its own, which may be that of an actor as which others speak too, that of its
// process, or, and then it is not its own, that of the one that started it.
func laneOf(g, main *goroutine) (lane *track, own bool) {
	for own = true; g != nil; g, own = g.parent, false {
		switch {
		case g.track != nil:
			return g.track, own
		case g.in.key != "" && g.in.lane != nil && g.in.lane.track != nil:
			return g.in.lane.track, true
		}
	}
	return main.track, false
}

// countMessages says how many messages there are; of one to or from a process that was killed one end may not be known.
func (t Timeline) countMessages() string {
	text := counted(len(t.Messages), "message")
	if len(t.Cut) > 0 {
		return "at least " + text
	}
	return text
}
