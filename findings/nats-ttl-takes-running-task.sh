#!/usr/bin/env bash
# nats-server v2.15.3 with github.com/nats-io/nats.go v1.55.0 (Go 1.26): a message's time to live ends it while its worker works.
#
# A TTL on a message of a work queue looks like Celery's "expires": do not start the task after that. But the time also runs once
# a worker has the message. At its end the message is removed, although the worker says "in progress" well inside AckWait, and then nobody does the
# work again if that worker dies. The worker is not told: its acknowledgement, which the server confirms, has no error.
# So "expires" needs a look at the clock by the worker, and a TTL that also covers the longest run.
#
# Output seen:
#   while its worker works: 0 messages in the stream; its acknowledgement, confirmed by the server: error <nil>
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
	must(js.CreateStream(ctx, jetstream.StreamConfig{Name: "JOBS", Subjects: []string{"jobs"}, Retention: jetstream.WorkQueuePolicy, AllowMsgTTL: true}))
	consumer := must(js.CreateConsumer(ctx, "JOBS", jetstream.ConsumerConfig{Durable: "w", AckPolicy: jetstream.AckExplicitPolicy, AckWait: 2 * time.Second}))
	must(js.Publish(ctx, "jobs", []byte("work of three seconds"), jetstream.WithMsgTTL(time.Second)))

	m := must(consumer.Next())
	for range 12 { // the worker works, and says so well inside AckWait
		if err := m.InProgress(); err != nil {
			panic(err)
		}
		time.Sleep(250 * time.Millisecond)
	}
	info := must(must(js.Stream(ctx, "JOBS")).Info(ctx))
	err := m.DoubleAck(ctx)
	fmt.Printf("while its worker works: %d messages in the stream; its acknowledgement, confirmed by the server: error %v\n", info.State.Msgs, err)
	if info.State.Msgs != 0 || err != nil {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod
go mod tidy 2> tidy || { cat tidy >&2; exit 1; }
go run .
