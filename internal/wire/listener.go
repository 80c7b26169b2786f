package wire

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// HelloLimit is how long a listener waits for a caller to introduce itself.
	HelloLimit = 5 * time.Second
	// maxStrangers is how many callers may be about to introduce themselves. When another one comes, the listener hangs up on
	// the one that has taken longest, so that callers that say nothing keep nobody out.
	maxStrangers = 256
)

// A Listener admits callers that know its secret. On a Unix socket it hangs up on other users without a word, where the
// system tells who they are. It has to be closed.
type Listener struct {
	net    net.Listener
	secret []byte
	size   int
	serve  func(conn net.Conn, who []byte)

	wg sync.WaitGroup

	mu        sync.Mutex
	conns     map[net.Conn]bool // true: admitted
	strangers []net.Conn        // the others, in the order in which they came
	closed    bool
}

// Listen accepts the connections of l until [Listener.Shut]. For each caller that knows the secret it calls serve, in a
// goroutine of its own, with the size bytes that the caller says it is. When serve returns, the connection is closed.
func Listen(l net.Listener, secret []byte, size int, serve func(conn net.Conn, who []byte)) *Listener {
	x := &Listener{net: l, secret: secret, size: size, serve: serve, conns: map[net.Conn]bool{}}
	x.wg.Go(x.accept)
	return x
}

// Addr is where it listens.
func (l *Listener) Addr() net.Addr { return l.net.Addr() }

func (l *Listener) accept() {
	for {
		conn, err := l.net.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // too many files are open
			l.mu.Lock()
			l.hangUp()
			l.mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if _, user, ok := PeerOf(conn); ok && user != os.Geteuid() || !l.note(conn, false) {
			conn.Close() // another user cannot know the secret
			continue
		}
		l.wg.Go(func() {
			defer l.drop(conn)
			if who, ok := l.admit(conn); ok {
				l.serve(conn, who)
			}
		})
	}
}

// admit has a caller introduce itself.
func (l *Listener) admit(conn net.Conn) (who []byte, ok bool) {
	conn.SetDeadline(time.Now().Add(HelloLimit))
	who, err := Admit(conn, l.secret, l.size)
	if err != nil || conn.SetDeadline(time.Time{}) != nil {
		return nil, false
	}
	return who, l.note(conn, true)
}

// note keeps a connection, unless the listener is shut.
func (l *Listener) note(conn net.Conn, admitted bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.conns[conn] = admitted
	if admitted {
		l.forget(conn)
		return true
	}
	l.strangers = append(l.strangers, conn)
	if len(l.strangers) > maxStrangers {
		l.hangUp()
	}
	return true
}

// hangUp hangs up on the stranger that came first; l.mu is held.
func (l *Listener) hangUp() {
	if len(l.strangers) > 0 {
		l.strangers[0].Close() // its goroutine drops it
		l.strangers = slices.Delete(l.strangers, 0, 1)
	}
}

// forget takes a connection from the list of strangers; l.mu is held.
func (l *Listener) forget(conn net.Conn) {
	if i := slices.Index(l.strangers, conn); i >= 0 {
		l.strangers = slices.Delete(l.strangers, i, i+1)
	}
}

func (l *Listener) drop(conn net.Conn) {
	conn.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	l.forget(conn)
}

// Shut admits nobody any more and hangs up on callers that have not introduced themselves. It does not wait. It may be
// called any number of times.
func (l *Listener) Shut() { l.end(false) }

// Close is Shut, and also hangs up on those that were admitted and returns when every call of serve has returned.
func (l *Listener) Close() {
	l.end(true)
	l.wg.Wait()
}

// Wait waits, once the listener is shut, until every call of serve has returned.
func (l *Listener) Wait() { l.wg.Wait() }

func (l *Listener) end(all bool) {
	l.net.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for conn, admitted := range l.conns {
		if all || !admitted {
			conn.Close()
		}
	}
}
