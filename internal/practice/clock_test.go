package practice

import "testing"

func TestAWaitForTheClockIsFound(t *testing.T) {
	for code, want := range map[string]string{
		"time.Sleep(time.Second)":                    "exercise.go:4:7: time.Sleep",
		"<-time.After(time.Second)":                  "exercise.go:4:9: time.After",
		"time.NewTimer(1)":                           "exercise.go:4:7: time.NewTimer",
		"ctx, stop := context.WithTimeout(ctx, 1)":   "exercise.go:4:23: context.WithTimeout",
		"err := event.WaitTimeout(t, time.Second)":   "exercise.go:4:15: event.WaitTimeout",
		"err := first.lock.AcquireTimeout(t, 1)":     "exercise.go:4:20: AcquireTimeout",
		"_, err := async.WaitFor(main, saved, 1)":    "exercise.go:4:18: async.WaitFor",
		"out.Sleep(t, time.Second); time.Sleep(1)":   "exercise.go:4:34: time.Sleep",
		"out.Sleep(t, 5*time.Second)":                "",
		"main.Sleep(0)":                              "",
		"event.Wait(t)":                              "",
		"second.lock.TryAcquire(t)":                  "",
		"_ = errors.Is(err, threading.ErrTimeout)":   "",
		"// time.Sleep would not help":               "",
		"out.Printf(\"time.Sleep\")":                 "",
		"this is no Go, and the compiler says so: (": "",
	} {
		source := "package main\n\nfunc run() {\n\t" + code + "\n}\n"
		if got := Clocked(Given, []byte(source)); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

func TestNoProgramOfAnExerciseNeedsTheClock(t *testing.T) {
	each(t, func(t *testing.T, x *Exercise) {
		for name, text := range x.Files {
			if where := Clocked(name, []byte(text)); where != "" {
				t.Error(where) // it would be refused for that, and not for its fault
			}
		}
	})
}
