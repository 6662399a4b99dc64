package redisdriver

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	// scanCount is how many keys a server looks at for one page.
	scanCount = 1000
	// maxPages is how many pages in a row are fetched at most that have few keys to yield.
	maxPages = 16
)

// Scan lists keys below a prefix with [SCAN], never KEYS. It may return a key twice, so
// it remembers the keys that came last, and all branches. In a cluster it visits the masters one
// after the other; keys of slots that migrate meanwhile may be missed. A server that takes the
// place of another is noticed (see lua/scan.lua). No connection is held while the loop's body runs.
// Where few keys of a server are below the prefix, more of its pages are fetched in a row, up to 16, before the
// loop's body sees what they have.
//
// [SCAN]: https://redis.io/docs/latest/commands/scan/
func (d *Driver) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := d.scan(ctx, cmd, yield); err != nil {
			yield("", err)
		}
	}
}

// scan returns nil after a break.
func (d *Driver) scan(ctx context.Context, cmd drivers.Command, yield func(string, error) bool) error {
	if err := d.admit(ctx); err != nil {
		return err
	}
	part := scanParts[cmd.Op]
	if part == nil {
		return drivers.Errorf(drivers.ErrInvalid, "%v does not list keys", cmd.Op)
	}
	nodes, err := d.scanned(ctx)
	if err != nil {
		d.reloadAfter(ctx, err)
		return classify(ctx, err, false)
	}
	prefixes := cmd.Prefixes()
	pattern := patternOf(prefixes)
	var repeats repeats = &drivers.RecentNames{}
	if cmd.Op == drivers.OpScanBranches { // a branch comes once for every key below it
		repeats = names{}
	}
	for _, node := range nodes {
		read := drivers.Command{Value: pattern}
		for pages, more := 1, true; more; pages = min(2*pages, maxPages) {
			var keys []string
			if keys, more, err = d.keysOf(ctx, node, &read, pages); err != nil {
				return err
			}
			for _, key := range keys {
				below, found := "", false
				for i := 0; i < len(prefixes) && !found; i++ {
					below, found = strings.CutPrefix(key, prefixes[i])
				}
				if !found {
					continue
				}
				name, found := part(key, below)
				if !found || repeats.Seen(name) {
					continue
				}
				if !yield(name, nil) {
					return nil
				}
			}
			if err := d.admit(ctx); err != nil { // closed or ended by the loop's body
				return err
			}
		}
	}
	return nil
}

// keysOf are those on so many pages, or fewer where there are many keys, and whether there are more. All pages come over one
// connection. A connection does not change servers, so the first page alone asks whether the server is still
// the one that gave the cursor.
func (d *Driver) keysOf(ctx context.Context, node processor, read *drivers.Command, pages int) (keys []string, more bool, err error) {
	over := node
	if pool, ok := node.(interface{ Conn() *redis.Conn }); ok && pages > 1 {
		conn := pool.Conn()
		defer func() { _ = conn.Close() }() // gives it back
		over = conn
	}
	page := &firstPage
	for ; pages > 0; pages-- {
		reply, err := d.execute(ctx, over, page, *read, page.callOf(read))
		if errors.Is(err, drivers.ErrUnavailable) && over != node { // the connection is lost: others may lead elsewhere
			if page == &nextPage {
				return keys, true, nil
			}
			over, pages = node, 1
			reply, err = d.execute(ctx, over, page, *read, page.callOf(read))
		}
		if err != nil {
			return nil, false, err
		}
		keys = append(keys, reply.Values...)
		if !read.Continue(reply) {
			return keys, false, nil
		}
		if len(keys) >= scanCount || over == node {
			break
		}
		if err := d.admit(ctx); err != nil {
			return nil, false, err
		}
		page = &nextPage
	}
	return keys, true, nil
}

// patternOf matches what begins with any of prefixes, and not much else: one ending is all that MATCH can be told of
// several, so it is the longest that all of them have.
func patternOf(prefixes []string) string {
	if len(prefixes) == 1 {
		return globEscaper.Replace(prefixes[0]) + "*"
	}
	common := prefixes[0]
	for _, prefix := range prefixes[1:] {
		for !strings.HasSuffix(prefix, common) {
			common = common[1:]
		}
	}
	return "*" + globEscaper.Replace(common) + "*"
}

// repeats tells names that were yielded before.
type repeats interface{ Seen(name string) bool }

// names remembers all of them.
type names map[string]struct{}

func (n names) Seen(name string) bool {
	_, again := n[name]
	n[name] = struct{}{}
	return again
}

// globEscaper makes MATCH take every character of a prefix for itself.
var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `-`, `\-`)

// scanParts are what the listing Ops yield of a key, given what comes after the prefix.
var scanParts = map[drivers.Op]func(key, below string) (string, bool){
	drivers.OpScanKeys: func(key, _ string) (string, bool) { return key, true },
	drivers.OpScanLeaves: func(_, below string) (string, bool) {
		return below, !strings.Contains(below, ":")
	},
	drivers.OpScanBranches: func(_, below string) (string, bool) {
		segment, _, found := strings.Cut(below, ":")
		return segment, found
	},
}

// scanned are the servers that together hold all keys.
func (d *Driver) scanned(ctx context.Context) ([]processor, error) {
	if d.cluster == nil {
		return []processor{d.client}, nil
	}
	masters, err := d.masters(ctx)
	nodes := make([]processor, len(masters))
	for i, master := range masters {
		nodes[i] = master
	}
	return nodes, err
}

// Pages of a server's keys that match Value.
var (
	// firstPage is that of a connection. It finds out which server answers.
	firstPage = handler{reply: page, call: func(cmd drivers.Command) call {
		return scan.onKeys(nil, 0, uint64(cmd.Cursor()), cmd.CursorServer(), "scan", "match", cmd.Value, "count", scanCount)
	}}
	// nextPage is one more from the same server.
	nextPage = handler{call: func(cmd drivers.Command) call {
		return command("scan", uint64(cmd.Cursor()), "match", cmd.Value, "count", scanCount)
	}, reply: replyType{command: newScan, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		keys, next := answer.(*redis.ScanCmd).Val()
		return drivers.Reply{Values: keys, Int: int64(next), Value: cmd.CursorServer()}
	}}}
)
