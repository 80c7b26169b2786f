package openmpi

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
	"cookbook/internal/wire"
)

// testListener listens for n ranks and says where.
func testListener(t *testing.T, n int, log *transcript.Log, share bool) (*listener, address) {
	t.Helper()
	d, where, err := listenFor(n, false, job{"program", []byte("argument"), log != nil}, log, share)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	p, err := parseAddress(where)
	if err != nil {
		t.Fatal(err)
	}
	return d, p
}

// join is a rank that has its job.
func join(t *testing.T, p address, rank int) *member {
	t.Helper()
	m, err := p.join(rank)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.leave(); <-m.decided })
	return m
}

func TestRanksGetTheirJobAndAllHearOfTheResults(t *testing.T) {
	d, p := testListener(t, 3, nil, true)
	parts := make([]*member, 3)
	for r := range parts {
		parts[r] = join(t, p, r)
		if e := parts[r].job; e.name != "program" || string(e.arg) != "argument" || e.speaks {
			t.Errorf("rank %d got %+v", r, e)
		}
	}
	for r, m := range parts {
		m.report(fmt.Appendf(nil, "result %d", r), nil)
	}
	for r, m := range parts {
		if <-m.decided; m.failure != nil || len(m.results) != 3 || string(m.results[2]) != "result 2" {
			t.Errorf("rank %d heard %q, %v", r, m.results, m.failure)
		}
	}
	results, err := d.outcome()
	if err != nil || len(results) != 3 || string(results[1]) != "result 1" {
		t.Errorf("the listener has %q, %v", results, err)
	}
}

func TestTheFirstErrorIsToldToAll(t *testing.T) {
	d, p := testListener(t, 3, nil, false)
	first, second, third := join(t, p, 0), join(t, p, 1), join(t, p, 2)
	first.report([]byte("fine"), nil)
	second.report(nil, &engine.Error{Class: engine.ErrAborted, Rank: 1, Code: 7, Text: "rank 1 aborted with code 7"})
	<-second.decided
	third.report(nil, asError(errors.New("too late"), 2))
	for _, m := range []*member{first, second, third} {
		if <-m.decided; m.failure == nil || m.failure.Class != engine.ErrAborted || m.failure.Code != 7 || m.failure.Rank != 1 {
			t.Errorf("rank %d heard %+v", m.rank, m.failure)
		}
	}
	if _, err := d.outcome(); !errors.Is(err, engine.ErrAborted) {
		t.Errorf("the listener has %v", err)
	}
}

func TestARankThatGoesWithoutAnOutcomeIsMissed(t *testing.T) {
	d, p := testListener(t, 2, nil, false)
	stays := join(t, p, 0)
	join(t, p, 1).leave()
	<-d.rankLost
	if d.lost() != 1 {
		t.Errorf("rank %d is missed, want 1", d.lost())
	}
	d.close()
	if <-stays.decided; stays.failure == nil {
		t.Error("the other one was not told")
	}
}

func TestALineIsRecordedWhenTheCallReturns(t *testing.T) {
	var h HeardLines
	_, p := testListener(t, 2, transcript.New(transcript.Config{Sink: &h}), false)
	a, b := join(t, p, 0), join(t, p, 1)
	a.log.Actor("a").Printf("one")
	b.log.Actor("b").Printf("two")
	a.log.Actor("a").Printf("three")
	if got := strings.Join(h.All(), ", "); got != "a: one, b: two, a: three" {
		t.Errorf("recorded: %s", got)
	}
}

func TestStrangersAreSentAway(t *testing.T) {
	var h HeardLines
	d, p := testListener(t, 1, transcript.New(transcript.Config{Sink: &h}), false)
	wrong := address{p.hosts, bytes.Repeat([]byte{1}, wire.SecretSize)}
	for _, purpose := range []byte{forOutcome, forLines} {
		if _, err := wrong.dial(purpose, 0); !errors.Is(err, wire.ErrStranger) {
			t.Errorf("a rank with another secret trusts the listener: %v", err)
		}
	}
	for name, who := range map[string]peer{"no such rank": {forOutcome, 1, 1}, "no purpose": {'x', 0, 1}} {
		conn, err := net.Dial("tcp", p.hosts[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Call(conn, p.secret, who.encode()); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); len(got) > 0 || err != nil { // until the listener hangs up
			t.Errorf("%s got %d bytes, %v", name, len(got), err)
		}
		conn.Close()
	}
	// A rank that knows the secret and speaks nonsense is gone, and another one is as welcome as before.
	conn, err := p.dial(forOutcome, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := readMessage(bufio.NewReader(conn)); err != nil {
		t.Fatal(err)
	}
	conn.Write(bytes.Repeat([]byte{0xff}, 1<<10))
	if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	conn.Close()
	m := join(t, p, 0)
	m.report([]byte("fine"), nil)
	if <-m.decided; m.failure != nil {
		t.Errorf("the rank heard %v", m.failure)
	}
	if results, err := d.outcome(); err != nil || string(results[0]) != "fine" || len(h.All()) != 0 {
		t.Errorf("the listener has %q, %v and heard %q", results, err, h.All())
	}
}

func TestTheListenerWaitsForRanksToLeave(t *testing.T) {
	d, p := testListener(t, 2, nil, false)
	m := join(t, p, 0)
	d.wire.Shut()
	if d.wait(10 * time.Millisecond) {
		t.Error("it does not wait, and a rank is there")
	}
	m.leave()
	if !d.wait(time.Minute) {
		t.Error("it waits, and no rank is there")
	}
}
