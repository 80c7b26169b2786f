package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"testing"

	"cookbook/recipes"
)

// fewNumbers makes recipes compute with few numbers: a simulator takes some thousand times as long as a device.
var fewNumbers = map[string][]string{
	"ch6.memory":      {"--size", "16"},
	"ch6.mapreduce":   {"--count", "300", "--size", "1000"},
	"ch6.libraries":   {"--size", "8", "--count", "100", "--log", "4"},
	"ch6.opencl-sum":  {"--length", "10"},
	"ch6.opencl-test": {"--size", "100", "--sweep", "1", "--times", "2"},
}

// Oclgrind simulates a device. It sees when two threads use the same memory without a barrier between them and one of them writes, and
// when a thread looks outside of a buffer. It reports that on stderr, and ends with 0 in any case.
func TestOclgrindFindsNoFaultInKernels(t *testing.T) {
	oclgrind, err := exec.LookPath("oclgrind")
	if err != nil {
		if required("oclgrind") {
			t.Fatalf("COOKBOOK_TEST_REQUIRE names oclgrind, but %v", err)
		}
		t.Skip(err)
	}
	fault := regexp.MustCompile(`data race|Invalid (read|write)|Uninitialized|divergence|(?i)\berror\b`)
	for _, e := range recipes.Catalog().Entries() {
		if !e.Device {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--data-races", "cookbook", "run", e.ID, "--device", "opencl", "--plain", "--timeout", "5m"}, fewNumbers[e.ID]...)
			cmd := exec.CommandContext(t.Context(), oclgrind, args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
			}
			if !bytes.Contains(stdout.Bytes(), []byte("Oclgrind Simulator")) {
				t.Errorf("it did not run on Oclgrind:\n%s", &stdout)
			}
			if fault.Match(stderr.Bytes()) {
				t.Errorf("Oclgrind reports:\n%s", &stderr)
			}
		})
	}
}
