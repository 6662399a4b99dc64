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

# Labels of specs (spec/suite) that are left out of what is run again and again: of each
# thing that is tried on all drivers, or in several ways, one of them does for that.
EDIT := !slow && !cluster && !resp2 && !batches && !expired && !middleware
CHANGE := !resp2 && !(cluster && (batches || expired)) && !(redis && expired) && !(middleware && (batches || expired))
# Other servers than redis-server, where there are any: make servers SERVERS="/opt/redis-8/redis-server …"
SERVERS ?= $(shell command -v valkey-server)
# The packages that have specs with labels of which CHANGE speaks.
UNTESTED = $(sort $(dir $(shell grep -rl -e 'spec\.Driver\>' -e 'suite\.RESP2' -e 'suite\.Batches' -e 'suite\.Expired' -e 'suite\.Middleware' --include='*_test.go' --exclude='quoted_*' .)))
# The suite that takes longest goes first. Suites wait for servers more than they compute.
SUITES := -p 3 ./spec ./...

# What is tested is compiled as ever; specs, which make each generic type anew, and examples without inlining, in half the time.
RACE := -race -gcflags=github.com/kvstore-go/kvstore/kv/specs/...=-l -gcflags=github.com/kvstore-go/kvstore/examples/...=-l
# Linters want all compiled, and with these flags it is.
AS_TESTED = GOGC=400 GOFLAGS="$$(go env GOFLAGS) $(RACE)"

.PHONY: check
check: redis-server ## while you edit: what a change most likely breaks, of what may have changed
	./.ci/suites '$(EDIT)' $(SUITES)

.PHONY: test
test: redis-server ## before you hand it in: all that a change may break, with race detection, on memory, Redis and a cluster
	./.ci/suites '$(CHANGE)' $(RACE) -count=1 $(SUITES)

# Two at a time, as .ci/run makes them, they take least in this order: lint finds compiled what test needs, too.
.PHONY: all
all: test untested pairs transfers lint differential servers ## everything there is

.PHONY: rest
rest: untested pairs transfers differential servers ## what make test leaves out

.PHONY: untested
untested: redis-server ## the specs that make test leaves out
	./.ci/suites '!($(CHANGE))' -count=1 $(UNTESTED)

.PHONY: servers
servers: ## the suites of the drivers on other servers: make servers SERVERS=/opt/redis-8/redis-server
	@for server in $(SERVERS); do \
		KVSTORE_REDIS_SERVER=$$server ./.ci/suites 'redis || cluster' -count=1 ./spec ./drivers/redisdriver || exit 1; \
	done
	@$(if $(SERVERS),,echo "LEFT OUT: there is no other server than redis-server, and SERVERS names none")

.PHONY: pairs
pairs: ## try every operation of every handle in a transaction after every other one, in memory
	KVSTORE_THOROUGH=1 ./.ci/suites 'memory' -count=1 ./kv/specs/operations -run '^TestOperations$$' --ginkgo.focus 'in a transaction'

.PHONY: transfers
transfers: redis-server ## make 16 x 5,000 transfers between 8 accounts, in memory, on Redis and on a cluster
	KVSTORE_TRANSFERS=5000 ./.ci/suites '' -count=1 ./kv/specs/transactions -run '^TestTransactions$$' --ginkgo.focus 'Transfers between accounts'

.PHONY: differential
differential: differential-stores differential-schemas differential-pairs ## compare memory with Redis, and compiled schemas with the validator of record, a million times; and 100,000 pairs of schemas

.PHONY: differential-stores differential-schemas differential-pairs
differential-stores: redis-server
	KVSTORE_DIFFERENTIAL_COMMANDS=1000000 ./.ci/suites '' -count=1 ./spec -run '^TestSpec$$' --ginkgo.focus 'memory and Redis'
differential-schemas:
	GOGC=800 KVSTORE_DIFFERENTIAL_DOCUMENTS=1000000 KVSTORE_DIFFERENTIAL_VALUES=1000000 ./.ci/suites '' -count=1 ./jsonval -run '^TestJSONVal$$' --ginkgo.focus 'validator of record'
differential-pairs:
	GOGC=800 KVSTORE_DIFFERENTIAL_PAIRS=100000 ./.ci/suites '' -count=1 ./jsonval -run '^TestJSONVal$$' --ginkgo.focus 'never calls a change compatible'

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
	cd spec/bench && go mod tidy -diff && $(AS_TESTED) go vet ./...
	$(AS_TESTED) $(TOOLS)/golangci-lint run ./...


# Built by the toolchain of go.mod: a linter built by an older Go refuses newer code.
$(TOOLS)/golangci-lint: Makefile go.mod
	@mkdir -p $(TOOLS)
	version=$$(go env GOVERSION) && cd $(TOOLS) && GOTOOLCHAIN=$$version GOFLAGS= GOGC=400 GOBIN=$(TOOLS) go install $(LINTER)
	@touch $@

.PHONY: redis-server
redis-server:
	@command -v redis-server >/dev/null || ./.ci/install-redis
