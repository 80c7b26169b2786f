GO ?= go

.PHONY: help build program build-mpi build-cuda test-cuda gpu-check build-wasm verify-wasm run test test-raced test-unraced bench bench-all chaos explore mutants orders sources recordings pictures eject exercises lint clean

build: program ## the stripped binary, without cgo: bin/cookbook
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/cookbook ./cmd/cookbook

# What the pages of a site run recipes with. Go's cache says what has changed: where nothing has, this takes two seconds.
program: ## what runs recipes in a page, as WebAssembly, which bin/cookbook embeds
	@$(GO) run ./cmd/page/pack

build-mpi: ## the same with Open MPI in it, which takes mpicc and pkg-config: bin/cookbook-mpi
	CGO_ENABLED=1 $(GO) build -trimpath -ldflags '-s -w' -tags mpi -o bin/cookbook-mpi ./cmd/cookbook

# gorgonia.org/cu is compiled with declarations of our own, and linked with a library that stands for the driver's.
CUDA_BUILD = CGO_ENABLED=1 CGO_CFLAGS='-g -O2 -I$(CURDIR)/internal/gpu/cu/include' CGO_LDFLAGS='-L$(CURDIR)/bin/cuda'

bin/cuda/libcuda.so: internal/gpu/cu/include/stub.c internal/gpu/cu/include/functions.h
	mkdir -p bin/cuda
	gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -o $@ $<

build-cuda: bin/cuda/libcuda.so ## the same with gorgonia.org/cu, which takes gcc to build and NVIDIA's driver to run: bin/cookbook-cuda
	$(CUDA_BUILD) $(GO) build -trimpath -ldflags '-s -w' -tags cuda -o bin/cookbook-cuda ./cmd/cookbook

test-cuda: bin/cuda/libcuda.so ## the host side of that, on stand-ins of CUDA's libraries that run on the processor
	rm -rf bin/cuda-standins
	$(GO) run ./internal/gpu/cuda/cudatest/build bin/cuda-standins
	$(CUDA_BUILD) $(GO) vet -tags cuda ./internal/gpu ./internal/gpu/cu
	env -u COOKBOOK_NVRTC $(CUDA_BUILD) LD_LIBRARY_PATH=$(CURDIR)/bin/cuda-standins $(GO) test -count 1 -tags cuda ./internal/gpu/cu

gpu-check: build build-cuda ## what to carry to a machine with a graphics processor, and what to run there
	@sed -n '/^## How to do it/,/^## /{/^## /d;p}' docs/gpu.md

build-wasm: ## the whole of cookbook as WebAssembly, which node runs: bin/cookbook.wasm
	GOOS=js GOARCH=wasm CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/cookbook.wasm ./cmd/cookbook

verify-wasm: program ## run all recipes that can run in a page, by the program of the page, under node
	$(GO) test -count 1 -v -run 'Page|Program' ./internal/site/live/page

run: ## make run RECIPE=ch2.rlock
	$(GO) run ./cmd/cookbook run $(or $(RECIPE),ch2.lock)

# What takes long under the race detector and shows it little: a program that is started hundreds of times, what is OpenCL's, a browser's.
unraced = ./cmd/cookbook ./internal/gpu/gputest ./internal/site ./internal/site/browsertest
unracedTests = 'WhatAReaderTries|WithOtherFlags|SayWhatTheyTake|WithoutPauses|SearchBreaks|Bare|EveryOrder|OnlyTheSolution|OnlyTheExercise|TheJudge|AJudgement|ModulesOfExercises'

test: program ## everything that can run here
	$(GO) vet ./...
	@$(MAKE) --no-print-directory -k -j2 test-raced test-unraced # what one waits for leaves the processors to the other
	$(GO) run ./cmd/cookbook verify --stress

test-raced:
	$(GO) test -race -vet=off -timeout 20m ./recipes $$($(GO) list ./... | grep -vxF "$$($(GO) list $(unraced))") # the longest first

test-unraced:
	$(GO) test -vet=off -timeout 20m $(unraced)
	$(GO) test -vet=off -timeout 20m -run $(unracedTests) ./recipes ./internal/threading ./internal/async ./internal/practice

FORCE:

# Cookbook runs in place of the shell, so that it sees each signal, and make its exit code.
bench: build ## Go beside Python, all of it, into docs/benchmarks.md; make bench ARGS='--python /usr/bin/python3'
	@exec bin/cookbook bench --write docs $(ARGS)

bench-all: ## every benchmark, as go test prints it, without cgo, as released: with it every child process has libc to load
	CGO_ENABLED=0 $(GO) test -run '^$$' -bench . -benchtime 200ms -count 5 ./internal/... ./cmd/...

chaos: ## kill processes for ten minutes: make chaos FOR=1h
	COOKBOOK_CHAOS=$(or $(FOR),10m) $(GO) test -count 1 -timeout 0 -v -run WhenProcessesAreKilled ./internal/process/...

explore: ## chapters 1, 2 and 4 in every order that synchronisation allows, within a time for each: make explore FOR=1m
	COOKBOOK_EXPLORE=$(or $(FOR),8s) $(GO) test -count 1 -run RecipesInEveryOrder -skip '$(or $(SKIP),^$$)' ./recipes

bin/mutants: FORCE
	@CGO_ENABLED=0 $(GO) build -trimpath -o $@ ./mutants

mutants: bin/mutants ## change how the recipes' threads wait, and see whether their promises notice; make mutants ARGS='--only ch2.lock'
	@exec bin/mutants $(ARGS)

exercises: ## have all programs of all exercises judged: the solutions are accepted, the others refused
	$(GO) test -count 1 -v -run OnlyTheSolution ./internal/practice

orders: ## hold locks and queues against their specifications, in all programs of their whole alphabets: an hour
	COOKBOOK_EVERY_ORDER=1 $(GO) test -count 1 -timeout 0 -v -run EveryOrder ./internal/threading ./internal/async

sources: ## pack the library anew that cookbook eject writes from, when anything below internal has changed
	$(GO) test -count 1 -run LibraryIsCurrent ./internal/eject -update

recordings: ## run every recipe anew for the pages of cookbook site, when promises or recipes have changed; half a minute
	CGO_ENABLED=0 $(GO) test -count 1 -run MakeRecordings ./internal/site/recording -update

pictures: ## the pictures of the README anew, by chromium: a timeline and a page
	$(GO) test -count 1 -run MakePictures ./internal/site/browsertest -update

eject: ## take every recipe home, into folders of their own, and build, vet, test and run them there; each third: make eject EVERY=3
	COOKBOOK_EJECT=$(or $(EVERY),1) $(GO) test -count 1 -timeout 30m -run AtHome ./internal/eject

lint: ## gofmt, vet, staticcheck; make lint LINT_TAGS=mpi looks at what is built with Open MPI
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt the files above"; exit 1; }
	$(GO) vet -tags '$(LINT_TAGS)' $(or $(LINT_PACKAGES),./...)
	$(GO) tool staticcheck -tags '$(LINT_TAGS)' $(or $(LINT_PACKAGES),./...)

clean: ## remove bin
	rm -rf bin

help: ## what make can be told
	@awk -F ':[^#]*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
