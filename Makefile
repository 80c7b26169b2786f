GO ?= go

.PHONY: build build-mpi build-wasm verify-wasm run test bench bench-python chaos lint clean

build: ## the stripped binary, without cgo: bin/cookbook
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/cookbook ./cmd/cookbook

build-mpi: ## the same with Open MPI in it, which takes mpicc and pkg-config: bin/cookbook-mpi
	CGO_ENABLED=1 $(GO) build -trimpath -ldflags '-s -w' -tags mpi -o bin/cookbook-mpi ./cmd/cookbook

build-wasm: ## the same for a page, as WebAssembly: bin/cookbook.wasm
	GOOS=js GOARCH=wasm CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/cookbook.wasm ./cmd/cookbook

verify-wasm: build-wasm ## run chapters 2, 4 and 6 and ch5.pycsp in it, under node; what needs processes is skipped
	node "$$($(GO) env GOROOT)/lib/wasm/wasm_exec_node.js" bin/cookbook.wasm verify ch2 ch4 ch5.pycsp ch6 --require network

run: ## make run RECIPE=ch2.rlock
	$(GO) run ./cmd/cookbook run $(or $(RECIPE),ch2.lock)

test: ## everything that can run here
	$(GO) vet ./...
	$(GO) test -race ./...
	$(GO) test -run 'WhatAReaderTries|WithOtherFlags' ./recipes # which compute much: without the race detector
	$(GO) run ./cmd/cookbook verify --stress

bench: ## every benchmark beside its limit, without cgo, as released: with it every child process has libc to load
	CGO_ENABLED=0 $(GO) test -run '^$$' -bench . -benchtime 200ms -count 5 ./internal/... ./cmd/...

bench-python: ## Go's benchmarks beside Python's for the same work; make bench-python ARGS='--quick --only gather'
	@CGO_ENABLED=0 $(GO) run ./bench $(ARGS)

chaos: ## kill processes for ten minutes: make chaos FOR=1h
	COOKBOOK_CHAOS=$(or $(FOR),10m) $(GO) test -count 1 -timeout 0 -v -run WhenProcessesAreKilled ./internal/process/...

lint: ## gofmt, vet, staticcheck; make lint LINT_TAGS=mpi looks at what is built with Open MPI
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt the files above"; exit 1; }
	$(GO) vet -tags '$(LINT_TAGS)' $(or $(LINT_PACKAGES),./...)
	$(GO) tool staticcheck -tags '$(LINT_TAGS)' $(or $(LINT_PACKAGES),./...)

clean:
	rm -rf bin
