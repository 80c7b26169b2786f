GO       ?= go
# What no recipe uses and the linker would keep: plot's PDF, EPS and TeX, net/http's HTTP/2. Saves 1.9 MB.
TAGS     := minimal,nethttpomithttp2

.PHONY: build run test race bench lint fuzz clean

build: ## the stripped binary, without cgo: bin/cookbook
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -ldflags '-s -w' -o bin/cookbook ./cmd/cookbook

run: ## make run RECIPE=ch2.lock
	$(GO) run ./cmd/cookbook run $(or $(RECIPE),ch2.lock)

test: ## everything that can run here
	$(GO) vet ./...
	$(GO) test -race ./...
	$(GO) run ./cmd/cookbook verify --stress

bench: ## every benchmark beside its limit
	$(GO) test -run '^$$' -bench . -benchtime 200ms -count 5 ./internal/...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt the files above"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

clean:
	rm -rf bin
