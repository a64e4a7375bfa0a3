# roomtick. `make` or `make help` lists what there is.
# Playing needs Go only; testing also needs Node 20. Everything else is installed
# by `make test` itself, or it says the one line that installs it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_VERSION := v2.15.0
BOTS ?= 8
ADDR ?= 127.0.0.1:8080
FUZZTIME ?= 5s
NPM := npm --prefix client-js --no-fund --no-audit --loglevel=error

.PHONY: help run cluster test test-go test-js test-docs bench bench-go pgo generate lint e2e fuzz setup-js setup-browser setup-redis clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

# On a terminal the server is a job of its own: Ctrl-C reaches it and not make, which
# then sees it end well.
run: SERVE = bin/roomtick -addr $(ADDR) -bots $(BOTS)
run: ## serve the demo game; ADDR=host:port, BOTS=n
	@go build -o bin/roomtick .
	@if [ -t 0 ]; then set -m; $(SERVE) || exit; else exec $(SERVE); fi

cluster: setup-redis ## three nodes, Redis and bots on this machine; ADDR=host:port, BOTS=n
	@go build -o bin/loadtest ./loadtest
	@exec bin/loadtest cluster -addr $(ADDR) -bots $(BOTS)

test: setup-js setup-browser setup-redis ## everything: lint, Go with -race, SDK, generated files, real Chromium, real Redis
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory test-go
	$(MAKE) --no-print-directory test-js
	$(MAKE) --no-print-directory check-generated
	$(MAKE) --no-print-directory test-docs
	$(MAKE) --no-print-directory e2e

test-go: setup-redis ## Go tests, race detector on, order shuffled
	go test -race -shuffle=on -timeout 20m $$(go list ./... | grep -vE '/loadtest/(swarm|bench|cluster)$$')
	go test -race -shuffle=on -timeout 20m -p 1 ./loadtest/swarm ./loadtest/bench ./loadtest/cluster # alone: they start servers and many bots
	GOOS=js GOARCH=wasm go test -exec="$$(go env GOROOT)/lib/wasm/go_js_wasm_exec" -run 'Golden|EveryMachine|Math' ./sim ./sim/arena

test-js: setup-js ## SDK tests, types, format, size budget
	$(NPM) run check
	$(NPM) test
	$(NPM) run size

test-docs: setup-redis ## the commands in README.md
	bash .ci/readme

e2e: setup-js setup-browser setup-redis ## the demo in a real Chromium
	$(NPM) run e2e

bench: setup-js ## the figures of a server and its clients side by side, 20 minutes; BENCH='-only cpu -rounds 3' for some
	go run ./loadtest/bench $(BENCH)

frames: setup-js setup-browser ## how smoothly the demo's page draws 4,000 rocks and 200 bots, in a real Chromium
	$(NPM) run frames
.PHONY: frames

bench-go: ## the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./schema/... ./sim/... ./room/... ./server/... ./loadtest/...

pgo: ## record the profile that the demo's server is compiled with
	bash .ci/pgo

fuzz: ## each fuzz target for FUZZTIME (5s)
	@go list -f '{{.Dir}} {{.ImportPath}}' ./... | while read -r dir pkg; do \
	  { grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go 2>/dev/null || true; } | sed 's/^func //' | while read -r target; do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg </dev/null; done; done

generate: setup-js ## regenerate wire code, bundles and golden files
	$(NPM) run generate
	go test ./schema ./sim ./room/delta ./sim/arena -run 'Golden' -update -count=1
	$(NPM) run build

# Fails if a committed generated file differs from what the sources give.
check-generated:
	@before=$$(git status --porcelain); $(MAKE) --no-print-directory generate; after=$$(git status --porcelain); \
	if [ "$$before" != "$$after" ]; then echo "generated files are stale: run 'make generate' and commit"; git --no-pager diff --stat; exit 1; fi
.PHONY: check-generated

lint: setup-js ## vet, staticcheck, golangci-lint, biome, tsc
	go vet ./...
	go tool staticcheck ./...
	@bin=$$(go env GOPATH)/bin/golangci-lint; \
	"$$bin" version 2>/dev/null | grep -q '$(GOLANGCI_VERSION:v%=%)' || \
	  (cd /tmp && go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)); \
	"$$bin" run ./...
	$(NPM) run check

pictures: setup-js setup-browser ## take the pictures of the README anew, from a game and a load run
	$(NPM) run pictures
	$(NPM) run loadpictures
.PHONY: pictures

setup-js: client-js/node_modules/.package-lock.json

client-js/node_modules/.package-lock.json: client-js/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer"; exit 1; }
	$(NPM) ci
	@touch $@

setup-browser:
	@if ! command -v chromium >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "chromium is missing: run 'sudo apt-get install -y chromium', or set CHROMIUM to its path"; [ -n "$${CHROMIUM:-}" ]; fi; fi

setup-redis:
	@if ! command -v redis-server >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing redis-server"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >/dev/null; \
	  else echo "redis-server is missing: run 'sudo apt-get install -y redis-server'"; exit 1; fi; fi

clean: ## remove what the targets made
	rm -rf client-js/node_modules client-js/.test bin
