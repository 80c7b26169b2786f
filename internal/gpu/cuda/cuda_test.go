package cuda

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// need skips a test where something is missing, or fails where COOKBOOK_TEST_REQUIRE names it.
func need(t testing.TB, what, reason string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), what) {
		t.Fatalf("COOKBOOK_TEST_REQUIRE names %s, but %s", what, reason)
	}
	t.Skip(reason)
}

func TestFirstErrorOfALog(t *testing.T) {
	for _, c := range []struct {
		log  string
		want complaint
	}{
		{"", complaint{message: "otherwise"}},
		{"k.cu(3): error: identifier \"a\" is undefined\n\n1 error detected in the compilation of \"k.cu\".", complaint{3, "identifier \"a\" is undefined"}},
		{"k.cu(2): warning #177-D: variable \"error: x\" was never referenced\n\nk.cu(12): error: expected a \";\"", complaint{12, "expected a \";\""}},
		{"k.cu(1): catastrophic error: could not open source file \"a.h\"", complaint{1, "could not open source file \"a.h\""}},
		{"k.cu(7): error #20: identifier \"b\" is undefined", complaint{7, "identifier \"b\" is undefined"}},
		{"nvrtc: error: failed to open libnvrtc-builtins.so.11.8.", complaint{0, "failed to open libnvrtc-builtins.so.11.8."}},
		{"ptxas error   : Entry function 'k_f' uses too much shared data", complaint{0, "Entry function 'k_f' uses too much shared data"}},
		{"ptxas fatal   : Ptx assembly aborted due to errors", complaint{0, "Ptx assembly aborted due to errors"}},
	} {
		if got := firstError(c.log, "otherwise"); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.log, got, c.want)
		}
	}
}

func TestLibrariesOfTheDriversOwnVersionComeFirst(t *testing.T) {
	for _, variable := range []string{"COOKBOOK_NVRTC", "CUDA_PATH"} {
		t.Setenv(variable, "")
	}
	t.Setenv("CUDA_HOME", "")
	for _, c := range []struct {
		driver int
		want   string
	}{
		{0, "libnvrtc.so.13 libnvrtc.so.12 libnvrtc.so.11.2 libnvrtc.so"},
		{14, "libnvrtc.so.13 libnvrtc.so.12 libnvrtc.so.11.2 libnvrtc.so"},
		{12, "libnvrtc.so.12 libnvrtc.so.11.2 libnvrtc.so.13 libnvrtc.so"},
		{11, "libnvrtc.so.11.2 libnvrtc.so.12 libnvrtc.so.13 libnvrtc.so"},
	} {
		if got := strings.Join(libnvrtc().names(c.driver), " "); got != c.want {
			t.Errorf("driver for CUDA %d: %s, want %s", c.driver, got, c.want)
		}
	}
	if got := strings.Join(libcurand().names(12), " "); got != "libcurand.so.10 libcurand.so" {
		t.Errorf("cuRAND: %s", got)
	}
	t.Setenv("CUDA_HOME", "/toolkit")
	if got := libcublas().names(12)[0]; got != "/toolkit/lib64/libcublas.so.12" {
		t.Errorf("in CUDA_HOME: %s", got)
	}
}

func TestArchitectureForADevice(t *testing.T) {
	n := &nvrtc{archs: []int{75, 80, 90, 100, 120}}
	for _, c := range []struct {
		device version
		want   string
	}{{version{9, 0}, "sm_90"}, {version{8, 6}, "compute_80"}, {version{10, 0}, "sm_100"}, {version{13, 5}, "compute_120"}, {version{7, 0}, ""}} {
		got, err := n.archFor(c.device)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("device %v: %q, %v, want %q", c.device, got, err, c.want)
		}
	}
}
