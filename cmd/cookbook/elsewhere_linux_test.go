package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"cookbook/internal/catalog"
	"cookbook/recipes"
)

// verified is a row of verify --json.
type verified struct {
	ID, Engine, Status, Error, Reason string
}

// The recipes of chapter 5 keep their promises on a server that is somebody else's, and leave nothing there.
func TestChapter5OnAServerElsewhere(t *testing.T) {
	needNATS(t)
	file, secret := secretFile(t)
	ca, cert, key := certificates(t)
	for _, tt := range []struct {
		name, config string
		scheme       string
		flags        []string
		options      []nats.Option
	}{
		{"with a token", "", "nats://", nil, nil},
		{"with TLS", fmt.Sprintf("tls { cert_file: %q, key_file: %q }", cert, key), "tls://", []string{"--ca", ca}, []nats.Option{nats.RootCAs(ca)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startNATS(t, "a", fmt.Sprintf("listen: 127.0.0.1:-1\nauthorization { token: %q }\n%s", secret, tt.config))
			where := tt.scheme + s.address(t)
			flags := append([]string{"--engine", where, "--token-file", file}, tt.flags...)

			code, out, stderr := cookbook(t, nil, append([]string{"verify", "ch5", "--json"}, flags...)...)
			var all []verified
			if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
				t.Errorf("exit code %d, %v: %s%s", code, err, out, stderr)
			}
			wanted, err := recipes.Catalog().FindAllAt(catalog.Place{Engine: "nats"}, nil)
			if err != nil || len(all) != len(wanted) {
				t.Errorf("%d of %d recipes were verified, %v", len(all), len(wanted), err)
			}
			for _, v := range all {
				if v.Status != "ok" || v.Engine != "nats" {
					t.Errorf("%+v", v)
				}
			}
			left, err := streams(t.Context(), connect(t, where, append(tt.options, nats.Token(secret))...))
			if err != nil || len(left) > 0 {
				t.Errorf("left on the server: %q, %v", left, err)
			}
			if strings.Contains(out+stderr, secret) {
				t.Errorf("the secret is shown: %s%s", out, stderr)
			}
		})
	}
}

// What keeps a run from a server is said, with exit code 3, and no secret.
func TestAServerElsewhereThatDoesNotDo(t *testing.T) {
	needNATS(t)
	file, secret := secretFile(t)
	other, otherSecret := secretFile(t)
	ca, cert, key := certificates(t)
	strangers, _, _ := certificates(t)
	recipe := anyRecipeOnNATS(t)
	token := fmt.Sprintf("listen: 127.0.0.1:-1\nauthorization { token: %q }\n", secret)
	plain := startNATS(t, "plain", token)
	encrypted := startNATS(t, "encrypted", token+fmt.Sprintf("tls { cert_file: %q, key_file: %q }", cert, key))
	forgetful := startNATS(t, "forgetful", token+"jetstream: false")
	for _, tt := range []struct {
		name, where string
		flags       []string
		want        string
	}{
		{"no secret", "nats://" + plain.address(t), nil, "the engine refuses this secret"},
		{"a wrong secret", "nats://" + plain.address(t), []string{"--token-file", other}, "the engine refuses this secret"},
		{"a wrong secret in the address", "nats://" + otherSecret + "@" + plain.address(t), nil, "the engine refuses this secret"},
		{"no secret over TLS", "tls://" + encrypted.address(t), []string{"--ca", ca}, "the engine refuses this secret"},
		{"an unknown authority", "tls://" + encrypted.address(t), []string{"--token-file", file}, "name a file with the certificate of the signer: --ca FILE"},
		{"the wrong authority", "tls://" + encrypted.address(t), []string{"--token-file", file, "--ca", strangers}, "name a file with the certificate of the signer: --ca FILE"},
		{"no TLS", "tls://" + plain.address(t), []string{"--token-file", file}, "it speaks no TLS"},
		{"no JetStream", "nats://" + forgetful.address(t), []string{"--token-file", file}, "start nats-server with -js"},
		{"nobody there", "nats://127.0.0.1:1", []string{"--token-file", file}, "no engine answers there; start one with: cookbook engine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, command := range []string{"run", "verify"} {
				code, out, stderr := cookbook(t, nil, append([]string{command, recipe, "--engine", tt.where}, tt.flags...)...)
				if code != 3 || out != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, secret) || strings.Contains(stderr, otherSecret) {
					t.Errorf("%s: exit code %d, %q, %q", command, code, out, stderr)
				}
			}
		})
	}
}

// A server can know its clients by an nkey, and by credentials.
func TestAServerElsewhereThatKnowsAnNKey(t *testing.T) {
	needNATS(t)
	// A seed and its public key that are used nowhere else.
	const seed, public = "SUAKKBC2UXZELAKGMSQZTGLAZ67XO4ZKRPJWKSXR3HOARPXMAKC2W5ZXQQ", "UDJYTOHY6JANQXFXB4TGXGJHCNOAUOM7CYAED5JE6KS6JTCVQWK5KVBD"
	file := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startNATS(t, "a", "listen: 127.0.0.1:-1\nauthorization { users: [ { nkey: "+public+" } ] }")
	if code, out, stderr := cookbook(t, nil, "doctor", "--engine", "nats://"+s.address(t), "--nkey", file); code != 0 || !strings.Contains(out, "named engine\t5\tfound\t") {
		t.Errorf("exit code %d, %q, %q", code, out, stderr)
	}
	if _, out, _ := cookbook(t, nil, "doctor", "--engine", "nats://"+s.address(t)); !strings.Contains(out, "named engine\t5\tmissing\t") {
		t.Errorf("got %q", out)
	}
}

// anyRecipeOnNATS is a recipe that runs on a server elsewhere.
func anyRecipeOnNATS(t *testing.T) string {
	t.Helper()
	all, err := recipes.Catalog().FindAllAt(catalog.Place{Engine: "nats"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all[0].ID
}
