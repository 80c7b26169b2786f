#!/usr/bin/env bash
# github.com/nats-io/nats.go v1.55.0 with nats-server v2.15.3 (Go 1.26): jetstream.WithScheduleAt delivers early.
#
# A message schedule says when a message is to be delivered, and one expects "not before". WithScheduleAt(t) formats t by
# time.RFC3339, which has no fraction of a second: t is rounded down, and the message comes up to a second before its time. A task with
# a countdown of half a second may start at once. The server itself takes fractions: the header Nats-Schedule with milliseconds,
# written by hand, is never early.
#
# Output seen:
#   WithScheduleAt: 20 of 20 early, by up to 1.0 s
#   header-in-milliseconds: 0 of 20 early, by up to 0.0 s
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

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := must(server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: must(os.MkdirTemp(".", "store")), NoSigs: true, NoLog: true}))
	s.Start()
	defer s.Shutdown()
	nc := must(nats.Connect("", nats.InProcessServer(s)))
	defer nc.Close()
	js := must(jetstream.New(nc))
	must(js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"ask.*", "due.*"}, AllowMsgSchedules: true}))
	due := must(js.CreateConsumer(ctx, "S", jetstream.ConsumerConfig{FilterSubject: "due.*", AckPolicy: jetstream.AckNonePolicy}))

	early := func(way string, schedule func(at time.Time, name string)) int {
		const count = 20
		want := map[string]time.Time{}
		for i := range count {
			at := time.Now().Add(1500*time.Millisecond + time.Duration(i)*45*time.Millisecond)
			name := fmt.Sprint(way, i)
			want["due."+name] = at
			schedule(at, name)
		}
		early, most := 0, time.Duration(0)
		for range count {
			m := must(due.Next(jetstream.FetchMaxWait(10 * time.Second)))
			if by := want[m.Subject()].Sub(time.Now()); by > 0 {
				early++
				most = max(most, by)
			}
		}
		fmt.Printf("%s: %d of %d early, by up to %.1f s\n", way, early, count, most.Seconds())
		return early
	}
	option := early("WithScheduleAt", func(at time.Time, name string) {
		must(js.Publish(ctx, "ask."+name, nil, jetstream.WithScheduleAt(at), jetstream.WithScheduleTarget("due."+name)))
	})
	header := early("header-in-milliseconds", func(at time.Time, name string) {
		m := nats.NewMsg("ask." + name)
		m.Header.Set("Nats-Schedule", "@at "+at.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
		m.Header.Set("Nats-Schedule-Target", "due."+name)
		must(js.PublishMsg(ctx, m))
	})
	if option < 10 || header != 0 {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod
go mod tidy 2> tidy || { cat tidy >&2; exit 1; }
go run .
