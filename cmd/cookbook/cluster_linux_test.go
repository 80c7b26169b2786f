package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A cluster is three servers on this machine.
type cluster struct {
	servers []*natsServer
	urls    string
	js      jetstream.JetStream
}

func startCluster(t *testing.T, secret string) *cluster {
	t.Helper()
	ports := freePorts(t, 6)
	c := &cluster{}
	var routes, urls []string
	for i := range 3 {
		urls = append(urls, "nats://127.0.0.1:"+ports[i])
		routes = append(routes, "nats://127.0.0.1:"+ports[3+i])
	}
	for i, name := range []string{"a", "b", "c"} {
		c.servers = append(c.servers, startNATS(t, name, fmt.Sprintf(
			"listen: 127.0.0.1:%s\nauthorization { token: %q }\ncluster { name: three, listen: 127.0.0.1:%s, routes: [ %s ] }",
			ports[i], secret, ports[3+i], strings.Join(routes, ", "))))
	}
	c.urls = strings.Join(urls, ",")
	c.js = connect(t, c.urls, nats.Token(secret))
	c.await(t)
	return c
}

// await waits until the cluster stores messages three times.
func (c *cluster) await(t *testing.T) {
	t.Helper()
	await30(t, func() (bool, string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a question may be lost while servers meet
		defer cancel()
		config := jetstream.StreamConfig{Name: "probe", Subjects: []string{"probe"}, Replicas: 3}
		if _, err := c.js.CreateOrUpdateStream(ctx, config); err != nil {
			return false, fmt.Sprint("the cluster makes no stream: ", err)
		}
		if err := c.js.DeleteStream(ctx, "probe"); err != nil {
			return false, fmt.Sprint("the cluster removes no stream: ", err)
		}
		return true, ""
	})
}

// leader is the server that leads a stream of a run in which there are messages; nil: there is none yet.
func (c *cluster) leader(ctx context.Context, stream string) *natsServer {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var leader string
	for name := range c.js.StreamNames(ctx).Name() { // a list of more than names waits for streams that are being made
		if !strings.HasPrefix(name, "run-") || !strings.HasSuffix(name, "_"+stream) {
			continue
		}
		if s, err := c.js.Stream(ctx, name); err == nil && s.CachedInfo().Cluster != nil && s.CachedInfo().State.LastSeq > 0 {
			leader = s.CachedInfo().Cluster.Leader
		}
	}
	for _, s := range c.servers {
		if s.name == leader {
			return s
		}
	}
	return nil
}

// results are what a run with --json says of its results: the lines of main, but for times, and its checks.
func results(t *testing.T, out string) (all []string) {
	t.Helper()
	times := regexp.MustCompile(`second|\d+(\.\d+)? ?(ms|s)\b`)
	for line := range strings.Lines(out) {
		var event struct {
			Kind, Actor, Text string
			OK                bool
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		switch {
		case event.Kind == "check":
			all = append(all, fmt.Sprint(event.Text, ": ", event.OK))
		case event.Kind == "line" && event.Actor == "main" && !times.MatchString(event.Text):
			all = append(all, event.Text)
		}
	}
	return all
}

// In a cluster one of three servers can be lost in the middle of a run. The results are those of a run that lost nothing. What was on
// its way may be done twice, so that not every line of a worker comes as often as promised.
func TestAClusterLosesItsLeader(t *testing.T) {
	needNATS(t)
	file, secret := secretFile(t)
	c := startCluster(t, secret)
	if _, out, stderr := cookbook(t, nil, "doctor", "--engine", c.urls, "--token-file", file); !strings.Contains(out, ", 3 in the cluster three") {
		t.Errorf("doctor: %s%s", out, stderr)
	}
	for _, tt := range []struct {
		recipe, stream string   // the stream whose leader is lost
		more           []string // so that there is time to find the leader
	}{
		{"ch5.celery-task", "tasks", nil},
		{"ch5.scoop", "futures", []string{"--step", "3000", "--rounds", "5"}},
		{"ch5.disco", "mapreduce", nil},
	} {
		t.Run(tt.recipe, func(t *testing.T) {
			args := append([]string{"run", tt.recipe, "--json", "--seed", "7"}, tt.more...)
			_, out, stderr := cookbook(t, nil, args...)
			want := results(t, out)
			if len(want) == 0 {
				t.Fatalf("no results without a cluster: %s%s", out, stderr)
			}

			cmd, said, diagnostics := cookbookProcess(t, nil, append(args, "--engine", c.urls, "--token-file", file, "--timeout", "60s")...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { cmd.Wait(); close(ended) }()
			var lost *natsServer
			for lost == nil {
				select {
				case <-ended:
					t.Fatalf("it ended before a leader was lost: %v\n%s%s", cmd.ProcessState, said, diagnostics)
				default:
				}
				lost = c.leader(t.Context(), tt.stream)
			}
			lost.kill()
			began := time.Now()
			<-ended
			if got := results(t, said.String()); !slices.Equal(got, want) {
				t.Errorf("without its leader %s: %v, %s\ngot  %q\nwant %q", lost.name, cmd.ProcessState, diagnostics, got, want)
			}
			t.Logf("ended %.1f s after the loss of %s, %v", time.Since(began).Seconds(), lost.name, cmd.ProcessState)

			lost.start(t)
			c.await(t)
			left, err := streams(t.Context(), c.js)
			if err != nil || len(left) > 0 {
				t.Errorf("left on the cluster: %q, %v", left, err)
			}
		})
	}
}
