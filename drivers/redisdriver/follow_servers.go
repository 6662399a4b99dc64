package redisdriver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// answerLimit is how long a server may take to answer what a tracker asks it for.
const answerLimit = 5 * time.Second

// trackedServer is a server that tells of its keys, or shall.
type trackedServer struct {
	node    *redis.Client // whose options lead to it
	id      string        // of a cluster's node the address, else what tells this run of the server from others; "" where that is unknown
	learned bool          // it may be no master
}

func (s trackedServer) name() string { return s.node.Options().Addr }

// servers are those to track. Where there is but one, it is asked who it is if that may be another one than is
// tracked already.
func (t *tracker) servers(ctx context.Context, present *tracking) ([]trackedServer, error) {
	own, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	servers, err := t.find(own, present)
	if err == nil || ctx.Err() != nil {
		return servers, err
	}
	if own.Err() != nil {
		return nil, drivers.Errorf(drivers.ErrUnavailable, "redisdriver: following: no answer within %v", answerLimit)
	}
	return nil, classify(ctx, err, false)
}

func (t *tracker) find(ctx context.Context, present *tracking) ([]trackedServer, error) {
	if t.driver.cluster != nil {
		return t.masters(ctx)
	}
	client, ok := t.driver.client.(*redis.Client)
	if !ok {
		return nil, fmt.Errorf("redisdriver: following by a %T: %w", t.driver.client, errors.ErrUnsupported)
	}
	server := trackedServer{node: client}
	if present == nil {
		return []trackedServer{server}, nil
	}
	answer := make(chan *redis.StringCmd, 1)
	if t.driver.interruptible(ctx, nil, func() { answer <- client.Info(ctx, "server") }) {
		return nil, ctx.Err()
	}
	info := <-answer
	if err := info.Err(); err != nil && !isAnswer(err) {
		return nil, err
	}
	server.id = runOf(info.Val())
	return []trackedServer{server}, nil
}

// runOf is the id of a server's run, as INFO says it.
func runOf(info string) string {
	_, id, _ := strings.Cut(info, "run_id:")
	id, _, _ = strings.Cut(id, "\r")
	return id
}

// masters are those that the cluster says have slots, and what may be masters without.
func (t *tracker) masters(ctx context.Context) ([]trackedServer, error) {
	nodes, err := t.driver.masters(ctx)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return nil, drivers.Errorf(drivers.ErrUnavailable, "redisdriver: following: the cluster has no masters")
	}
	var servers []trackedServer
	known := map[string]bool{}
	for _, node := range nodes {
		addr := node.Options().Addr
		known[addr] = true
		servers = append(servers, trackedServer{node: node, id: addr})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for addr, node := range t.learned {
		if !known[addr] {
			servers = append(servers, trackedServer{node: node, id: addr, learned: true})
		}
	}
	return servers, nil
}

// masters are the masters of a cluster that have slots, as a server says that is asked.
func (d *Driver) masters(ctx context.Context) ([]*redis.Client, error) {
	var (
		mu      sync.Mutex // they are visited all at once
		masters []*redis.Client
		result  = make(chan error, 1)
	)
	visit := func() {
		result <- d.cluster.ForEachMaster(ctx, func(_ context.Context, master *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			masters = append(masters, master)
			return nil
		})
	}
	if d.interruptible(ctx, nil, visit) {
		return nil, ctx.Err()
	}
	err := <-result
	return masters, err
}

// learnOfNodes lets the driver's trackers know of each node of the cluster that its client meets. The client
// has no way to be told that nobody wants to know any more, so it keeps no driver.
func learnOfNodes(d *Driver) {
	cluster, ok := d.client.(interface{ OnNewNode(func(*redis.Client)) })
	if !ok {
		return
	}
	driver := weak.Make(d)
	cluster.OnNewNode(func(node *redis.Client) {
		if d := driver.Value(); d != nil {
			if t := d.follows.present(); t != nil {
				t.learn(node)
			}
		}
	})
}

// learn is called before anything is sent to a node that the client has not known: from then on there may
// be changes there that are not heard of.
func (t *tracker) learn(node *redis.Client) {
	addr := node.Options().Addr
	t.mu.Lock()
	t.learned[addr] = node
	current := t.current
	t.mu.Unlock()
	if current != nil && !current.tracks(addr) {
		t.lose(current, errReplaced)
	}
}

// forget takes a server out that was learned of.
func (t *tracker) forget(server trackedServer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.learned, server.id)
}
