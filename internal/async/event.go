package async

// Event is a flag that tasks can wait for: asyncio.Event. The zero value is a flag that is down, without a name.
type Event struct {
	line line
	set  bool
}

// NewEvent returns a flag that is down. The name is for reports.
func NewEvent(name string) *Event { return &Event{line: line{what: "event " + name}} }

// Set raises the flag and wakes every task that waits, even if Clear follows at once.
func (e *Event) Set() {
	e.set = true
	for e.line.give() != nil {
	}
}

// Clear lowers the flag.
func (e *Event) Clear() { e.set = false }

// IsSet reports whether the flag is up.
func (e *Event) IsSet() bool { return e.set }

// Wait waits until the flag is up.
func (e *Event) Wait(t *Task) error {
	if err := t.check("wait for " + e.line.what); err != nil {
		return err
	}
	if e.set {
		return nil
	}
	_, err := e.line.wait(t)
	return err
}
