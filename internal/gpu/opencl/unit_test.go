package opencl

import (
	"errors"
	"testing"
	"time"

	"cookbook/internal/gpu/driver"
)

func TestComplaintsOfCompilersAreRead(t *testing.T) {
	for _, c := range []struct {
		line, message string
		number        int
		ok            bool
	}{
		{"error: /tmp/pocl/tempfile_wF97uF.cl:2:10: use of undeclared identifier 'foo'", "use of undeclared identifier 'foo'", 2, true}, // PoCL
		{"input.cl:12:10: error: expected ';' after expression", "expected ';' after expression", 12, true},                             // Mesa, Oclgrind
		{"<kernel>:3:5: error: a: b: c", "a: b: c", 3, true},                                                                            // NVIDIA
		{"7:1:2: error: no", "no", 1, true},                                                                                             // Intel
		{"C:\\Temp\\x.cl:4:1: error: no", "no", 4, true},
		{"error: linking failed", "linking failed", 0, true},
		{"input.cl:1:1: warning: unused variable", "", 0, false},
		{"1 error generated.", "", 0, false},
		{"", "", 0, false},
		{"error: ", "", 0, false},
	} {
		number, message, ok := complaint(c.line)
		if number != c.number || ok != c.ok || ok && message != c.message {
			t.Errorf("%q: line %d, %q, %v", c.line, number, message, ok)
		}
	}
}

func FuzzComplaint(f *testing.F) {
	f.Add("error: /tmp/a.cl:2:10: x")
	f.Add("input.cl:12:10: error: x")
	f.Fuzz(func(t *testing.T, line string) { complaint(line) })
}

func TestCodesHaveNamesAndKinds(t *testing.T) {
	d := &device{info: driver.Info{Name: "device"}}
	for c, want := range map[code]error{
		-4: driver.ErrMemory, -6: driver.ErrMemory, -61: driver.ErrMemory, -54: driver.ErrShape, -63: driver.ErrShape, -5: driver.ErrLost, -36: driver.ErrLost,
		-14: driver.ErrLost, -9999: driver.ErrLost, -12345: driver.ErrLost, -51: driver.ErrArgument, -30: driver.ErrArgument, -11: driver.ErrBuild, -59: driver.ErrUnsupported,
	} {
		if err := d.failure(c, "trying"); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if err := d.failure(success, "trying"); err != nil {
		t.Error(err)
	}
	for c, want := range map[code]string{-1: "CL_DEVICE_NOT_FOUND (-1)", -19: "CL_KERNEL_ARG_INFO_NOT_AVAILABLE (-19)", -20: "code -20", -30: "CL_INVALID_VALUE (-30)",
		-63: "CL_INVALID_GLOBAL_WORK_SIZE (-63)", -72: "CL_MAX_SIZE_RESTRICTION_EXCEEDED (-72)", -73: "code -73", 4097: "code 4097", -1 << 31: "code -2147483648"} {
		if got := c.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestTimesAreBelievedThatMoveWithTheHosts(t *testing.T) {
	at := func(queued, start, end time.Duration) driver.Times {
		return driver.Times{Queued: queued, Start: start, End: end}
	}
	const ms = time.Millisecond
	for _, c := range []struct {
		what        string
		first, last driver.Times
		want        bool
	}{
		{"the same clock", at(0, 0, ms), at(10*ms, 10*ms, 11*ms), true},
		{"another begin", at(1e6*ms, 1e6*ms, 1e6*ms+ms), at(1e6*ms+10*ms, 1e6*ms+10*ms, 1e6*ms+11*ms), true},
		{"counters", at(0, 2, 3), at(0, 2, 3), false},
		{"half the speed", at(0, 0, ms), at(5*ms, 5*ms, 6*ms), false},
		{"microseconds for nanoseconds", at(0, 0, 1e3), at(1e4, 1e4, 1e4+1e3), false},
		{"ten times the speed", at(0, 0, 10*ms), at(100*ms, 100*ms, 110*ms), false},
		{"an end before the start", at(0, 0, ms), at(10*ms, 12*ms, 11*ms), false},
	} {
		if got := credible(c.first, c.last, 9*ms, 12*ms); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}
