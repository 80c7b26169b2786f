package catalog

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestBeginningsOfWords(t *testing.T) {
	for _, tt := range []struct {
		text, term string
		want       bool
	}{
		{"threading.Event()", "event", true}, {"on_event", "event", true}, {"AddEvent", "event", true}, {"prevent", "event", false},
		{"NewLIFOQueue", "queue", true}, {"NewLIFOQueue", "lifo", true}, {"NewLIFOQueue", "ueue", false}, {"NewLIFOQueue", "foqueue", false},
		{"a += 1", "+=", true}, {"f(x)", "(x", true}, {"with lock:", "with lock", true}, {"é", "é", true}, {"clé", "é", false},
		{"x", "xy", false}, {"\xff event", "event", true}, {"\xff", "x", false}, {"x", "", true},
	} {
		if got := Holds(tt.text, tt.term); got != tt.want {
			t.Errorf("%q in %q: got %v", tt.term, tt.text, got)
		}
	}
}

func TestSearchFindsWhatAReaderTypes(t *testing.T) {
	files := fstest.MapFS{
		"lock.md":     {Data: []byte("# A lock\n\nIt prevents a data race. Python blocks.\n\nIt takes 1.5 times as long.\n")},
		"deadlock.md": {Data: []byte("# A deadlock\n\nWait with a time-out, or in a thread\npool.\n")},
		"rlock.md":    {Data: []byte("# An owned lock\n\nSee `threading.Timer` and ThreadPoolExecutor.\n")},
		"queue.md":    {Data: []byte("# A queue\n\nA lock is inside.\n")},
	}
	c := small()
	c.Chapters[0].Files = files
	for _, tt := range []struct {
		terms []string
		want  []string
		where string // of the first
	}{
		{[]string{"race"}, []string{"ch2.lock"}, "It prevents a data race. Python blocks. It takes 1.5 times as long."},
		{[]string{"lock"}, []string{"ch2.lock", "ch2.rlock", "ch2.queue"}, ""}, // the id, the title, the text; not b-lock-s, dead-lock
		{[]string{"timer"}, []string{"ch2.rlock"}, "lock See `threading.Timer` and ThreadPoolExecutor."},
		{[]string{"Executor"}, []string{"ch2.rlock"}, "and ThreadPoolExecutor."},
		{[]string{"thread pool"}, []string{"ch2.deadlock"}, "a time-out, or in a thread pool."},
		{[]string{"timeout"}, []string{"ch2.deadlock"}, "A deadlock Wait with a time-out, or in a thread pool."},
		{[]string{"死锁"}, []string{"ch2.deadlock"}, ""},
		{[]string{"race", "queue"}, nil, ""},
		{[]string{"py.ch2.queue"}, []string{"ch2.queue"}, ""},
		{[]string{"chapter", "3"}, []string{"ch3.queue", "ch3.joinable-queue"}, ""},
		{[]string{"ch5"}, nil, ""},
		{[]string{"ch2.queue"}, []string{"ch2.queue"}, ""},
		{[]string{"1.5"}, nil, ""}, // in the text of lock
		{[]string{"2.7"}, []string{"ch2.rlock"}, ""},
		{nil, []string{"ch2.lock", "ch2.deadlock", "ch2.rlock", "ch2.queue", "ch3.queue", "ch3.joinable-queue"}, ""},
	} {
		found := c.Search(tt.terms)
		var got []string
		for _, h := range found {
			got = append(got, h.ID)
		}
		if !slices.Equal(got, tt.want) || len(found) > 0 && found[0].Where != tt.where {
			t.Errorf("%q: got %q, %+v; want %q, %q", tt.terms, got, found, tt.want, tt.where)
		}
	}
}
