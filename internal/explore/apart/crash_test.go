package apart

import "testing"

func TestThePanicOfAProgramIsCutOutOfWhatItSaid(t *testing.T) {
	for said, want := range map[string][2]string{
		"panic: oops\n\ngoroutine 7 [running]:\ncookbook/recipes/ch2.f(...)\n\t/f.go:1\ncreated by sync.(*WaitGroup).Go in goroutine 1\n\t/wg.go:2\n":                                                                                       {"oops", "cookbook/recipes/ch2.f(...)\n\t/f.go:1"},
		"WARNING: x\nfatal error: sync: unlock of unlocked mutex\n\ngoroutine 7 [running]:\ninternal/sync.fatal({0x1})\n\t/p.go:1\nsync.(*Mutex).Unlock(...)\n\t/m.go:1\nmain.g()\n\t/g.go:2\n\ngoroutine 1 [chan receive]:\nmain.main()\n": {"sync: unlock of unlocked mutex", "main.g()\n\t/g.go:2"},
		"panic: runtime error: nil\n[signal SIGSEGV: x]\n\ngoroutine 7 [running]:\nmain.g()\n\t/g.go:2\n":                                                                                                                                   {"runtime error: nil", "main.g()\n\t/g.go:2"},
		"panic: ": {"", ""},
		"killed":  {"", ""},
	} {
		message, stack := (&crash{said: said}).panicked()
		if message != want[0] || stack != want[1] {
			t.Errorf("%q: %q, %q", said, message, stack)
		}
	}
}
