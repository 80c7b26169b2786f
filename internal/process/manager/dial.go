package manager

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"cookbook/internal/wire"
)

// namePrefix begins the name of a manager's Unix socket, before the number of its process. Any user can take the name when the
// manager has died. So a client compares that number with the process that listens, before it says a word.
const namePrefix = "@cookbook.manager."

func newName() string { return fmt.Sprintf("%s%d.%s", namePrefix, os.Getpid(), rand.Text()) }

// pidOf returns the number of the process that made a name, 0 if the name does not say.
func pidOf(name string) (pid int) {
	fmt.Sscanf(name, namePrefix+"%d.", &pid)
	return pid
}

// errCrowded is that the manager lives but takes no more connections at the moment.
var errCrowded = errors.New("the manager has too much to do")

// maxPause is the longest pause between two tries to connect to a crowded manager.
const maxPause = 50 * time.Millisecond

// dial connects to a manager. If it has too many callers at the moment, dial waits until it has not, or until ctx ends.
func dial(ctx context.Context, a address) (*link, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, maxPause) {
		l, err := connect(ctx, a)
		if err != errCrowded {
			return l, err
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// connect tries to connect once.
func connect(ctx context.Context, a address) (*link, error) {
	network, where, _ := strings.Cut(a.where, " ")
	// Without the deadline of ctx, which a Dialer sees a moment before ctx has ended.
	dialing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	conn, err := new(net.Dialer).DialContext(dialing, network, where)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, whyNot(err)
	}
	l := &link{conn: conn}
	pid, user, known := wire.PeerOf(conn)
	switch {
	case known && (user != os.Geteuid() || pid != 0 && pid != pidOf(where)):
		err = ErrGone
	case known && pid != 0:
		if err = l.introduce(ctx, a); err == ErrGone {
			err = errCrowded // it has hung up; if it is gone, the next try finds out
		}
	default:
		err = l.introduceSoon(ctx, a)
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// introduce introduces the client, and opens the way for requests.
func (l *link) introduce(ctx context.Context, a address) error {
	err := l.guard(ctx, func() (err error) {
		if err = wire.Call(l.conn, []byte(a.secret), nil); err == nil {
			l.way, err = accept(l.conn)
		}
		return err
	})
	if errors.Is(err, wire.ErrStranger) {
		return ErrStranger
	}
	return whyOf(ctx, err)
}

// introduceSoon is introduce to what may not be the manager: it does not wait for longer than that takes.
func (l *link) introduceSoon(ctx context.Context, a address) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wire.HelloLimit, ErrGone)
	defer cancel()
	err := l.introduce(ctx, a)
	if err == ErrStranger {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// whyNot says in plain words why there is no connection.
func whyNot(err error) error {
	var number syscall.Errno
	switch errors.As(err, &number); number {
	case syscall.EAGAIN: // a Unix socket with more callers than the kernel keeps
		return errCrowded
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EACCES, syscall.EPERM:
		return fmt.Errorf("connect to the manager: %w", number)
	}
	return ErrGone
}
