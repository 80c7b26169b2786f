package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/machine/machinetest"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// computed is a catalog of recipes of which two compute on devices.
func computed() *catalog.Catalog {
	files := fstest.MapFS{}
	six := &catalog.Chapter{Number: 6, Title: "Devices", Files: files}
	two := &catalog.Chapter{Number: 2, Title: "Threads", Files: files}
	add := func(ch *catalog.Chapter, stem string, device bool) {
		files[stem+catalog.Promise] = &fstest.MapFile{Data: []byte("= main  computed on {:word}\n")}
		files[stem+catalog.Explanation] = &fstest.MapFile{Data: []byte("# " + stem)}
		files[stem+catalog.Source] = &fstest.MapFile{Data: []byte("package ch")}
		files[stem+catalog.Twin] = &fstest.MapFile{Data: []byte("pass")}
		ch.Recipes = append(ch.Recipes, &catalog.Recipe{
			ID: fmt.Sprintf("ch%d.%s", ch.Number, stem), Section: fmt.Sprintf("%d.%d", ch.Number, len(ch.Recipes)+1),
			Title: "The " + stem + " one", Python: "py", Go: "go", Device: device,
			New: func(f *pflag.FlagSet) catalog.Run {
				double := f.Bool("float64", false, "compute with float64")
				return func(ctx context.Context, out *transcript.Log) error {
					device, err := gpu.Open(ctx)
					if err != nil {
						return err
					}
					defer device.Close()
					if *double || stem == "precise" && ctx.Value(imprecise{}) != nil {
						return fmt.Errorf("float64: %w", gpu.ErrUnsupported)
					}
					out.Printf("computed on %s", device.Info().Spec())
					return nil
				}
			},
		})
	}
	add(two, "lock", false)
	add(six, "devices", false)
	add(six, "double", true)
	add(six, "precise", true)
	return &catalog.Catalog{Chapters: []*catalog.Chapter{two, six}}
}

// imprecise is the key of a context in which there is no float64.
type imprecise struct{}

// onDevices runs a command line on that catalog. The only devices are the cpu and opencl:0, which is the cpu again; asked counts how
// often somebody looked for one.
func onDevices(env map[string]string, exe string, args ...string) (code int, stdout, stderr string, asked int) {
	var out, diagnostics bytes.Buffer
	a := &app{catalog: computed(), Streams: Streams{
		In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: 100, Exe: exe,
		Env: func(name string) (string, bool) { value, set := env[name]; return value, set },
	}}
	a.mpirun = func([]string, string) mpi.Engine { return rankless{} }
	a.device = func(_ context.Context, spec string) (gpu.Info, error) {
		asked++
		switch spec {
		case "cpu", "auto", "opencl", "opencl:0":
			return gpu.Info{Backend: "cpu"}, nil
		}
		return gpu.Info{}, fmt.Errorf("device %q: %w: the card is on fire", spec, gpu.ErrNoDevice)
	}
	code = a.main(args)
	return code, out.String(), diagnostics.String(), asked
}

func TestDevicesAreForRecipesThatComputeOnThem(t *testing.T) {
	const nameless = "no device of that name; there are: auto, cpu, opencl, cuda, opencl:N, cuda:N; see: cookbook run ch6.devices"
	for _, tt := range []struct {
		args   string
		env    string // COOKBOOK_REQUIRE
		code   int
		stdout string // a part of it
		stderr string // a part of it; "" means none at all
		asked  int
	}{
		{"run double --plain", "", exitOK, "computed on cpu\n", "", 0},
		{"run double --plain --device cpu", "", exitOK, "computed on cpu\n", "", 0},
		{"run --device cpu double", "", exitOK, "py → go, on cpu\n", "", 0},
		{"run double", "", exitOK, "py → go\n", "", 0},
		{"run double --device cuda:999", "", exitMissing, "", "cookbook: ch6.double needs cuda: ", 0},
		{"run double --device opencl:999", "", exitMissing, "", "; see: cookbook doctor\n", 0},
		{"run double --float64", "", exitMissing, "", "cookbook: float64: the device cannot do this\n", 0},
		{"run double --device gpu", "", exitUsage, "", "--device gpu: " + nameless, 0},
		{"run double --device=", "", exitUsage, "", `--device "": ` + nameless, 0},
		{"run double --device opencl:x", "", exitUsage, "", "--device opencl:x: " + nameless, 0},
		{"run double --device cpu:0", "", exitUsage, "", "--device cpu:0: " + nameless, 0},
		{"run double --device", "", exitUsage, "", "flag needs an argument: --device name; see: cookbook run ch6.double --help", 0},
		{"run lock --device cpu", "", exitUsage, "", "ch2.lock computes on no device, so it takes no --device; those that do: cookbook list device", 0},
		{"run --device cpu lock", "", exitUsage, "", "ch2.lock computes on no device", 0},
		{"run double --engine mpi", "", exitUsage, "", "ch6.double has no engine, so it takes no --engine", 0},

		{"verify ch6", "", exitOK, "ch6.devices\tok", "3 recipes: 3 ok", 0},
		{"verify ch6 --device opencl", "", exitOK, "ch6.double\tok", "2 recipes: 2 ok, 0 failed, 0 skipped", 1},
		{"verify ch6 --device opencl", "", exitOK, "", "left out, because --device opencl is not for them: ch6.devices", 1},
		{"verify --device auto", "cuda", exitOK, "ch6.precise\tok", "2 recipes: 2 ok", 1},
		{"verify --device cuda", "", exitOK, "ch6.double\tskipped\t0\t0\t", "2 recipes: 0 ok, 0 failed, 2 skipped", 1},
		{"verify double --device cuda:1", "", exitOK, "device \"cuda:1\": no such device: the card is on fire", "1 skipped", 1},
		{"verify ch6 --device cuda --require cuda", "", exitFailed, "ch6.double\tFAILED", "2 failed", 1},
		{"verify ch6 --device cuda", "opencl,cuda", exitFailed, "required, but device \"cuda\": no such device", "2 failed", 1},
		{"verify ch6 --device cuda", "opencl", exitOK, "skipped", "2 skipped", 1},
		{"verify lock --device cpu", "", exitUsage, "", "ch2.lock does not run on --device cpu; leave it out, or see what does: cookbook list device", 0},
		{"verify ch2 --device cpu", "", exitUsage, "", "no recipe of ch2 runs on --device cpu", 0},
		{"verify --device gpu", "", exitUsage, "", "--device gpu: " + nameless, 0},
		{"verify --device cpu --engine mpi", "", exitUsage, "", "no recipe runs on --engine mpi --device cpu", 0},
		{"verify --require gpu", "", exitUsage, "", "mpi, nats, opencl, cuda", 0},

		{"compare double --device gpu", "", exitUsage, "", "--device gpu: " + nameless, 0},
		{"compare lock --device cpu", "", exitUsage, "", "ch2.lock does not run on --device cpu; leave it out", 0},
		{"compare double --device cuda", "", exitMissing, "", "ch6.double needs cuda: device \"cuda\": no such device: the card is on fire; see: cookbook doctor", 1},
		{"list --device cpu", "", exitUsage, "", "unknown flag: --device; see: cookbook list --help", 0},
	} {
		t.Run(tt.args+" "+tt.env, func(t *testing.T) {
			code, out, stderr, asked := onDevices(map[string]string{"COOKBOOK_REQUIRE": tt.env}, "", strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %q, %q", code, out, stderr, tt.code, tt.stdout, tt.stderr)
			}
			if asked != tt.asked {
				t.Errorf("looked %d times for a device, want %d", asked, tt.asked)
			}
		})
	}
}

// What a device cannot do is no fault of the recipe, unless the device is required.
func TestVerifySkipsWhatADeviceCannotDo(t *testing.T) {
	for _, tt := range []struct {
		device, status string
		require        []catalog.Need
	}{
		{"opencl", "skipped", nil}, {"opencl", "FAILED", []catalog.Need{catalog.OpenCL}}, {"opencl", "skipped", []catalog.Need{catalog.CUDA}},
		{"cpu", "FAILED", nil}, {"", "FAILED", nil},
	} {
		g := &choice{}
		if tt.device != "" {
			a := &app{device: func(context.Context, string) (gpu.Info, error) { return gpu.Info{Backend: "cpu"}, nil }}
			if err := g.findDevice(a, tt.device); err != nil {
				t.Fatal(err)
			}
		}
		e, err := computed().Find("precise")
		if err != nil {
			t.Fatal(err)
		}
		o := &verifyOptions{times: 1, timeout: 1e9}
		v := o.verify(context.WithValue(t.Context(), imprecise{}, true), g, e, tt.require, func(int) {})
		if v.Status != tt.status || !strings.Contains(v.Reason+v.Error, "the device cannot do this") || v.Device != tt.device {
			t.Errorf("%+v: %+v", tt, v)
		}
	}
}

func TestTheDeviceIsListedExplainedAndCompleted(t *testing.T) {
	_, out, _, _ := onDevices(nil, "", "list", "--json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 4 || all[0]["device"] != false || all[2]["device"] != true {
		t.Errorf("%v: %s", err, out)
	}
	_, out, _, _ = onDevices(nil, "", "verify", "double", "--json", "--device", "opencl:0")
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 1 || all[0]["device"] != "opencl:0" {
		t.Errorf("%v: %s", err, out)
	}
	_, out, _, _ = onDevices(nil, "", "list", "device", "opencl")
	if !strings.Contains(out, "ch6.double\t") || !strings.Contains(out, "ch6.precise\t") || strings.Contains(out, "ch2.lock") {
		t.Errorf("got %q", out)
	}
	if _, out, _, _ = onDevices(nil, "", "explain", "double"); !strings.Contains(out, "\n## On a device\n") || !strings.Contains(out, "\n    cookbook run ch6.double --device opencl\n") {
		t.Errorf("got %q", out)
	}
	if _, out, _, _ = onDevices(nil, "", "explain", "lock"); strings.Contains(out, "On a device") {
		t.Errorf("got %q", out)
	}
	if _, out, _, _ = onDevices(nil, "", "run", "double", "--help"); !strings.Contains(out, "--device name") {
		t.Errorf("got %s", out)
	}
	for args, want := range map[string]string{
		"run ch6.double --device=": "auto cpu opencl cuda", "run ch6.double --device ": "auto cpu opencl cuda", "verify --device ": "auto cpu opencl cuda",
		"compare double --device=": "auto cpu opencl cuda", "run ch2.lock --device=": "",
	} {
		_, out, _, asked := onDevices(nil, "", append([]string{"__complete"}, strings.Split(args, " ")...)...)
		var names []string
		for line := range strings.Lines(out) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); !strings.HasPrefix(name, ":") {
				names = append(names, name)
			}
		}
		if got := strings.Join(names, " "); got != want || asked != 0 {
			t.Errorf("%s: offers %q, want %q; looked %d times for a device", args, got, want, asked)
		}
	}
}

// The Go side of a comparison is run on the device, by its number.
func TestCompareRunsTheRecipeOnTheDevice(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	python := machinetest.Python(t, "3.12.1", "", `echo "python $5 $6 $7 $8" >> `+log)
	exe := fakeCookbook(t, `echo "go $*" >> `+log)
	code, out, stderr, _ := onDevices(nil, exe, "compare", "double", "--python", python, "--times", "1", "--device", "auto")
	if code != exitOK || !strings.Contains(out, ", on cpu\n") {
		t.Errorf("code %d, stdout %s, stderr %s", code, out, stderr)
	}
	got, err := os.ReadFile(log)
	if want := "go run ch6.double --plain --timeout 1m0s --device cpu --speed max\n"; err != nil || !strings.Contains(string(got), want) {
		t.Errorf("%v: got\n%swant in it\n%s", err, got, want)
	}
	if !strings.Contains(string(got), "python --speed max  \n") {
		t.Errorf("got\n%s", got)
	}
}
