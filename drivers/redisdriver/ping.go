package redisdriver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Ping implements drivers.Pinger: the server, or every master of the cluster, answers, takes commands
// - it is not loading its data, nor busy with a script - and is a master. Not found out is what
// only a write would tell: that its memory is used up, or replicas are missing.
// Two round trips to each server, all at once ([PING], [HELLO]). In a cluster the client first asks
// one of them which masters there are; where that one is silent, none is named.
//
// [PING]: https://redis.io/docs/latest/commands/ping/
// [HELLO]: https://redis.io/docs/latest/commands/hello/
func (d *Driver) Ping(ctx context.Context) error {
	if err := d.admit(ctx); err != nil {
		return err
	}
	var said pings
	if d.interruptible(ctx, nil, func() { said.collect(ctx, d) }) {
		return said.failures(ctx.Err())
	}
	return said.failures(nil)
}

// pings are what servers say to Ping. There may be none yet.
type pings struct {
	mu     sync.Mutex
	asked  map[string]bool // by address: whether it has answered
	failed []error
}

func (p *pings) collect(ctx context.Context, d *Driver) {
	if d.cluster == nil {
		p.ask(ctx, d.client)
		return
	}
	err := d.cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		if over := ctx.Err(); over != nil { // it took the time to find out which masters there are: they are not to blame
			return over
		}
		p.ask(ctx, node)
		return nil
	})
	if err != nil { // it does not know which masters there are
		p.fail(classify(ctx, err, false))
	}
}

func (p *pings) ask(ctx context.Context, node redis.UniversalClient) {
	server := "the server"
	if client, ok := node.(*redis.Client); ok {
		server = client.Options().Addr
	}
	p.note(server, false)
	if err := ping(ctx, node); err != nil {
		p.fail(fmt.Errorf("%s: %w", server, err))
	}
	p.note(server, true)
}

func ping(ctx context.Context, node redis.UniversalClient) error {
	if err := node.Ping(ctx).Err(); err != nil {
		return classify(ctx, err, false)
	}
	hello, err := node.Do(ctx, "hello").Result()
	if err != nil {
		return classify(ctx, err, false)
	}
	if role := textsOf(hello)["role"]; role != "master" {
		return drivers.Errorf(drivers.ErrUnavailable, "it is a %s, which takes no writes", role)
	}
	return nil
}

func (p *pings) note(server string, answered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked == nil {
		p.asked = map[string]bool{}
	}
	p.asked[server] = answered
}

func (p *pings) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = append(p.failed, err)
}

// failures are what is wrong: with every server that has not answered it is that the time is over.
func (p *pings) failures(over error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := slices.Clone(p.failed)
	if over != nil {
		for _, server := range slices.Sorted(maps.Keys(p.asked)) {
			if !p.asked[server] {
				failed = append(failed, fmt.Errorf("%s: %w", server, over))
			}
		}
		if len(failed) == 0 {
			return over
		}
	}
	return errors.Join(failed...)
}
