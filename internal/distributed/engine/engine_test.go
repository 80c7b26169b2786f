package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func open(t *testing.T, ctx context.Context) (*Engine, *Conn) {
	t.Helper()
	e, err := Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := e.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return e, c
}

// workQueue makes a work queue and its consumer.
func workQueue(t *testing.T, c *Conn) jetstream.Consumer {
	t.Helper()
	s, err := c.Stream(t.Context(), jetstream.StreamConfig{Name: "jobs", Subjects: []string{c.Subject("jobs", ">")}, Retention: jetstream.WorkQueuePolicy})
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := s.CreateOrUpdateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait})
	if err != nil {
		t.Fatal(err)
	}
	return consumer
}

func put(t *testing.T, c *Conn, text string) {
	t.Helper()
	if _, err := c.Publish(t.Context(), &nats.Msg{Subject: c.Subject("jobs", "a"), Data: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

func TestWorkTakesEveryMessageOnce(t *testing.T) {
	_, c := open(t, t.Context())
	consumer := workQueue(t, c)
	const count = 500
	for i := range count {
		put(t, c, fmt.Sprint(i))
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	seen := map[string]int{}
	var now, most atomic.Int32
	err := c.Work(ctx, consumer, Work{Slots: 3, Prefetch: 40}, func(_ context.Context, m jetstream.Msg) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if seen[string(m.Data())]++; len(seen) == count {
			stop()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", text, times)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d at the same time in 3 slots", most.Load())
	}
}

// A worker holds two messages, one of which has not begun, for longer than the engine waits for a silent one. When it stops,
// the other one is there for the next worker at once.
func TestWorkKeepsWhatItHoldsAndHandsItBack(t *testing.T) {
	_, c := open(t, t.Context())
	consumer := workQueue(t, c)
	put(t, c, "slow")
	put(t, c, "waits")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	begun := 0
	short := Work{Slots: 1, Prefetch: 1, AckWait: 400 * time.Millisecond}
	err := c.Work(ctx, consumer, short, func(work context.Context, m jetstream.Msg) {
		begun++
		time.Sleep(2 * AckWait) // long enough to be taken for dead, if nobody said otherwise
		stop()
		if work.Err() != nil {
			t.Error("the context of a message that is worked on has ended")
		}
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if err != nil || begun != 1 {
		t.Fatalf("%d began, %v", begun, err)
	}
	left, err := consumer.Next(jetstream.FetchMaxWait(5 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := left.Metadata()
	if err != nil || string(left.Data()) != "waits" || meta.NumDelivered > 2 {
		t.Errorf("%q was delivered %d times, %v", left.Data(), meta.NumDelivered, err)
	}
}

func TestWorkSaysThatItsConsumerIsGone(t *testing.T) {
	_, c := open(t, t.Context())
	consumer := workQueue(t, c)
	put(t, c, "one")
	err := c.Work(t.Context(), consumer, Work{}, func(ctx context.Context, m jetstream.Msg) {
		m.Ack()
		if err := c.JS.DeleteStream(ctx, c.Name("jobs")); err != nil {
			t.Error(err)
		}
	})
	if err == nil {
		t.Error("no error")
	}
}

func TestWhatIsPublishedOutlivesARestart(t *testing.T) {
	e, c := open(t, t.Context())
	consumer := workQueue(t, c)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			if _, err := c.Publish(t.Context(), &nats.Msg{Subject: c.Subject("jobs", "a")}); err != nil {
				t.Error(err)
			}
		}
	}()
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := consumer.Info(t.Context())
	if err != nil || info.NumPending != 200 {
		t.Errorf("%d messages of 200, %v", info.NumPending, err)
	}
}

func TestATooLargeMessageIsRefusedAtOnce(t *testing.T) {
	_, c := open(t, t.Context())
	workQueue(t, c)
	_, err := c.Publish(t.Context(), &nats.Msg{Subject: c.Subject("jobs", "a"), Data: make([]byte, maxPayload+1)})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "1048577") {
		t.Error(err)
	}
}

func TestOnlyOneServerUsesAStore(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(t.Context(), dir); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("the second: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestAStoreThatStaysKeepsWhatWasPut(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		e, err := OpenDir(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Bucket(t.Context(), jetstream.KeyValueConfig{Bucket: "rounds"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Create(t.Context(), fmt.Sprint(round), nil); err != nil {
			t.Fatal(err)
		}
		keys, err := b.Keys(t.Context())
		if err != nil || len(keys) != round+1 {
			t.Errorf("round %d: %v, %v", round, keys, err)
		}
		c.Close()
		e.Close()
	}
}

// A run on a server elsewhere leaves nothing there, and does not touch what others have.
func TestCloseRemovesWhatTheRunHasMade(t *testing.T) {
	s, err := Start(t.Context(), Config{Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	shared, err := Connect(t.Context(), s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	workQueue(t, shared)

	e, err := Open(WithAddress(t.Context(), s.Address()))
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	workQueue(t, c)
	if _, err := c.Bucket(t.Context(), jetstream.KeyValueConfig{Bucket: "results"}); err != nil {
		t.Fatal(err)
	}
	if before := names(t, shared); len(before) != 3 {
		t.Errorf("before: %v", before)
	}
	c.Close()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if after := names(t, shared); !slices.Equal(after, []string{"cookbook_jobs"}) {
		t.Errorf("after: %v", after)
	}
}

func names(t *testing.T, c *Conn) (all []string) {
	t.Helper()
	list := c.JS.StreamNames(t.Context())
	for name := range list.Name() {
		all = append(all, name)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	s, err := Start(t.Context(), Config{Token: "the secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plain, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	plain.Start()
	defer plain.WaitForShutdown()
	defer plain.Shutdown()
	if !plain.ReadyForConnections(10 * time.Second) {
		t.Fatal("not ready")
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()

	secret := regexp.MustCompile("the( |%20)secret")
	for name, test := range map[string]struct {
		at   Address
		want error
	}{
		"no address":   {Address{URL: "http://localhost"}, ErrAddress},
		"no host":      {Address{URL: "nats://"}, ErrAddress},
		"no port":      {Address{URL: "nats://the secret@localhost:x"}, ErrAddress},
		"two ports":    {Address{URL: "nats://127.0.0.1:1:2"}, ErrAddress},
		"a high port":  {Address{URL: "nats://127.0.0.1:70000"}, ErrAddress},
		"a path":       {Address{URL: "nats://the%20secret@127.0.0.1/x"}, ErrAddress},
		"a query":      {Address{URL: "nats://127.0.0.1?the%20secret"}, ErrAddress},
		"a fragment":   {Address{URL: "nats://127.0.0.1#the%20secret"}, ErrAddress},
		"no scheme":    {Address{URL: "the%20secret@127.0.0.1"}, ErrAddress},
		"no slashes":   {Address{URL: "nats:the%20secret@127.0.0.1"}, ErrAddress},
		"/ in secret":  {Address{URL: "nats://x/the%20secret@127.0.0.1"}, ErrAddress},
		"? in secret":  {Address{URL: "nats://x?the%20secret@127.0.0.1"}, ErrAddress},
		"# in secret":  {Address{URL: "nats://x#the%20secret@127.0.0.1"}, ErrAddress},
		"% in secret":  {Address{URL: "nats://x%zzthe%20secret@127.0.0.1"}, ErrAddress},
		", in secret":  {Address{URL: "nats://x,the%20secret@127.0.0.1"}, ErrAddress},
		"// in secret": {Address{URL: "nats:///the%20secret@127.0.0.1"}, ErrAddress},
		"no TLS":       {Address{URL: "tls" + strings.TrimPrefix(s.URL(), "nats"), Token: "the secret"}, ErrUntrusted},
		"no server":    {Address{URL: "nats://" + closed.Addr().String()}, ErrNoServer},
		"no secret":    {Address{URL: s.URL()}, ErrRefused},
		"wrong secret": {Address{URL: s.URL(), Token: "the secret?"}, ErrRefused},
		"no JetStream": {Address{URL: plain.ClientURL()}, ErrNoJetStream},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Connect(t.Context(), test.at)
			if !errors.Is(err, test.want) || secret.MatchString(fmt.Sprint(err)) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if err == nil {
				c.Close()
			}
		})
	}
}

func TestConnectSaysWhetherASecretWasGiven(t *testing.T) {
	s, err := Start(t.Context(), Config{Token: "right"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, test := range []struct {
		at    Address
		given bool
	}{
		{Address{URL: s.URL()}, false},
		{Address{URL: s.URL(), Token: "wrong"}, true},
		{Address{URL: strings.Replace(s.URL(), "//", "//wrong@", 1)}, true},
	} {
		_, err := Connect(t.Context(), test.at)
		if !errors.Is(err, ErrRefused) || strings.Contains(fmt.Sprint(err), "none was given") == test.given {
			t.Errorf("a secret was given: %v; %v", test.given, err)
		}
	}
}

func TestConnectSaysThatTheEngineIsTooOld(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveOld(conn)
		}
	}()
	_, err = Connect(t.Context(), Address{URL: "nats://" + l.Addr().String()})
	var old *TooOldError
	if !errors.As(err, &old) || old.Found != "2.10.22" {
		t.Error(err)
	}
}

// serveOld speaks as much of the protocol as a client needs to connect.
func serveOld(conn net.Conn) {
	defer conn.Close()
	fmt.Fprintf(conn, "INFO {\"server_id\":\"A\",\"version\":\"2.10.22\",\"proto\":1,\"headers\":true,\"max_payload\":1048576}\r\n")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("PING")) {
			fmt.Fprint(conn, "PONG\r\n")
		}
	}
}

func TestVersionsAreComparedByNumber(t *testing.T) {
	for found, want := range map[string]bool{"2.15.3": true, "2.15.0-RC.1": true, "2.9.25": false, "3.0.0": true, "2.14.9": false, "2.100.0": true, "": false, "dev": false, "1.99": false} {
		if atLeast(found, MinVersion) != want {
			t.Errorf("%q: %v", found, !want)
		}
	}
}

func TestAStoreIsGoneAfterwards(t *testing.T) {
	e, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := e.server.store.dir
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", info, err)
	}
	e.Close()
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error(err)
	}
}
