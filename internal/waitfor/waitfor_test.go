package waitfor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestString(t *testing.T) {
	for want, w := range map[string]Wait{
		"Thread-A waits for lock 2, held by Thread-B":                     {Who: "Thread-A", For: "lock 2", HeldBy: []string{"Thread-B"}},
		"Thread-A waits for event":                                        {Who: "Thread-A", For: "event"},
		"main waits for Thread-A":                                         {Who: "main", For: "Thread-A", HeldBy: []string{"Thread-A"}},
		"Thread-A waits for lock 1, held by itself":                       {Who: "Thread-A", For: "lock 1", HeldBy: []string{"Thread-A"}},
		"Thread-A waits for s, held by B and C":                           {Who: "Thread-A", For: "s", HeldBy: []string{"B", "C"}},
		"Thread-A waits for s, held by B, C and D":                        {Who: "Thread-A", For: "s", HeldBy: []string{"B", "C", "D"}},
		"Thread-A waits for lock 2, held by Thread-B (with a time-out)":   {Who: "Thread-A", For: "lock 2", HeldBy: []string{"Thread-B"}, Bounded: true},
		"rank 0 waits for a message (with a time-out)":                    {Who: "rank 0", For: "a message", Bounded: true},
		"process 3 waits for process 2 (with a time-out)":                 {Who: "process 3", For: "process 2", HeldBy: []string{"process 2"}, Bounded: true},
		"Thread-A waits for lock 1, held by a goroutine without a thread": {Who: "Thread-A", For: "lock 1", HeldBy: []string{"a goroutine without a thread"}},
	} {
		if got := w.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// parse reads "A:x=B,C" (A waits for x, held by B and C), "A:x" (held by
// nobody), "A:x=B~" (with a time-out).
func parse(t *testing.T, s string) (waits []Wait) {
	t.Helper()
	for _, f := range strings.Fields(s) {
		f, bounded := strings.CutSuffix(f, "~")
		who, rest, found := strings.Cut(f, ":")
		if !found {
			t.Fatalf("no wait: %q", f)
		}
		what, holders, held := strings.Cut(rest, "=")
		w := Wait{Who: who, For: what, Bounded: bounded}
		if held {
			w.HeldBy = strings.Split(holders, ",")
		}
		waits = append(waits, w)
	}
	return waits
}

func TestCycle(t *testing.T) {
	for _, c := range []struct{ name, waits, want string }{
		{"nobody waits", "", ""},
		{"one waits for one who runs", "A:x=B", ""},
		{"two wait for each other", "A:x=B B:y=A", "A B"},
		{"one waits for itself", "A:x=A", "A"},
		{"three in a ring", "A:x=B B:y=C C:z=A", "A B C"},
		{"the ring starts where the list does", "main:A=A B:y=A A:x=B", "B A"},
		{"a chain ends with one who runs", "A:x=B B:y=C", ""},
		{"a time-out ends it", "A:x=B B:y=A~", ""},
		{"what nobody holds anyone can end", "A:x=B B:y", ""},
		{"one holder who runs will do", "A:x=B,C B:y=A", ""},
		{"all holders are stuck", "A:x=B,C B:y=A C:z=A", "A B"},
		{"those who wait for the ring are not in it", "main:A=A A:x=B B:y=A", "A B"},
		{"holders of whom one has a time-out", "A:x=B,C B:y=A C:z=A~", ""},
		{"two of one name, of whom one can go on", "A:x=B A:event B:y=A", ""},
		{"two of one name, both stuck", "A:x=B A:z=B B:y=A", "A B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var who []string
			for _, w := range Cycle(parse(t, c.waits)) {
				who = append(who, w.Who)
			}
			if got := strings.Join(who, " "); got != c.want {
				t.Errorf("cycle %q, want %q", got, c.want)
			}
		})
	}
}

func TestReport(t *testing.T) {
	for _, c := range []struct {
		name, waits string
		want        []string
	}{
		{"nobody waits", "", nil},
		{"no deadlock", "A:x=B B:y", []string{"A waits for x, held by B", "B waits for y"}},
		{"a deadlock comes first", "main:A=A A:x=B B:y=A C:y=A~", []string{
			"A holds y, waits for x (held by B)",
			"B holds x, waits for y (held by A)",
			"main waits for A",
			"C waits for y, held by A (with a time-out)",
		}},
		{"everything held that is waited for", "A:x=B B:y=A C:z=A", []string{
			"A holds y and z, waits for x (held by B)",
			"B holds x, waits for y (held by A)",
			"C waits for z, held by A",
		}},
		{"a lock taken twice", "A:x=A", []string{"A holds x, waits for x (held by itself)"}},
		{"parties that wait for each other's end", "A:B=B B:A=A", []string{"A waits for B", "B waits for A"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Report(parse(t, c.waits)); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func ExampleDeadlockError() {
	err := &DeadlockError{Cycle: Cycle([]Wait{
		{Who: "main", For: "Thread-A", HeldBy: []string{"Thread-A"}},
		{Who: "Thread-A", For: "lock 2", HeldBy: []string{"Thread-B"}},
		{Who: "Thread-B", For: "lock 1", HeldBy: []string{"Thread-A"}},
	})}
	fmt.Println(err)
	fmt.Println(errors.Is(err, ErrDeadlock))
	// Output:
	// deadlock: Thread-A holds lock 1, waits for lock 2, held by Thread-B; Thread-B holds lock 2, waits for lock 1, held by Thread-A
	// true
}

func ExampleReport() {
	for _, line := range Report([]Wait{
		{Who: "main", For: "Thread-A", HeldBy: []string{"Thread-A"}},
		{Who: "Thread-A", For: "lock 2", HeldBy: []string{"Thread-B"}},
		{Who: "Thread-B", For: "lock 1", HeldBy: []string{"Thread-A"}},
	}) {
		fmt.Println(line)
	}
	// Output:
	// Thread-A holds lock 1, waits for lock 2 (held by Thread-B)
	// Thread-B holds lock 2, waits for lock 1 (held by Thread-A)
	// main waits for Thread-A
}

func ExampleBoard() {
	ctx, board := NewContext(context.Background())
	remove := FromContext(ctx).Register(func() []Wait {
		return []Wait{{Who: "rank 1", For: "a message from rank 0", HeldBy: []string{"rank 0"}}}
	})
	fmt.Println(board.Waits())
	remove()
	fmt.Println(board.Waits())
	// Output:
	// [rank 1 waits for a message from rank 0, held by rank 0]
	// []
}

func TestBoard(t *testing.T) {
	source := func(who string) func() []Wait { return func() []Wait { return []Wait{{Who: who, For: "x"}} } }
	t.Run("asks its sources in the order in which they came", func(t *testing.T) {
		_, b := NewContext(t.Context())
		removeA := b.Register(source("A"))
		b.Register(source("B"))
		removeA()
		removeA()
		b.Register(source("C"))
		if got := fmt.Sprint(b.Waits()); got != "[B waits for x C waits for x]" {
			t.Error(got)
		}
	})
	t.Run("a source may use the board", func(t *testing.T) {
		_, b := NewContext(t.Context())
		var remove func()
		remove = b.Register(func() []Wait { remove(); b.Register(source("B")); return nil })
		b.Waits()
		if got := fmt.Sprint(b.Waits()); got != "[B waits for x]" {
			t.Error(got)
		}
	})
	t.Run("a context without a board has none, which takes all and knows nothing", func(t *testing.T) {
		b := FromContext(t.Context())
		b.Register(source("A"))()
		if b != nil || b.Waits() != nil {
			t.Error(b)
		}
	})
	t.Run("is safe for concurrent use", func(t *testing.T) {
		_, b := NewContext(t.Context())
		done := make(chan bool)
		for range 4 {
			go func() {
				for range 200 {
					remove := b.Register(source("A"))
					Cycle(b.Waits())
					remove()
				}
				done <- true
			}()
		}
		for range 4 {
			<-done
		}
		if n := len(b.Waits()); n != 0 {
			t.Errorf("%d waits left", n)
		}
	})
}

// FuzzCycle holds Cycle against the definition: a party can go on if it waits
// for nothing, in bounded time, for nobody in particular, or for somebody who
// can go on after at most as many steps as there are parties.
func FuzzCycle(f *testing.F) {
	f.Add([]byte{0, 1, 0, 1, 2, 0, 2, 0, 4})
	f.Add([]byte{0, 2, 0, 1, 1, 0, 3, 8, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		const parties = 6
		var waits []Wait
		for ; len(data) >= 3 && len(waits) < 2*parties; data = data[3:] {
			w := Wait{Who: string('A' + rune(data[0]%parties)), For: string('x' + rune(data[2]%3)), Bounded: data[2]&64 != 0}
			for p := range rune(parties) {
				if data[1]&(1<<p) != 0 {
					w.HeldBy = append(w.HeldBy, string('A'+p))
				}
			}
			waits = append(waits, w)
		}
		var goesOn func(who string, steps int) bool
		ends := func(w Wait, steps int) bool {
			return w.Bounded || len(w.HeldBy) == 0 ||
				steps > 0 && slices.ContainsFunc(w.HeldBy, func(h string) bool { return goesOn(h, steps-1) })
		}
		goesOn = func(who string, steps int) bool {
			idle := true
			for _, w := range waits {
				if w.Who == who {
					if ends(w, steps) {
						return true
					}
					idle = false
				}
			}
			return idle
		}
		deadlock := slices.ContainsFunc(waits, func(w Wait) bool { return !ends(w, parties) })
		cycle := Cycle(waits)
		if (cycle != nil) != deadlock {
			t.Fatalf("cycle %v, deadlock %v in %v", cycle, deadlock, waits)
		}
		for i, w := range cycle {
			if next := cycle[(i+1)%len(cycle)].Who; ends(w, parties) || !slices.Contains(w.HeldBy, next) {
				t.Errorf("%v is not stuck behind %s in %v", w, next, cycle)
			}
		}
		err := (&DeadlockError{cycle}).Error()
		for _, line := range Report(waits) {
			if strings.Contains(line, "\n") || strings.Contains(err, "\n") {
				t.Errorf("a line in several: %q, %q", line, err)
			}
		}
	})
}
