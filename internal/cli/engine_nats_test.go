package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	nats "cookbook/internal/distributed/engine"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// served is a catalog whose recipes say where their messages go.
func served() *catalog.Catalog {
	files := fstest.MapFS{}
	five := &catalog.Chapter{Number: 5, Title: "Machines", Files: files}
	three := &catalog.Chapter{Number: 3, Title: "Ranks", Files: files}
	add := func(ch *catalog.Chapter, id, engine string) {
		_, stem, _ := strings.Cut(id, ".")
		files[stem+catalog.Promise] = &fstest.MapFile{Data: []byte("= main  messages go {:text}\n")}
		files[stem+catalog.Explanation] = &fstest.MapFile{Data: []byte("# " + stem)}
		files[stem+catalog.Source] = &fstest.MapFile{Data: []byte("package ch")}
		files[stem+catalog.Twin] = &fstest.MapFile{Data: []byte("pass")}
		ch.Recipes = append(ch.Recipes, &catalog.Recipe{
			ID: id, Section: "1", Title: "The " + stem + " one", Python: "py", Go: "go", Engine: engine,
			New: func(*pflag.FlagSet) catalog.Run {
				return func(ctx context.Context, out *transcript.Log) error {
					at, elsewhere := nats.AddressOf(ctx)
					if !elsewhere {
						out.Printf("messages go nowhere else")
						return nil
					}
					conn, err := nats.Connect(ctx, at)
					if err != nil {
						return err
					}
					conn.Close()
					out.Printf("messages go to %s", at.Where())
					return nil
				}
			},
		})
	}
	add(three, "ch3.hello", "mpi")
	add(five, "ch5.task", "nats")
	add(five, "ch5.text", "")
	add(five, "ch5.object", "nats")
	return &catalog.Catalog{Chapters: []*catalog.Chapter{three, five}}
}

const natsSecret = "nobody-knows-it"

// onServers runs a command line on that catalog. URL in it is a server that wants a secret, HOST its host and port, SECRET a file that
// holds the secret, and OTHER one that holds another one.
func onServers(t *testing.T, env map[string]string, args string) (code int, stdout, stderr string) {
	t.Helper()
	s, err := nats.Start(t.Context(), nats.Config{Token: natsSecret})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	words := strings.NewReplacer(
		"URL", s.URL(), "HOST", strings.TrimPrefix(s.URL(), "nats://"), "SECRET", file("secret", "\n"+natsSecret+"\n"),
		"OTHER", file("other", "let me in"), "EMPTY", file("empty", " \n"), "FOLDER", folder,
	)
	var out, diagnostics bytes.Buffer
	a := &app{catalog: served(), Streams: Streams{
		In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: 80,
		Env: func(name string) (string, bool) { value, set := env[name]; return words.Replace(value), set },
	}}
	a.mpirun = func([]string, string) mpi.Engine { return rankless{lacks: errNoMPI} }
	code = a.main(strings.Fields(words.Replace(args)))
	if all := out.String() + diagnostics.String(); strings.Contains(all, natsSecret) || strings.Contains(all, "let me in") {
		t.Errorf("%s: a secret is shown: %s", args, all)
	}
	return code, out.String(), diagnostics.String()
}

func TestRunOnAServer(t *testing.T) {
	token := map[string]string{tokenVariable: natsSecret}
	named := map[string]string{tokenVariable: natsSecret, engineVariable: "URL"}
	for _, tt := range []struct {
		args   string
		env    map[string]string
		code   int
		stdout string // a part of it
		stderr string // a part of it; "": none at all
	}{
		{"run task --plain", nil, exitOK, "messages go nowhere else\n", ""},
		{"run task --plain --engine local", named, exitOK, "messages go nowhere else\n", ""},
		{"run task --plain", named, exitOK, "messages go nowhere else\n", ""},
		{"run task --plain --engine nats", named, exitOK, "messages go to nats://127.0.0.1:", ""},
		{"run task --plain --engine URL", token, exitOK, "messages go to nats://127.0.0.1:", ""},
		{"run --engine URL --token-file SECRET task --plain", nil, exitOK, "messages go to nats://127.0.0.1:", ""},
		{"run task --plain --engine nats://nobody-knows-it@HOST", nil, exitOK, "messages go to nats://127.0.0.1:", ""},
		{"run task --plain --engine nats://nobody-knows-it@HOST", map[string]string{tokenVariable: "another"}, exitOK, "messages go to", ""},
		{"run task --engine URL", token, exitOK, "py → go, on nats\n", ""},
		{"verify ch5.task --engine URL --token-file SECRET", map[string]string{tokenVariable: "another"}, exitOK, "ch5.task\tok\t1\t", "1 recipe: 1 ok"},

		{"run task --engine URL", nil, exitMissing, "", "the engine refuses this secret"},
		{"run task --engine URL --token-file OTHER", nil, exitMissing, "", "the engine refuses this secret"},
		{"run task --engine nats://wrong@HOST", token, exitMissing, "", "the engine refuses this secret"},
		{"run task --engine tls://HOST", token, exitMissing, "", "the engine cannot be trusted: it speaks no TLS"},
		{"run task --engine nats://127.0.0.1:1", token, exitMissing, "", "connect to nats://127.0.0.1:1: no engine answers there; start one with: cookbook engine"},

		{"run task --engine nats", token, exitUsage, "", "no server is named: give --engine nats://HOST:PORT or set COOKBOOK_ENGINE; to start a server: cookbook engine"},
		{"run task --engine http://nobody-knows-it@HOST", nil, exitUsage, "", "not the address of an engine; write nats://HOST:PORT or tls://HOST:PORT"},
		{"run task --engine nats://nobody-knows-it@HOST/x", nil, exitUsage, "", "not the address of an engine"},
		{"run task --engine nats://nobody-knows-it@HOST:5", nil, exitUsage, "", "not the address of an engine"},
		{"run task --engine nats", map[string]string{engineVariable: "http://nobody-knows-it@x"}, exitUsage, "", "COOKBOOK_ENGINE: …@x: not the address"},
		{"run task --engine nobody-knows-it@HOST", nil, exitUsage, "", "--engine …@127.0.0.1:"},
		{"run task --engine nats:nobody-knows-it@HOST", nil, exitUsage, "", "no engine of that name"},
		{"doctor --engine nobody-knows-it@HOST", nil, exitUsage, "", "--engine …@127.0.0.1:"},
		{"run task --engine nuts", nil, exitUsage, "", "--engine nuts: no engine of that name; there are: local, mpi, nats, and nats://HOST:PORT"},
		{"run task --engine mpi", nil, exitUsage, "", "ch5.task does not run on --engine mpi; leave it out, or see what does: cookbook list engine mpi"},
		{"run hello --engine URL", token, exitUsage, "", "ch3.hello does not run on --engine nats; leave it out, or see what does: cookbook list engine nats"},
		{"run text --engine URL", token, exitUsage, "", "ch5.text has no engine, so it takes no --engine; those that have one: cookbook list engine"},
		{"run hello --ca x", nil, exitUsage, "", "--ca is for --engine nats://HOST:PORT, and ch3.hello does not run there; what does: cookbook list engine nats"},
		{"run task --hosts a", nil, exitUsage, "", "--hosts is for --engine mpi, and ch5.task does not run there"},
		{"run task --token-file SECRET", nil, exitUsage, "", "--token-file is for --engine nats://HOST:PORT: give both, or neither"},
		{"verify --engine mpi --creds SECRET", nil, exitUsage, "", "--creds is for --engine nats://HOST:PORT: give both, or neither"},
		{"verify --engine URL --hosts a", token, exitUsage, "", "--hosts is for --engine mpi: give both, or neither"},
		{"run task --engine URL --token-file /nowhere", nil, exitUsage, "", "--token-file /nowhere: no such file"},
		{"run task --engine URL --token-file EMPTY", nil, exitUsage, "", "the file holds no secret"},
		{"run task --engine URL --creds FOLDER", nil, exitUsage, "", "is a folder, and not a file"},
		{"run task --engine URL --nkey=", nil, exitUsage, "", `--nkey "": `},
		{"run task --engine URL --token-file SECRET --nkey SECRET", nil, exitUsage, "", "given more than once: choose one of"},
		{"run task --engine nats://nobody-knows-it@HOST --token-file SECRET", nil, exitUsage, "", "given more than once"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, out, stderr := onServers(t, tt.env, tt.args)
			if code != tt.code || !strings.Contains(out, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %q, %q", code, out, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

func TestVerifyOnAServerSkipsNothingSilently(t *testing.T) {
	token := map[string]string{tokenVariable: natsSecret}
	code, out, stderr := onServers(t, token, "verify ch5 --engine URL")
	if code != exitOK || !strings.Contains(out, "ch5.task\tok") || !strings.Contains(out, "ch5.object\tok") || strings.Contains(out, "ch5.text") ||
		!strings.Contains(stderr, "2 recipes: 2 ok, 0 failed, 0 skipped") || !strings.Contains(stderr, "left out, because --engine nats is not for them: ch5.text\n") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	if _, _, stderr := onServers(t, token, "verify task object --engine URL"); strings.Contains(stderr, "left out") {
		t.Error(stderr)
	}
	// A server that does not answer is no reason to skip: it was named.
	code, out, stderr = onServers(t, nil, "verify ch5 --engine URL")
	if code != exitMissing || out != "" || !strings.Contains(stderr, "the engine refuses this secret") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	code, out, _ = onServers(t, token, "verify ch5 --engine URL --json")
	var verdicts []map[string]any
	if err := json.Unmarshal([]byte(out), &verdicts); err != nil || code != exitOK || len(verdicts) != 2 || verdicts[0]["engine"] != "nats" {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
}

func TestServersAreListedExplainedAndCompleted(t *testing.T) {
	for args, want := range map[string]string{
		"list engine nats":                     "ch5.task\t",
		"explain task":                         "\n    cookbook run ch5.task --engine nats://HOST:PORT\n",
		"run task --help":                      "cookbook run ch5.task --engine nats://HOST:PORT",
		"list --json":                          `"engine": "nats"`,
		"__complete run ch5.task --engine=":    "local\nnats\nnats://\ntls://\n",
		"__complete run ch3.hello --engine=":   "local\nmpi\n:",
		"__complete verify --engine n":         "nats\nnats://\n:",
		"__complete worker --engine=":          "nats\nnats://\ntls://\n:",
		"__complete run ch5.task --token-file": "--token-file\t",
	} {
		if code, out, stderr := onServers(t, nil, args); code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %q, %q; want %q", args, code, out, stderr, want)
		}
	}
	if _, out, _ := onServers(t, nil, "run task --help"); strings.Contains(out, "--hosts") || strings.Contains(out, "mpi") {
		t.Errorf("flags of another engine: %s", out)
	}
}

func TestDoctorAsksTheServer(t *testing.T) {
	token := map[string]string{tokenVariable: natsSecret}
	named := map[string]string{tokenVariable: natsSecret, engineVariable: "URL"}
	for _, tt := range []struct {
		args string
		env  map[string]string
		want string // the row of the server; "": it has none
	}{
		{"doctor", token, ""},
		{"doctor", named, "named engine\t5\tfound\tnats://127.0.0.1:"},
		{"doctor --engine URL --token-file SECRET", nil, "NATS " + nats.Version + " with JetStream, one server\t"},
		{"doctor --engine URL", nil, "named engine\t5\tmissing\tconnect to nats://127.0.0.1:"},
		{"doctor --engine nats://127.0.0.1:1", nil, "no engine answers there; start one with: cookbook engine"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir()) // Python and others need not be asked
			code, out, stderr := onServers(t, tt.env, tt.args)
			lines := strings.Split(out, "\n")
			i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "named engine\t") })
			if code != exitOK || tt.want == "" && i >= 0 || tt.want != "" && (i < 0 || !strings.Contains(lines[i], tt.want)) {
				t.Errorf("exit code %d, %q, %q", code, out, stderr)
			}
			if !strings.Contains(out, "embedded engine\t5\tfound\tNATS "+nats.Version+" with JetStream, part of this binary; starts in ") {
				t.Errorf("got %q", out)
			}
		})
	}
	if code, _, stderr := onServers(t, nil, "doctor --ca SECRET"); code != exitUsage || !strings.Contains(stderr, "no server is named") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
