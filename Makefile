# The commands of this project. Each does its own set-up, on a fresh machine too.

# Some images pin an older Go with GOTOOLCHAIN=local; go.mod names the one we need.
export GOTOOLCHAIN := auto
# The suites that need a real Redis fail rather than skip when there is none.
export KVSTORE_REQUIRE_REDIS := 1

LINTER := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
TOOLS := $(CURDIR)/.tools
REDIS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## walk through the quickstart, in memory or with REDIS=host:port
	@go run ./examples/quickstart $(if $(REDIS),-redis $(REDIS))

.PHONY: test
test: redis-server ## run every suite, with race detection, on memory and on real Redis servers
	go run github.com/onsi/ginkgo/v2/ginkgo -r -p --randomize-all --randomize-suites --race --trace --fail-on-pending --keep-going --timeout 30m

.PHONY: transfers
transfers: redis-server ## make 16 x 5,000 transfers between 8 accounts, in memory, on Redis and on a cluster
	KVSTORE_TRANSFERS=5000 go test ./kv --ginkgo.focus 'Transfers between accounts'

.PHONY: differential
differential: redis-server ## compare memory with Redis, and compiled schemas with the validator of record, a million times
	KVSTORE_DIFFERENTIAL_COMMANDS=1000000 go test ./spec --ginkgo.focus 'memory and Redis' --ginkgo.succinct
	KVSTORE_DIFFERENTIAL_DOCUMENTS=1000000 KVSTORE_DIFFERENTIAL_VALUES=1000000 go test ./jsonval --ginkgo.focus 'validator of record' --ginkgo.succinct

.PHONY: bench
bench: redis-server ## measure against bare go-redis and miniredis, and print ratios
	cd spec/bench && go test -run '^$$' -bench . -benchtime 1x

.PHONY: peers
peers: redis-server ## measure against rueidis, gocache, gokv, otter and others, and print a table
	cd spec/bench && go test ./peers -run '^$$' -bench . -benchtime 1x -timeout 30m

.PHONY: fuzz
fuzz: ## fuzz every native target for a while: make fuzz TIME=1m
	./.ci/fuzz $(or $(TIME),30s)

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## check style, errors and the arrows between packages
	go mod tidy -diff
	go vet ./...
	cd spec/bench && go mod tidy -diff && go vet ./...
	$(TOOLS)/golangci-lint run ./...

# Built by the toolchain of go.mod: a linter built by an older Go refuses newer code.
$(TOOLS)/golangci-lint: Makefile go.mod
	@mkdir -p $(TOOLS)
	version=$$(go env GOVERSION) && cd $(TOOLS) && GOTOOLCHAIN=$$version GOFLAGS= GOBIN=$(TOOLS) go install $(LINTER)
	@touch $@

.PHONY: redis-server
redis-server:
	@command -v redis-server >/dev/null || ./.ci/install-redis
