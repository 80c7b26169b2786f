package probe

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/gpu"
	"cookbook/internal/gpu/dl"
	"cookbook/internal/process/worker"
)

func TestMain(m *testing.M) {
	worker.Main(nil)
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

func TestEachBackendHasADeviceOrAReason(t *testing.T) {
	found, missing, err := Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || found[0].Backend != "cpu" || found[0].Name == "" {
		t.Errorf("the first device is not the cpu: %+v", found)
	}
	heard := map[string]bool{}
	for _, d := range found {
		heard[d.Backend] = true
	}
	for _, m := range missing {
		if heard[m.Backend] = true; m.Reason == "" {
			t.Errorf("%s has no device and no reason", m.Backend)
		}
	}
	if len(heard) != 3 {
		t.Errorf("heard of %v", heard)
	}
}

func TestACallThatHasEndedAsksNobody(t *testing.T) {
	why := errors.New("told to end")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, _, err := Devices(ctx); !errors.Is(err, why) {
		t.Errorf("Devices: %v", err)
	}
	for _, spec := range []string{"cpu", "auto", "opencl"} {
		if _, err := Open(ctx, spec); !errors.Is(err, why) {
			t.Errorf("Open %s: %v", spec, err)
		}
	}
}

func TestOpenSaysWhichDeviceItIs(t *testing.T) {
	info, err := Open(t.Context(), "cpu")
	if err != nil || info.Spec() != "cpu" {
		t.Errorf("%+v, %v", info, err)
	}
	for _, spec := range []string{"opencl:999", "cuda:999"} {
		if _, err := Open(t.Context(), spec); !errors.Is(err, gpu.ErrNoDevice) {
			t.Errorf("%s: %v, want ErrNoDevice", spec, err)
		}
	}
	if _, err := Open(t.Context(), "gpu"); !errors.Is(err, gpu.ErrArgument) && !strings.Contains(err.Error(), "auto, cpu, opencl") {
		t.Errorf("gpu: %v", err)
	}
}

// broken puts a library in the place of OpenCL's whose constructor has the given body in C.
func broken(t *testing.T, body string) {
	t.Helper()
	if _, err := dl.Open(dl.Self); errors.Is(err, dl.ErrNone) {
		t.Skip(err)
	}
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler")
	}
	folder := t.TempDir()
	source := filepath.Join(folder, "driver.c")
	text := "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) static void load(void) { " + body + " }\n"
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), cc, "-shared", "-fPIC", "-o", filepath.Join(folder, "libOpenCL.so.1"), source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	t.Setenv("LD_LIBRARY_PATH", folder)
}

func TestABrokenDriverIsAnAnswer(t *testing.T) {
	const ended = "its drivers ended the process that asked them: "
	for body, want := range map[string]string{
		`fputs("the card is on fire\n", stderr); abort();`: ended + "the card is on fire",
		`*(volatile int *)8 = 1;`:                          ended + "SIGSEGV",
		`_exit(7);`:                                        ended + "exit status 7",
		`_exit(0);`:                                        ended + "exit status 0",
		`printf("cookbook answers: {}\nnoise"); fflush(stdout); fputs("more", stderr);`: "", // what the back end says of it
	} {
		t.Run(body, func(t *testing.T) {
			broken(t, body)
			devices, missing, err := DevicesOf(t.Context(), "opencl")
			if err != nil || len(devices) > 0 || missing == nil || !strings.HasPrefix(missing.Reason, want) || missing.Advice == "" ||
				strings.Contains(missing.Reason, ended) != (want != "") {
				t.Errorf("%+v, %+v, %v", devices, missing, err)
			}
			if _, err := Open(t.Context(), "opencl"); !errors.Is(err, gpu.ErrNoDevice) || !strings.Contains(err.Error(), want) {
				t.Errorf("Open: %v", err)
			}
			if info, err := Open(t.Context(), "auto"); err != nil || info.Backend == "opencl" {
				t.Errorf("auto: %+v, %v", info, err)
			}
			if found, _, err := Devices(t.Context()); err != nil || len(found) == 0 {
				t.Errorf("nothing is left: %+v, %v", found, err)
			}
		})
	}
}

func TestADriverThatNeverAnswersIsGivenUp(t *testing.T) {
	broken(t, "for (;;) pause();")
	_, err := ask(t.Context(), 300*time.Millisecond, askDevices, "opencl")
	if err == nil || err.Error() != "its drivers gave no answer within 300ms" {
		t.Error(err)
	}
	why := errors.New("told to end")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, why)
	defer cancel()
	if _, _, err := DevicesOf(ctx, "opencl"); !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestADriverMayWriteMuch(t *testing.T) {
	for _, end := range []bool{false, true} {
		s := &said{end: end}
		text := strings.Repeat("a", 1<<20) + strings.Repeat("b", 3<<20+5) + strings.Repeat("c", 1<<20)
		if n, err := io.Copy(s, strings.NewReader(text)); err != nil || n != int64(len(text)) {
			t.Errorf("%d bytes, %v, want %d", n, err, len(text))
		}
		kept := s.String()
		if len(kept) < 1<<20 || len(kept) > 2<<20 || end && !strings.HasSuffix(text, kept) || !end && !strings.HasPrefix(text, kept) {
			t.Errorf("end %v: %d bytes are kept, %.1s…", end, len(kept), kept)
		}
	}
	broken(t, `for (int i = 0; i < 40000; i++) puts("a line of fifty bytes or so, which nobody has asked for"); fflush(stdout);`)
	a, err := ask(t.Context(), listPatience, askDevices, "opencl")
	if err != nil || a.Missing == nil {
		t.Errorf("%+v, %v", a, err)
	}
}
