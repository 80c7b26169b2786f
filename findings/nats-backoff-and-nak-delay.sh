#!/usr/bin/env bash
# nats-server v2.15.3 with github.com/nats-io/nats.go v1.55.0 (Go 1.26): NakWithDelay is not the delay where the consumer has a BackOff.
#
# A consumer's BackOff is for messages whose worker is silent, and NakWithDelay(d) asks for the message again after d. One expects
# that the one does not touch the other. The delays are added: a message that is refused comes after d + BackOff[n] - BackOff[0],
# where n counts its deliveries. With a BackOff that falls this is less than what was asked for, down to at once. Use one of the two.
#
# Output seen:
#   asked for 500ms, BackOff []: back after 0.5 s
#   asked for 500ms, BackOff [1s 3s]: back after 2.5 s
#   asked for 2s, BackOff [3s 1s]: back after 0.0 s
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module finding

go 1.26

require (
	github.com/nats-io/nats-server/v2 v2.15.3
	github.com/nats-io/nats.go v1.55.0
)
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func start() (js jetstream.JetStream, end func()) {
	s := must(server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: must(os.MkdirTemp(".", "store")), NoSigs: true, NoLog: true}))
	s.Start()
	nc := must(nats.Connect("", nats.InProcessServer(s)))
	return must(jetstream.New(nc)), func() { nc.Close(); s.Shutdown() }
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	js, end := start()
	defer end()
	must(js.CreateStream(ctx, jetstream.StreamConfig{Name: "JOBS", Subjects: []string{"jobs.*"}}))

	// back asks for a message again after the delay that is asked for, and returns how long that takes.
	back := func(name string, asked time.Duration, backOff ...time.Duration) time.Duration {
		config := jetstream.ConsumerConfig{FilterSubject: "jobs." + name, AckPolicy: jetstream.AckExplicitPolicy, BackOff: backOff}
		if backOff != nil {
			config.MaxDeliver = len(backOff) + 1
		}
		consumer := must(js.CreateConsumer(ctx, "JOBS", config))
		must(js.Publish(ctx, "jobs."+name, nil))
		m := must(consumer.Next())
		if err := m.NakWithDelay(100*time.Millisecond); err != nil { // the first comes back as asked, so the second one is measured
			panic(err)
		}
		m = must(consumer.Next(jetstream.FetchMaxWait(20 * time.Second)))
		begin := time.Now()
		if err := m.NakWithDelay(asked); err != nil {
			panic(err)
		}
		must(consumer.Next(jetstream.FetchMaxWait(20 * time.Second)))
		took := time.Since(begin)
		fmt.Printf("asked for %v, BackOff %v: back after %.1f s\n", asked, backOff, took.Seconds())
		return took
	}
	alone := back("alone", 500*time.Millisecond)
	rising := back("rising", 500*time.Millisecond, time.Second, 3*time.Second)
	falling := back("falling", 2*time.Second, 3*time.Second, time.Second)
	if alone > time.Second || rising < 2*time.Second || falling > time.Second {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod
go mod tidy 2> tidy || { cat tidy >&2; exit 1; }
go run .
