package engine

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Held is the messages that this process has fetched, begun or not, until the engine has been told what becomes of them. Its
// methods may be called from any goroutine. The zero value holds none.
type Held struct {
	mu       sync.Mutex
	messages map[jetstream.Msg]struct{}
}

// Add notes that a message is held.
func (h *Held) Add(m jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.messages == nil {
		h.messages = map[jetstream.Msg]struct{}{}
	}
	h.messages[m] = struct{}{}
}

// Remove notes that a message is not held any more.
func (h *Held) Remove(m jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.messages, m)
}

// Keep tells the engine four times in each ackWait that the messages are held, and calls each after that, until stop is
// closed. So no other worker gets them. ackWait is that of the consumers.
func (h *Held) Keep(ackWait time.Duration, stop <-chan struct{}, each func()) {
	ticker := time.NewTicker(ackWait / 4)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		for m := range h.messages {
			m.InProgress() // after an Ack it is an error, which is right
		}
		h.mu.Unlock()
		each()
	}
}
