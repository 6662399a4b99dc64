package redisdriver

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Ping implements drivers.Pinger: it asks the server, or at the same time each master of the
// cluster ([PING]), and whether it is one ([HELLO]), as a replica takes no writes. A user that may not use PING needs no right to: to be refused is an answer. In a
// cluster it first asks any server which masters there are; should that one be silent, none is named.
//
// [PING]: https://redis.io/docs/latest/commands/ping/
// [HELLO]: https://redis.io/docs/latest/commands/hello/
func (d *Driver) Ping(ctx context.Context) error {
	if err := d.admit(ctx); err != nil {
		return err
	}
	if d.cluster == nil {
		if client, ok := d.client.(*redis.Client); ok {
			return d.ping(ctx, client, client.Options().Addr)
		}
		return d.ping(ctx, d.client, "server")
	}
	var (
		mu     sync.Mutex
		failed []error
		begun  = make(chan struct{})
		begin  = sync.OnceFunc(func() { close(begun) })
		ended  = make(chan error, 1)
	)
	go func() {
		ended <- d.cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
			begin()
			if err := d.ping(ctx, master, master.Options().Addr); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, err)
			}
			return nil
		})
	}()
	var err error
	select {
	case err = <-ended:
	case <-begun:
		err = <-ended
	case <-ctx.Done(): // go-redis does not heed it while it asks for the masters
		return ctx.Err()
	}
	if err != nil {
		return classify(ctx, err, false)
	}
	slices.SortFunc(failed, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(failed...)
}

// ping asks one server. Its error is a *drivers.ServerError.
func (d *Driver) ping(ctx context.Context, server processor, address string) error {
	ping := redis.NewStatusCmd(ctx, "ping")
	err := ctx.Err
	if !d.interruptible(ctx, nil, func() { _ = server.Process(ctx, ping) }) {
		err = ping.Err
	}
	cause := err()
	if cause == nil || hasCode(cause, "NOPERM") {
		return d.role(ctx, server, address)
	}
	d.reloadAfter(ctx, cause)
	return &drivers.ServerError{Server: address, Err: classify(ctx, cause, false)}
}

// role finds out whether a server that answers is a master, if it tells.
func (d *Driver) role(ctx context.Context, server processor, address string) error {
	hello := redis.NewCmd(ctx, "hello")
	if d.interruptible(ctx, nil, func() { _ = server.Process(ctx, hello) }) || hello.Err() != nil {
		return nil // it has answered PING
	}
	role := textsOf(hello.Val())["role"]
	if role == "" || role == "master" {
		return nil
	}
	return &drivers.ServerError{Server: address, Err: drivers.Errorf(drivers.ErrUnavailable, "it is a %s, which takes no writes", role)}
}
