#!/usr/bin/env bash
# NATS 2.15.3 (github.com/nats-io/nats-server/v2), nats.go 1.55.0: an update of a stream that changes nothing races with a consumer.
#
# One expects that a client may ask for a stream as it is to be each time it starts (CreateOrUpdateStream of nats.go does), and that this
# does nothing where the stream is so already. The server sends the configuration through fileStore.UpdateConfig all the same, which
# writes to the store while the creation of a consumer by another client reads it (fileStore.ConsumerStore), without a common lock: a
# data race, as Go's race detector reports it. CreateStream with the same configuration does not get there: it succeeds and changes
# nothing. So create first, and update only what is there in another form.
#
# Output seen, 3 runs of 3:
#   with UpdateStream: DATA RACE between UpdateConfig and ConsumerStore
#   with CreateStream: no race
#
# It needs Go 1.26 and gcc; the first run compiles the server with the race detector, which takes some minutes.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module race

go 1.26
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

func main() {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: os.Args[2], NoSigs: true})
	check(err)
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(10 * time.Second) {
		os.Exit(2)
	}
	client := func() jetstream.JetStream {
		c, err := nats.Connect(s.ClientURL())
		check(err)
		js, err := jetstream.New(c)
		check(err)
		return js
	}
	ctx := context.Background()
	one, two := client(), client()
	config := jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, Retention: jetstream.WorkQueuePolicy}
	_, err = one.CreateStream(ctx, config)
	check(err)
	again := one.UpdateStream
	if os.Args[1] == "CreateStream" {
		again = one.CreateStream
	}
	var both sync.WaitGroup
	both.Go(func() {
		for range 200 {
			_, err := again(ctx, config)
			check(err)
		}
	})
	both.Go(func() {
		for i := range 200 {
			_, err := two.CreateConsumer(ctx, "S", jetstream.ConsumerConfig{Durable: fmt.Sprint("c", i), FilterSubject: fmt.Sprint("s.", i), AckPolicy: jetstream.AckExplicitPolicy})
			check(err)
		}
	})
	both.Wait()
}
GO
go get github.com/nats-io/nats-server/v2@v2.15.3 github.com/nats-io/nats.go@v1.55.0 > get 2>&1 || { cat get >&2; exit 2; }
go build -race -o race . || exit 2
for call in UpdateStream CreateStream; do
	if GORACE="exitcode=0" timeout 120 ./race $call "$folder/$call" > seen 2>&1; then
		if grep -q 'fileStore).UpdateConfig' seen && grep -q 'fileStore).ConsumerStore' seen && grep -q 'DATA RACE' seen; then
			echo "with $call: DATA RACE between UpdateConfig and ConsumerStore"
		elif grep -q 'DATA RACE' seen; then
			echo "with $call: another DATA RACE"
		else
			echo "with $call: no race"
		fi
	else
		cat seen >&2
		exit 2
	fi
done | tee results
[ "$(cat results)" = "with UpdateStream: DATA RACE between UpdateConfig and ConsumerStore
with CreateStream: no race" ] || { echo "this has changed"; exit 1; }
