package openmpi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// A listener is where the ranks of one world get their job, and where they bring lines and results. It decides once what the
// outcome of the world is: the results when all have brought theirs, or the first error. All ranks are told.
type listener struct {
	wire  *wire.Listener
	n     int
	job   job
	log   *transcript.Log
	share bool // all ranks get all results
	hold  bool // ranks are processes of this machine, and to be ended from here

	decided  chan struct{} // closed when all results are there, or a failure
	rankLost chan struct{} // closed when a rank has gone without an outcome

	mu       sync.Mutex
	results  [][]byte
	missing  int // ranks that have brought no result
	failure  error
	reported []bool // ranks that have brought one
	returned []bool // ranks whose function has returned
	holds    []hold // on the ranks, if hold
	lostRank int    // the first that has gone without an outcome, −1: none
}

// listen listens at address for n ranks, of which each gets the job, and if share all results. If hold, they are processes
// of this machine, and ended from here.
func listen(address string, secret []byte, n int, j job, log *transcript.Log, share, hold bool) (*listener, error) {
	tcp, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the ranks: %w", err)
	}
	l := &listener{
		n: n, job: j, log: log, share: share, hold: hold,
		decided: make(chan struct{}), rankLost: make(chan struct{}),
		results: make([][]byte, n), reported: make([]bool, n), returned: make([]bool, n), missing: n, lostRank: -1,
	}
	l.wire = wire.Listen(tcp, secret, peerSize, l.serve)
	return l, nil
}

// port is where it listens.
func (l *listener) port() int { return l.wire.Addr().(*net.TCPAddr).Port }

// serve serves one connection of a rank.
func (l *listener) serve(conn net.Conn, who []byte) {
	p, err := decodePeer(who, l.n)
	switch {
	case err != nil:
	case p.purpose == forOutcome:
		if !l.serveRank(conn, p) {
			l.lose(p.rank)
		}
	case l.log != nil:
		l.log.Serve(fmt.Sprintf("rank %d", p.rank), conn) // what ends it ends its rank, too, and is known from there
	}
}

// serveRank gives a rank its job, reads its outcome, and tells it the outcome of all. It reports whether the rank was there
// to the end.
func (l *listener) serveRank(conn net.Conn, p peer) bool {
	if l.hold {
		if h, ok := holdProcess(p.pid); ok {
			l.mu.Lock()
			l.holds = append(l.holds, h)
			l.mu.Unlock()
		}
	}
	if err := writeMessage(conn, msgJob, l.job.encode()); err != nil {
		return false
	}
	reported := make(chan bool, 1) // the outcome of this rank is known
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		in := bufio.NewReader(conn)
		reported <- l.readOutcome(in, p.rank)
		io.Copy(io.Discard, io.LimitReader(in, 1)) // until it hangs up
	}()
	var here bool
	select {
	case here = <-reported:
	case <-l.decided: // by another rank
		here = true
	}
	if here {
		<-l.decided
		l.sendOutcome(conn)
	} else {
		conn.Close()
	}
	<-gone
	return here
}

// readOutcome reads the outcome of one rank, and reports whether it came.
func (l *listener) readOutcome(in *bufio.Reader, rank int) bool {
	what, body, err := readMessage(in)
	if err == nil && what == msgReturn {
		l.mu.Lock()
		l.returned[rank] = true
		l.mu.Unlock()
		what, body, err = readMessage(in)
	}
	if err != nil {
		return false
	}
	switch what {
	case msgResult:
		l.addResult(rank, body)
		return true
	case msgFailed:
		e, err := decodeError(body)
		if err != nil {
			return false
		}
		l.fail(e)
		return true
	}
	return false
}

// sendOutcome tells a rank the outcome of the world.
func (l *listener) sendOutcome(conn net.Conn) {
	results, failure := l.outcome()
	conn.SetWriteDeadline(time.Now().Add(wire.HelloLimit)) // it may stand still
	switch {
	case failure != nil:
		writeMessage(conn, msgFailed, encodeError(asError(failure, -1)))
	case l.share:
		writeMessage(conn, msgDone, wire.AppendFields(nil, results...))
	default:
		writeMessage(conn, msgDone, nil)
	}
}

// addResult notes the result of a rank.
func (l *listener) addResult(rank int, result []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reported[rank] || l.failure != nil {
		return
	}
	l.results[rank], l.reported[rank] = result, true
	if l.missing--; l.missing == 0 {
		close(l.decided)
	}
}

// fail notes why the world has failed, unless it is decided.
func (l *listener) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil && l.missing > 0 {
		l.failure = err
		close(l.decided)
	}
}

// lose notes that a rank has gone without an outcome.
func (l *listener) lose(rank int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lostRank < 0 {
		l.lostRank = rank
		close(l.rankLost)
	}
}

// lost is the first rank that has gone without an outcome, −1 if there is none.
func (l *listener) lost() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lostRank
}

// outcome is the outcome of the world, once that is decided; before, both are nil.
func (l *listener) outcome() (results [][]byte, failure error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure != nil || l.missing > 0 {
		return nil, l.failure
	}
	return l.results, nil
}
