package mpi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"cookbook/internal/transcript"
)

const (
	// helloLimit is how long the door waits for a visitor to introduce itself.
	helloLimit = 5 * time.Second
	// maxStrangers is how many visitors, beside the ranks, may be about to introduce themselves; others wait outside.
	maxStrangers = 32
)

// A door is where the ranks of one world come for their errand, and where they bring lines and results. It decides once what
// comes of the world: the results when all have brought theirs, or the first error. All ranks are told.
type door struct {
	l      net.Listener
	secret []byte
	n      int
	job    errand
	log    *transcript.Log
	share  bool // all ranks get all results
	hold   bool // ranks are of this machine, and to be ended from here

	decided chan struct{} // closed when all results are there, or a failure
	lack    chan struct{} // closed when a rank has gone without an outcome
	pending chan struct{} // a token for each visitor that has not introduced itself
	wg      sync.WaitGroup

	mu      sync.Mutex
	results [][]byte
	left    int // ranks that have brought no result
	failure error
	known   map[net.Conn]visitor // admitted, still connected
	unknown map[net.Conn]struct{}
	told    []bool
	back    []bool // whose function has returned
	holds   []hold // on the ranks, if they are of this machine
	lost    int    // the first rank that has gone without an outcome, −1: none
	closed  bool
}

// openDoor listens at address for n ranks, of which each gets the errand, and if share all results. If hold, they are processes of
// this machine, and ended from here.
func openDoor(address string, secret []byte, n int, job errand, log *transcript.Log, share, hold bool) (*door, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the ranks: %w", err)
	}
	d := &door{
		l: l, secret: secret, n: n, job: job, log: log, share: share, hold: hold,
		decided: make(chan struct{}), lack: make(chan struct{}), pending: make(chan struct{}, n+maxStrangers),
		results: make([][]byte, n), told: make([]bool, n), back: make([]bool, n), left: n, lost: -1,
		known: map[net.Conn]visitor{}, unknown: map[net.Conn]struct{}{},
	}
	d.wg.Go(d.answer)
	return d, nil
}

// port is where the door is.
func (d *door) port() int { return d.l.Addr().(*net.TCPAddr).Port }

// answer lets visitors in until the door is closed.
func (d *door) answer() {
	for {
		d.pending <- struct{}{}
		conn, err := d.l.Accept()
		if err != nil {
			<-d.pending
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(10 * time.Millisecond) // too many files are open: some will be closed
			continue
		}
		d.wg.Go(func() {
			defer conn.Close()
			v, err := d.receive(conn)
			<-d.pending
			if err != nil {
				return
			}
			if v.purpose == forLines {
				d.log.Serve(conn) // what ends it ends its rank, too, and is known from there
			} else if !d.attend(conn, v) {
				d.miss(v.rank)
			}
			d.mu.Lock()
			delete(d.known, conn)
			d.mu.Unlock()
		})
	}
}

// receive has a visitor introduce itself.
func (d *door) receive(conn net.Conn) (visitor, error) {
	d.mu.Lock()
	closed := d.closed
	d.unknown[conn] = struct{}{}
	d.mu.Unlock()
	v, err := visitor{}, net.ErrClosed
	if !closed {
		conn.SetDeadline(time.Now().Add(helloLimit))
		v, err = admit(conn, d.secret, d.n)
	}
	if err == nil && v.purpose == forLines && d.log == nil {
		err = errNonsense
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.unknown, conn)
	if d.closed {
		return v, net.ErrClosed
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
		d.known[conn] = v
	}
	return v, err
}

// attend sees to one rank: gives it its errand, hears what came of it and says what came of all. It reports whether the rank
// was there to the end.
func (d *door) attend(conn net.Conn, v visitor) bool {
	if d.hold {
		if h, ok := holdProcess(v.pid); ok {
			d.mu.Lock()
			d.holds = append(d.holds, h)
			d.mu.Unlock()
		}
	}
	if err := writeMessage(conn, msgErrand, d.job.encode()); err != nil {
		return false
	}
	heard := make(chan bool, 1) // what came of this rank is known, and good
	gone := make(chan struct{})
	d.wg.Go(func() {
		defer close(gone)
		heard <- d.hear(conn, v.rank)
		io.Copy(io.Discard, io.LimitReader(conn, 1)) // until it hangs up
	})
	var here bool
	select {
	case here = <-heard:
	case <-d.decided: // by another rank
		here = true
	}
	if here {
		<-d.decided
		d.announce(conn)
	} else {
		conn.Close()
	}
	<-gone
	return here
}

// hear reads what came of one rank.
func (d *door) hear(conn net.Conn, rank int) bool {
	what, body, err := readMessage(conn)
	if err == nil && what == msgReturn {
		d.mu.Lock()
		d.back[rank] = true
		d.mu.Unlock()
		what, body, err = readMessage(conn)
	}
	if err != nil {
		return false
	}
	switch what {
	case msgResult:
		d.bring(rank, body)
		return true
	case msgFailed:
		e, err := decodeError(body)
		if err != nil {
			return false
		}
		d.fail(e)
		return true
	}
	return false
}

// announce tells a rank what came of the world.
func (d *door) announce(conn net.Conn) {
	results, failure := d.outcome()
	conn.SetWriteDeadline(time.Now().Add(helloLimit)) // it may stand still
	switch {
	case failure != nil:
		writeMessage(conn, msgFailed, encodeError(asError(failure, -1)))
	case d.share:
		writeMessage(conn, msgDone, appendFields(nil, results...))
	default:
		writeMessage(conn, msgDone, nil)
	}
}

// bring notes the result of a rank.
func (d *door) bring(rank int, result []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told[rank] || d.failure != nil {
		return
	}
	d.results[rank], d.told[rank] = result, true
	if d.left--; d.left == 0 {
		close(d.decided)
	}
}

// fail notes why the world has failed, unless it is decided.
func (d *door) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failure == nil && d.left > 0 {
		d.failure = err
		close(d.decided)
	}
}

// miss notes that a rank has gone without an outcome.
func (d *door) miss(rank int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost < 0 {
		d.lost = rank
		close(d.lack)
	}
}

func (d *door) missed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost
}

// outcome is what came of the world, once that is decided; before, both are nil.
func (d *door) outcome() (results [][]byte, failure error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failure != nil || d.left > 0 {
		return nil, d.failure
	}
	return d.results, nil
}
