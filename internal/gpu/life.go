package gpu

import (
	"fmt"
	"sync"
)

// life keeps what is used from being closed meanwhile, and what is closed from being used. Its zero value is alive.
type life struct {
	what  string // for the error
	mu    sync.Mutex
	users int
	over  bool
	idle  chan struct{} // closed once it is over and has no users
}

// use says that the thing is used until the function that it returns is called. The error is ErrClosed.
func (l *life) use() (done func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return nil, fmt.Errorf("%s: %w", l.what, ErrClosed)
	}
	l.users++
	return l.done, nil
}

func (l *life) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users--; l.over && l.users == 0 {
		close(l.idle)
	}
}

// close ends the thing's life and waits until nobody uses it. It reports false if the life was over already; then it does not wait.
func (l *life) close() bool {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return false
	}
	l.over, l.idle = true, make(chan struct{})
	if l.users == 0 {
		close(l.idle)
	}
	l.mu.Unlock()
	<-l.idle
	return true
}
