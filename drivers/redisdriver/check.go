package redisdriver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Severity is how bad a Finding is.
type Severity int

const (
	// Note is worth to know.
	Note Severity = iota
	// Risk is what may lose data, or give a wrong answer, one day; or what could not be found out.
	Risk
	// Fault is what does not work.
	Fault
)

func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Risk:
		return "risk"
	case Fault:
		return "fault"
	}
	return fmt.Sprintf("Severity(%d)", int(s))
}

// Finding is something about a server, or about a client, that a program should know of
// before it relies on it.
type Finding struct {
	Severity Severity
	// Server is the address; empty for what concerns the client.
	Server string
	// Feature is what is concerned: a part of this library, or a property of the server.
	Feature string
	// What says what is the matter, and Advice what may be done about it.
	What, Advice string
}

func (f Finding) String() string {
	server := cmp.Or(f.Server, "client")
	return fmt.Sprintf("%v: %s: %s: %s. %s.", f.Severity, server, f.Feature, f.What, f.Advice)
}

// Check finds out what a client, its server (in a cluster each master), and its user's rights
// lack for this library: the version, the role, the policy of eviction, persistence and
// replication, and for each feature the commands that the user may not use. What cannot be
// found out is a Finding, too, so that none means that all is well. Not looked at is which keys
// and channels the user may touch.
//
// The worst come first. Which of them matter depends on what a program uses; a program that
// needs everything may refuse to start for a Fault. An error means that a server could not be
// asked, and the findings are those of the others.
//
// It changes nothing, and takes some 30 round trips to each server: [HELLO], [INFO], [CONFIG GET] and
// transactions that are discarded, which ask for rights. Refused commands show in [ACL LOG].
//
// [HELLO]: https://redis.io/docs/latest/commands/hello/
// [INFO]: https://redis.io/docs/latest/commands/info/
// [CONFIG GET]: https://redis.io/docs/latest/commands/config-get/
// [ACL LOG]: https://redis.io/docs/latest/commands/acl-log/
func Check(ctx context.Context, client redis.UniversalClient) ([]Finding, error) {
	if err := checkClient(client); err != nil {
		return nil, err
	}
	var (
		mu    sync.Mutex
		found = findingsOfClient(client)
		err   error
	)
	server := func(ctx context.Context, node *redis.Client) error {
		_, inCluster := client.(cluster)
		c := checked{server: node.Options().Addr}
		err := c.check(ctx, node, inCluster)
		mu.Lock()
		defer mu.Unlock()
		found = append(found, c.found...)
		return err
	}
	switch client := client.(type) {
	case *redis.Client:
		err = server(ctx, client)
	case cluster:
		err = client.ForEachMaster(ctx, server)
	default:
		return found, fmt.Errorf("redisdriver: checking a %T: %w", client, errors.ErrUnsupported)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Feature, b.Feature))
	})
	if err != nil {
		return found, classify(ctx, err, false)
	}
	return found, nil
}

const (
	// recommendedReload is how soon a cluster client should learn of a failover.
	recommendedReload = time.Second
	// fewConnections is a PoolSize that a handful of waits uses up.
	fewConnections = 10
)

// findingsOfClient are those about a client's options.
func findingsOfClient(client redis.UniversalClient) []Finding {
	var c checked
	switch client := client.(type) {
	case *redis.Client:
		options := client.Options()
		c.pool(options.PoolSize)
		c.deadlines(options.ContextTimeoutEnabled)
		if options.DB != 0 {
			c.add(Note, "topics", fmt.Sprintf("messages know no database numbers: the topics of database %d are those of all others", options.DB),
				"Put what tells them apart into the path")
		}
	case *redis.ClusterClient:
		options := client.Options()
		c.pool(options.PoolSize)
		c.deadlines(options.ContextTimeoutEnabled)
		if interval := options.ClusterStateReloadInterval; interval <= 0 || interval > 10*recommendedReload {
			c.add(Note, "failover", "the client may take a minute to learn of a new master where nothing else tells it",
				fmt.Sprintf("Set ClusterStateReloadInterval to %v", recommendedReload))
		}
		if options.ReadOnly || options.RouteByLatency || options.RouteRandomly {
			c.add(Risk, "reads", "replicas answer, which may not know yet what was written",
				"Leave ReadOnly, RouteByLatency and RouteRandomly off, or use a second client for reads that may be stale")
		}
	}
	return c.found
}

func (c *checked) pool(size int) {
	if size < fewConnections {
		c.add(Note, "waits", fmt.Sprintf("each holds a connection of the %d there are to a server", size),
			"Let PoolSize exceed the waits there may be at once")
	}
}

func (c *checked) deadlines(heeded bool) {
	if !heeded {
		c.add(Note, "contexts", "each call whose context may end takes a goroutine of its own", "Set ContextTimeoutEnabled")
	}
}
