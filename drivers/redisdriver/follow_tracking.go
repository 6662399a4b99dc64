package redisdriver

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// tracking is a connection to each master, all of which tell of the same keys.
type tracking struct {
	tracker  *tracker
	prefixes []string // what the keys that are told of begin with: sorted, none the beginning of another
	servers  []trackedServer
	conns    []*trackingConn
	looked   time.Time // when it was found out last that they are those there are
	// Guarded by tracker.mu:
	relied bool      // followers may hear nothing but by it
	since  time.Time // when
	lost   error     // why it may not have told of a change
}

// open makes a tracking of servers. Those that need not be masters are left out where they are none.
func (t *tracker) open(ctx context.Context, servers []trackedServer, prefixes []string) (*tracking, error) {
	tr := &tracking{tracker: t, prefixes: prefixes, servers: servers, looked: time.Now()}
	conns, errs := make([]*trackingConn, len(servers)), make([]error, len(servers))
	var opened sync.WaitGroup
	for i, server := range servers {
		opened.Go(func() { conns[i], errs[i] = tr.connect(ctx, server) })
	}
	opened.Wait()
	var failed error
	for i, server := range servers {
		switch {
		case errs[i] == nil && (!server.learned || !isAmong(conns, conns[i])):
			tr.conns = append(tr.conns, conns[i])
		case server.learned: // no master, or one that has another address as well
			t.forget(server)
			if errs[i] == nil {
				conns[i].close()
			}
		case failed == nil || isForGood(errs[i]):
			failed = errs[i]
		}
	}
	if failed != nil {
		tr.close()
		return nil, failed
	}
	return tr, nil
}

// isAmong reports whether one of conns leads to the server of conn as well.
func isAmong(conns []*trackingConn, conn *trackingConn) bool {
	return slices.ContainsFunc(conns, func(other *trackingConn) bool {
		return other != nil && other != conn && other.run != "" && other.run == conn.run
	})
}

// reaches reports whether servers are those that are tracked, as far as can be told.
func (tr *tracking) reaches(servers []trackedServer) bool {
	wanted := map[string]bool{}
	for _, server := range servers {
		wanted[server.id] = true
	}
	for _, conn := range tr.conns {
		if conn.server.id == "" || wanted[""] {
			return true
		}
		if !wanted[conn.server.id] {
			return false
		}
		delete(wanted, conn.server.id)
	}
	return len(wanted) == 0
}

// tracks reports whether a server of a cluster is one of those that are tracked.
func (tr *tracking) tracks(addr string) bool {
	return slices.ContainsFunc(tr.conns, func(conn *trackingConn) bool { return conn.server.id == addr })
}

// covers reports whether changes of key are told, and of those below it.
func (tr *tracking) covers(key string) bool { return hasPrefixAmong(tr.prefixes, key) }

// isTooWide reports whether more is told than need be, and has been for long.
func (tr *tracking) isTooWide(need []string) bool {
	return time.Since(tr.since) > narrowPause && !slices.Equal(tr.prefixes, need)
}

// drain returns once all that had been told before has arrived, or is lost.
func (tr *tracking) drain(ctx context.Context) {
	for _, conn := range tr.conns {
		conn.stopTracking()
	}
	for _, conn := range tr.conns {
		select {
		case <-conn.ended:
		case <-ctx.Done():
			return
		}
	}
}

func (tr *tracking) close() {
	for _, conn := range tr.conns {
		conn.close()
	}
}

// changed is told by a connection.
func (tr *tracking) changed(key []byte) { tr.tracker.hub.Changed(string(key)) }

// emptied is told by a connection whose server has dropped all keys.
func (tr *tracking) emptied() { tr.tracker.hub.Miss() }

// lostBy is told by a connection that has ended, once.
func (tr *tracking) lostBy(server trackedServer, err error) {
	tr.tracker.lose(tr, drivers.Errorf(drivers.ErrUnavailable, "redisdriver: following %s: %w", server.name(), err))
}
