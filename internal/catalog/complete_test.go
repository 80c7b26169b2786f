package catalog

import "testing"

func TestCompletionOffersEachNameOnceInTheOrderOfTheBook(t *testing.T) {
	for start, want := range map[string]string{
		"ch2.":  "ch2.lock=A lock ch2.deadlock=A deadlock ch2.rlock=An owned lock ch2.queue=A queue",
		"CH2.l": "ch2.lock=A lock",
		"2.":    "2.6=ch2.lock, ch2.deadlock 2.7=ch2.rlock: An owned lock 2.12=ch2.queue: A queue",
		"§2.1":  "§2.12=ch2.queue: A queue",
		"2.6":   "ch2.lock=A lock ch2.deadlock=A deadlock",
		"2.7":   "2.7=ch2.rlock: An owned lock",
		"lock":  "ch2.lock=A lock",
		"queue": "ch2.queue=A queue ch3.queue=A queue",
		"rl":    "ch2.rlock=An owned lock",
		"ck":    "ch2.lock=A lock ch2.deadlock=A deadlock ch2.rlock=An owned lock",
		"zebra": "",
	} {
		got := ""
		for i, c := range small().Complete(start) {
			if i > 0 {
				got += " "
			}
			got += c.Name + "=" + c.About
		}
		if got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", start, got, want)
		}
	}
	if n := len(small().Complete("")); n != 6 {
		t.Errorf("nothing typed: %d of 6 recipes", n)
	}
}
