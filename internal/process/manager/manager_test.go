package manager

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/duplex"
	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// A shelf is what the tests hand to children: proxies inside an argument.
type shelf struct {
	Dict  *Dict[int, int]
	List  *List[string]
	Space *Namespace
	Value *Value[point]
	Lock  *Lock
	Key   int
	Times int
}

// What the tests call in children.
var (
	stock = worker.Register("test.stock", func(ctx context.Context, s shelf) (int, error) {
		return os.Getpid(), errors.Join(
			s.Dict.Set(ctx, s.Key, 2*s.Key),
			s.List.Append(ctx, strconv.Itoa(s.Key)),
			SetAttr(ctx, s.Space, "key", s.Key),
			s.Value.Set(ctx, point{X: s.Key, Next: &point{Y: 1}}))
	})
	// addOne adds 1 that many times, by reading and writing under the lock.
	addOne = worker.Register("test.addOne", func(ctx context.Context, s shelf) (int, error) {
		for range s.Times {
			if err := s.Lock.Acquire(ctx); err != nil {
				return 0, err
			}
			n, err := s.Dict.SetDefault(ctx, s.Key, 0)
			if err == nil {
				err = s.Dict.Set(ctx, s.Key, n+1)
			}
			if err := errors.Join(err, s.Lock.Release()); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	// clutch takes the lock, appends to the list, and never comes back.
	clutch = worker.Register("test.clutch", func(ctx context.Context, s shelf) (int, error) {
		if err := errors.Join(s.Lock.Acquire(ctx), s.List.Append(ctx, "taken")); err != nil {
			return 0, err
		}
		select {}
	})
	setOften = worker.Register("test.setOften", func(ctx context.Context, s shelf) (int, error) {
		for range s.Times {
			if err := s.Dict.Set(ctx, s.Key, 1); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	handOn = worker.Register("test.handOn", func(ctx context.Context, s shelf) (*List[string], error) { return s.List, nil })
	letGo  = worker.Register("test.letGo", func(ctx context.Context, s shelf) (string, error) {
		ok, err := s.Lock.TryAcquire(ctx)
		return strconv.FormatBool(ok) + " " + s.Lock.Release().Error(), err
	})
)

func start(t testing.TB) *Manager {
	t.Helper()
	m, err := New(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func fill(t testing.TB, m *Manager) shelf {
	t.Helper()
	ctx := context.Background()
	d, err1 := NewDict[int, int](ctx, m)
	l, err2 := NewList[string](ctx, m)
	n, err3 := NewNamespace(ctx, m)
	v, err4 := NewValue(ctx, m, point{X: -1})
	k, err5 := NewLock(ctx, m)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	return shelf{Dict: d, List: l, Space: n, Value: v, Lock: k}
}

func TestProcessesShareWhatAManagerHolds(t *testing.T) {
	m, ctx := start(t), t.Context()
	s := fill(t, m)
	var children sync.WaitGroup
	for i := range 6 {
		children.Go(func() {
			mine := s
			mine.Key = i
			if pid, err := worker.Call(ctx, stock, mine); err != nil || pid == m.w.Pid() {
				t.Errorf("child %d: %d, %v", i, pid, err)
			}
		})
	}
	children.Wait()
	if got, err := s.Dict.Copy(ctx); err != nil || !maps.Equal(got, map[int]int{0: 0, 1: 2, 2: 4, 3: 6, 4: 8, 5: 10}) {
		t.Errorf("the dict holds %v, %v", got, err)
	}
	items, err := s.List.Copy(ctx)
	slices.Sort(items)
	if err != nil || strings.Join(items, "") != "012345" {
		t.Errorf("the list holds %v, %v", items, err)
	}
	last, err := GetAttr[int](ctx, s.Space, "key")
	if err != nil || last < 0 || last > 5 {
		t.Errorf("the namespace holds %d, %v", last, err)
	}
	if p, err := s.Value.Get(ctx); err != nil || p.X < 0 || p.Next == nil || p.Next.Y != 1 {
		t.Errorf("the value is %v, %v", p, err)
	}
	back, err := worker.Call(ctx, handOn, s)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := back.Len(ctx); n != 6 || err != nil || back.client != s.List.client {
		t.Errorf("the list that came back has %d items, %v", n, err)
	}
	if text := s.Lock.String(); text != "process.ManagedLock 4" {
		t.Errorf("a proxy prints itself as %q", text)
	}
}

func TestAManagedDictIsADict(t *testing.T) {
	m, ctx := start(t), t.Context()
	d, err := NewDict[string, []int](ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(d.Set(ctx, "b", []int{1}))
	must(d.Set(ctx, "a", []int{2, 3}))
	must(d.Set(ctx, "b", []int{4}))
	must(d.Update(ctx, map[string][]int{"ö": nil}))
	if keys, err := d.Keys(ctx); err != nil || !slices.Equal(keys, []string{"b", "a", "ö"}) {
		t.Errorf("keys %q, %v", keys, err)
	}
	if v, err := d.SetDefault(ctx, "a", nil); err != nil || len(v) != 2 {
		t.Errorf("default %v, %v", v, err)
	}
	if v, err := d.SetDefault(ctx, "c", []int{9}); err != nil || len(v) != 1 {
		t.Errorf("default %v, %v", v, err)
	}
	if v, err := d.Pop(ctx, "b"); err != nil || v[0] != 4 {
		t.Errorf("pop %v, %v", v, err)
	}
	must(d.Delete(ctx, "ö"))
	has, err1 := d.Has(ctx, "a")
	hasNot, err2 := d.Has(ctx, "b")
	n, err3 := d.Len(ctx)
	if err := errors.Join(err1, err2, err3); err != nil || !has || hasNot || n != 2 {
		t.Errorf("has %v and %v, %d keys, %v", has, hasNot, n, err)
	}
	_, err = d.Get(ctx, "b")
	proctest.Mentions(t, err, `key "b" of process.ManagedDict[string,[]int] 0: no such key`)
	_, err4 := d.Pop(ctx, "b")
	for _, err := range []error{err, err4, d.Delete(ctx, "b")} {
		if !errors.Is(err, ErrNoKey) {
			t.Errorf("a key that is not there: %v", err)
		}
	}
	must(d.Clear(ctx))
	if all, err := d.Copy(ctx); err != nil || len(all) != 0 {
		t.Errorf("cleared: %v, %v", all, err)
	}
}

func TestAManagedListIsAList(t *testing.T) {
	m, ctx := start(t), t.Context()
	l, err := NewList(ctx, m, 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append(ctx, 4, 5), l.Insert(ctx, 0, 0), l.Insert(ctx, 99, 6), l.Insert(ctx, -1, 55), l.Set(ctx, -1, 66)); err != nil {
		t.Error(err)
	}
	popped, err1 := l.Pop(ctx, 1)
	last, err2 := l.Get(ctx, -1)
	n, err3 := l.Len(ctx)
	all, err4 := l.Copy(ctx)
	if err := errors.Join(err1, err2, err3, err4); err != nil || popped != 1 || last != 66 || n != 7 || !slices.Equal(all, []int{0, 2, 3, 4, 5, 55, 66}) {
		t.Errorf("popped %d, last %d, %d items %v, %v", popped, last, n, all, err)
	}
	_, err = l.Get(ctx, 7)
	proctest.Mentions(t, err, "item 7 of process.ManagedList[int] 0: no such index")
	_, err1 = l.Pop(ctx, -8)
	for _, err := range []error{err, err1, l.Set(ctx, 7, 1)} {
		if !errors.Is(err, ErrNoIndex) {
			t.Errorf("an index that is not there: %v", err)
		}
	}
	if n, err := l.Len(ctx); l.Clear(ctx) != nil || n != 7 || err != nil {
		t.Errorf("%d items, %v", n, err)
	}
}

func TestANamespaceHoldsValuesOfAnyType(t *testing.T) {
	m, ctx := start(t), t.Context()
	n, err := NewNamespace(ctx, m)
	if err := errors.Join(err, SetAttr(ctx, n, "x", 1), SetAttr(ctx, n, "p", point{X: 2}), SetAttr(ctx, n, "x", "one")); err != nil {
		t.Fatal(err)
	}
	x, err1 := GetAttr[string](ctx, n, "x")
	p, err2 := GetAttr[point](ctx, n, "p")
	names, err3 := n.Names(ctx)
	if err := errors.Join(err1, err2, err3); err != nil || x != "one" || p.X != 2 || !slices.Equal(names, []string{"x", "p"}) {
		t.Errorf("x %q, p %v, names %q, %v", x, p, names, err)
	}
	_, err = GetAttr[int](ctx, n, "x")
	if !errors.Is(err, ErrWrongType) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, `attribute "x" of process.ManagedNamespace 0 is a string, and a int is of another type`)
	if err := n.DelAttr(ctx, "x"); err != nil {
		t.Error(err)
	}
	if _, err := GetAttr[string](ctx, n, "x"); !errors.Is(err, ErrNoKey) || !errors.Is(n.DelAttr(ctx, "x"), ErrNoKey) {
		t.Errorf("got %v", err)
	}
}

func TestUnderAManagedLockNoUpdateIsLost(t *testing.T) {
	m, ctx := start(t), t.Context()
	s := fill(t, m)
	s.Times = 100
	var children sync.WaitGroup
	for range 4 {
		children.Go(func() {
			if _, err := worker.Call(ctx, addOne, s); err != nil {
				t.Error(err)
			}
		})
	}
	children.Go(func() {
		if _, err := addOne(ctx, s); err != nil { // here, too
			t.Error(err)
		}
	})
	children.Wait()
	if n, err := s.Dict.Get(ctx, 0); n != 500 || err != nil {
		t.Errorf("the sum is %d, %v, want 500", n, err)
	}
}

func TestALockKnowsItsHolder(t *testing.T) {
	m, ctx := start(t), t.Context()
	s := fill(t, m)
	if err := s.Lock.Release(); !errors.Is(err, failure.ErrNotLocked) {
		t.Errorf("release before acquire: %v", err)
	}
	if ok, err := s.Lock.TryAcquire(ctx); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	said, err := worker.Call(ctx, letGo, s)
	if err != nil || !strings.HasPrefix(said, "false release of process.ManagedLock 4: held by another process") {
		t.Errorf("another process: %q, %v", said, err)
	}
	if _, err := s.Dict.Len(ctx); err != nil { // so that there is a connection, and no time-out falls into making one
		t.Error(err)
	}
	for _, d := range []time.Duration{time.Millisecond, 0, -1} {
		if err := s.Lock.AcquireTimeout(ctx, d); !errors.Is(err, failure.ErrTimeout) {
			t.Errorf("got %v", err)
		}
	}
	why := errors.New("enough")
	short, cancel := context.WithCancelCause(ctx)
	var waiter sync.WaitGroup
	waiter.Go(func() {
		if err := s.Lock.Acquire(short); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
	})
	kept := func() int {
		s.Lock.client.mu.Lock()
		defer s.Lock.client.mu.Unlock()
		return len(s.Lock.client.idle)
	}
	for kept() > 0 { // until the waiter has taken its connection: who never waits has none to give back
		time.Sleep(time.Millisecond)
	}
	cancel(why)
	waiter.Wait()
	if err := errors.Join(s.Lock.Release(), s.Lock.AcquireTimeout(ctx, time.Minute), s.Lock.Release(),
		s.Lock.AcquireTimeout(ctx, 0), s.Lock.Release(), s.Lock.AcquireTimeout(ctx, -1), s.Lock.Release()); err != nil {
		t.Error(err)
	}
	if n := kept(); n < 2 {
		t.Errorf("%d connections are kept, want those of both waiters", n)
	}
}

// Grants and ends of contexts meet in every way, and the lock is never lost.
func TestGivingUpLosesNoLock(t *testing.T) {
	m := start(t)
	s := fill(t, m)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for i := range 100 {
				err := s.Lock.AcquireTimeout(t.Context(), time.Duration(i%7)*20*time.Microsecond)
				switch {
				case err == nil:
					err = s.Lock.Release()
				case errors.Is(err, failure.ErrTimeout):
					err = nil
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	users.Wait()
	if err := errors.Join(s.Lock.AcquireTimeout(t.Context(), time.Minute), s.Lock.Release()); err != nil {
		t.Error(err)
	}
}

func TestTheLockOfAKilledProcessGoesToTheNextWhoIsTold(t *testing.T) {
	m, ctx := start(t), t.Context()
	s := fill(t, m)
	for range 5 {
		w, err := worker.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		var call sync.WaitGroup
		call.Go(func() {
			if _, err := worker.Do(context.Background(), w, clutch, s); !errors.Is(err, failure.ErrDied) {
				t.Errorf("got %v", err)
			}
		})
		for n, err := 0, error(nil); n == 0; n, err = s.List.Len(ctx) {
			if err != nil {
				t.Fatal(err)
			}
		}
		told := make(chan error, 2)
		for range 2 {
			call.Go(func() {
				told <- s.Lock.Acquire(ctx)
				s.Lock.Release()
			})
		}
		w.Kill()
		call.Wait()
		first, second := <-told, <-told
		if !errors.Is(first, failure.ErrOwnerDied) || second != nil {
			t.Errorf("the first was told %v, the second %v", first, second)
		}
		if err := s.List.Clear(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestAManagerThatIsGoneIsAnError(t *testing.T) {
	for name, end := range map[string]func(*Manager){
		"closed": func(m *Manager) { m.Close() },
		"killed": func(m *Manager) { proctest.Kill9(m.w.Pid()); <-m.w.Done() },
	} {
		m := start(t)
		s := fill(t, m)
		var waiter sync.WaitGroup
		if err := s.Lock.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		waiter.Go(func() {
			if err := s.Lock.Acquire(t.Context()); !errors.Is(err, ErrGone) {
				t.Errorf("%s: acquire: %v", name, err)
			}
		})
		end(m)
		waiter.Wait()
		err := s.Dict.Set(t.Context(), 1, 1)
		if !errors.Is(err, ErrGone) {
			t.Errorf("%s: set: %v", name, err)
		}
		proctest.Mentions(t, err, "set key 1 of process.ManagedDict[int,int] 0: the manager is gone")
		if err := s.Lock.Release(); !errors.Is(err, ErrGone) {
			t.Errorf("%s: release: %v", name, err)
		}
		_, err = NewLock(t.Context(), m)
		proctest.Mentions(t, err, "make a process.ManagedLock: the manager is gone")
	}
}

func TestTheEndOfAContextEndsARequest(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signal stops a process there")
	}
	m := start(t)
	s := fill(t, m)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	err := s.Dict.Set(ctx, 1, 1)
	if !errors.Is(err, why) || !errors.Is(s.Lock.Acquire(ctx), why) {
		t.Errorf("got %v", err)
	}
	if _, err := New(ctx); err != why {
		t.Errorf("NewManager: %v", err)
	}
	proctest.Stop(t, m.w.Pid())
	ctx, cancel = context.WithCancelCause(t.Context())
	var calls sync.WaitGroup
	calls.Go(func() {
		if err := s.Dict.Set(ctx, 1, 1); !errors.Is(err, why) {
			t.Errorf("set: %v", err)
		}
	})
	calls.Go(func() {
		if err := s.Lock.Acquire(ctx); !errors.Is(err, why) {
			t.Errorf("acquire: %v", err)
		}
	})
	cancel(why)
	calls.Wait()
	proctest.Kill9(m.w.Pid())
}

func TestStrangersAreNotServed(t *testing.T) {
	m := start(t)
	s := fill(t, m)
	network, where, _ := strings.Cut(m.client.address.where, " ")
	request := string(wire.NewFrame(nil)) + "n\x00" // the length of object 0
	for _, said := range []string{"", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", 48) + request} {
		conn, err := net.Dial(network, where)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, said)
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		if answer, _ := io.ReadAll(conn); len(answer) > 48 { // a challenge
			t.Errorf("%q was answered with %q", said, answer)
		}
		conn.Close()
	}
	// Neither does a client take an answer from a manager that does not know the secret.
	wrong := &client{address: address{m.client.address.where, strings.Repeat("x", wire.SecretSize)}}
	if _, err := wrong.do(t.Context(), doLen, 0); !errors.Is(err, ErrStranger) {
		t.Errorf("got %v", err)
	}
	if n, err := s.Dict.Len(t.Context()); n != 0 || err != nil {
		t.Errorf("it serves no more: %d, %v", n, err)
	}
}

func TestMisuseOfAProxyIsAnError(t *testing.T) {
	m, ctx := start(t), t.Context()
	s := fill(t, m)
	var nobody Dict[int, int]
	proctest.Mentions(t, nobody.Set(ctx, 1, 1), "set key 1: it belongs to no manager")
	proctest.Mentions(t, new(Lock).Acquire(ctx), "it belongs to no manager")
	_, err := nobody.GobEncode()
	proctest.Mentions(t, err, "cannot be sent")
	sent, err := s.Dict.GobEncode()
	if err != nil {
		t.Fatal(err)
	}
	err = new(Dict[string, int]).GobDecode(sent)
	if !errors.Is(err, ErrWrongType) {
		t.Errorf("got %v", err)
	}
	proctest.Mentions(t, err, "a process.ManagedDict[string,int] is of another type than the process.ManagedDict[int,int] that was sent")
	for n := range sent {
		if new(Dict[int, int]).GobDecode(sent[:n]) == nil {
			t.Errorf("%d bytes of a proxy were read", n)
		}
	}
	c, err := NewList[chan int](ctx, m)
	if err != nil || c.Append(ctx, nil) == nil {
		t.Errorf("a channel was sent: %v", err)
	}
	if _, err := s.Dict.client.do(ctx, doLen, 99); !errors.Is(err, errNoObject) {
		t.Errorf("got %v", err)
	}
	blobs, err := NewList[[]byte](ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := blobs.Append(ctx, make([]byte, wire.MaxFrame)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	for range 3 {
		if err := blobs.Append(ctx, make([]byte, wire.MaxFrame/3)); err != nil {
			t.Error(err)
		}
	}
	if _, err := blobs.Copy(ctx); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if n, err := blobs.Len(ctx); n != 3 || err != nil {
		t.Errorf("%d items, %v", n, err)
	}
}

// An errand is a request as a client makes it.
func request(t testing.TB, what byte, id byte, fields ...string) []byte {
	t.Helper()
	var whole bytes.Buffer
	if err := wire.WriteFrame(&whole, wire.AppendFields(append(wire.NewFrame(nil), what, id), fields...), wire.MaxFrame); err != nil {
		t.Fatal(err)
	}
	return whole.Bytes()
}

// stored is a connection on which all is said already, and answers are only kept.
func stored(t testing.TB, in io.Reader, out io.Writer) *duplex.Conn {
	t.Helper()
	way, err := duplex.New(duplex.Second, nil, in, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.Close)
	return way
}

// Whatever a client says, a manager neither panics nor hangs, and answers in frames that can be read.
func FuzzManager(f *testing.F) {
	f.Add(slices.Concat(request(f, doMake, 0, ofDict), request(f, doSet, 0, "k", "v", "l", "w"), request(f, doGet, 0, "k"), request(f, doDefault, 0, "k", "x"),
		request(f, doHas, 0, "k"), request(f, doLen, 0), request(f, doAll, 0), request(f, doDelete, 0, "k"), request(f, doClear, 0)))
	f.Add(slices.Concat(request(f, doMake, 0, ofList), request(f, doAppend, 0, "a", "b"), request(f, doInsert, 0, "-1", "c"), request(f, doSet, 0, "1", "d"),
		request(f, doGet, 0, "7"), request(f, doDelete, 0, "0"), request(f, doAll, 0)))
	f.Add(slices.Concat(request(f, doMake, 0, ofLock), request(f, doAcquire, 0), request(f, doRelease, 0), request(f, doTry, 0), request(f, doGiveUp, 0), request(f, doLen, 0)))
	f.Fuzz(func(t *testing.T, stream []byte) {
		k := new(keeper)
		k.objects = []*heldObject{{kind: ofLock, holder: &session{k: k}}}
		var out bytes.Buffer
		k.talk(stored(t, bytes.NewReader(stream), &out))
		for in := bufio.NewReader(&out); ; {
			answer, err := wire.ReadFrame(in, nil, wire.MaxFrame)
			if err == io.EOF {
				return
			} else if err == nil {
				_, _, err = cutAnswer(answer)
			}
			if err != nil {
				t.Fatalf("an answer that no client understands: %v", err)
			}
		}
	})
}

// Whatever a manager says, its client does not panic.
func FuzzManagerAnswers(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00"))
	f.Add([]byte("\x03\x00\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		l := link{way: stored(t, bytes.NewReader(stream), io.Discard)}
		code, fields, err := l.hear(t.Context())
		if err == nil {
			_ = errorOf(code)
			first[point](fields)
			countOf(fields)
		}
		new(Value[point]).GobDecode(stream)
	})
}

// BenchmarkManager is what one request costs, and a lock that nobody wants. BenchmarkRoundTrip has the limit: eight bytes
// there and back through bare pipes.
func BenchmarkManager(b *testing.B) {
	m, ctx := start(b), b.Context()
	s := fill(b, m)
	b.Run("set a key", func(b *testing.B) {
		for b.Loop() {
			if err := s.Dict.Set(ctx, 1, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("set a key, 64 at once", func(b *testing.B) {
		b.SetParallelism((64 + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := s.Dict.Set(ctx, 1, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("set a key, 8 processes at once", func(b *testing.B) {
		s.Times = b.N / 8
		var children sync.WaitGroup
		for range 8 {
			children.Go(func() {
				if _, err := worker.Call(ctx, setOften, s); err != nil {
					b.Error(err)
				}
			})
		}
		children.Wait()
	})
	b.Run("acquire and release", func(b *testing.B) {
		for b.Loop() {
			if err := errors.Join(s.Lock.Acquire(ctx), s.Lock.Release()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("start and end", func(b *testing.B) {
		for b.Loop() {
			m, err := New(ctx)
			if err != nil {
				b.Fatal(err)
			}
			if err := m.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
