package kv

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/overlay"
	"github.com/kvstore-go/kvstore/kv/internal/turns"
)

// largestGroup is how many members and writes a group has before it takes nobody else: the store
// does nothing else while it commits.
const largestGroup = 100

// group is the transactions of one program that commit together: one, or several that stood in
// line for the same. When the function of one has returned and somebody waits behind it, it
// does not commit, but passes the group on: what was read, and watched, and what is
// to be written. The next function runs on top of that. The last one, behind which nobody waits, commits
// for all. So in a crowd each costs a part of the round trips of one.
//
// To the store the group is one transaction. If somebody else changed what was read,
// all begin anew; whatever else it is refused for may concern one of them alone, so each begins anew by itself.
type group struct {
	driver drivers.Driver
	stand  func(ctx context.Context, keys ...string) error // in line, before a connection is taken

	mu          sync.Mutex
	tx          drivers.Transaction // begun with the first read
	overlay     *overlay.Overlay
	read        []string        // the keys of all reads
	anchor      drivers.Command // one of the reads, to commit where there is nothing to write
	interrupted error           // what a read was interrupted with
	failed      bool            // a read was not executed: nobody else can rely on what was read

	rider    *ticket   // of who joined last, whose function runs; nil for the first
	members  []*ticket // of those whose function is over
	size     int       // how many these are
	writes   int       // how many of the overlay's are theirs
	departed bool      // it commits, or has

	ctx    context.Context // of the last one that passed it on
	late   *time.Timer     // to depart without the rider
	done   chan struct{}   // closed when it is over; nil for one transaction
	items  []drivers.Item  // the commit
	result error
}

var (
	// errStale says that what was read has been changed by somebody else.
	errStale = errors.New("what was read has been changed")
	// errApart says that a transaction has to begin anew by itself.
	errApart = errors.New("the transaction cannot be committed together with others")
)

func newGroup(driver drivers.Driver) *group {
	g := &group{driver: driver}
	g.overlay = overlay.New(committed{g})
	return g
}

// add makes somebody whose function is over a member, with its place in line if it has one. g.mu is held.
func (g *group) add(p *ticket) {
	g.size++
	if p != nil {
		g.members = append(g.members, p)
	}
}

// passOn lets the one that is next in line behind a member go on with the group, if there is one. g.mu is held.
func (g *group) passOn(ctx context.Context, behind *ticket) bool {
	if behind == nil || g.size+g.writes >= largestGroup {
		return false
	}
	next := lines.follow(behind, g)
	if next == nil {
		return false
	}
	g.rider, g.ctx = next, ctx
	g.overlay.PassOn()
	if g.done == nil {
		g.done = make(chan struct{})
		g.late = time.AfterFunc(turns.LongestShare.Get(), g.departWithoutRider)
	} else {
		g.late.Reset(turns.LongestShare.Get())
	}
	return true
}

// departWithoutRider commits although somebody's function has not returned: it is slow, or it may
// even wait for one of those that wait for it.
func (g *group) departWithoutRider() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.departed {
		g.depart(g.ctx)
	}
}

// depart commits for all, whosever context ends meanwhile. g.mu is held.
func (g *group) depart(ctx context.Context) {
	g.departed = true
	g.late.Stop()
	if ctx.Done() == nil {
		g.conclude(ctx)
		return
	}
	go g.conclude(context.WithoutCancel(ctx))
}

// conclude commits, and lets all members know.
func (g *group) conclude(ctx context.Context) {
	err := errApart
	if !g.failed {
		err = g.commit(ctx)
	}
	switch {
	case err == nil, errors.Is(err, ErrIndeterminate):
		lines.leave(g.members...)
	case g.size > 1 && !errors.Is(err, errStale):
		err = errApart
	}
	g.result = err
	g.end()
	close(g.done)
}

// outcome waits until the group is over, and says what befell the writes from one place to another.
func (g *group) outcome(ctx context.Context, from, to int) error {
	select {
	case <-g.done:
	case <-ctx.Done():
		return fail("Atomic", transactionPath, drivers.Join(ErrIndeterminate, ctx.Err()))
	}
	if g.result != nil {
		return g.result
	}
	return itemError(g.items[from:to])
}

// commit applies what was written, provided that what was read is unchanged.
func (g *group) commit(ctx context.Context) error {
	g.items = g.overlay.Writes()[:g.writes]
	batch := &drivers.Batch{Atomic: true, Items: g.items}
	switch {
	case len(batch.Items) == 0 && len(g.read) < 2:
		return nil // one read is consistent with itself
	case len(batch.Items) == 0:
		batch.Items = []drivers.Item{{Command: g.anchor}}
	}
	on := g.driver
	if g.tx != nil {
		on = g.tx
	}
	err := drivers.DoBatch(ctx, on, batch)
	if errors.Is(err, drivers.ErrConflict) {
		return errStale
	}
	if err != nil {
		return fail("Atomic", transactionPath, err)
	}
	return nil
}

// itemError is the error of the first of a commit's writes that failed by itself.
func itemError(items []drivers.Item) error {
	for i := range items {
		if err := items[i].Err; err != nil {
			return fail("Atomic", items[i].Command.Key, err)
		}
	}
	return nil
}

func (g *group) end() {
	g.overlay.End()
	if g.tx != nil {
		g.tx.End()
	}
}

// contested are the keys at which to take turns after a conflict. What others changed nobody
// tells; if they do the same it is among what was both read and written.
func (g *group) contested() []string {
	written := map[string]bool{}
	for _, item := range g.overlay.Writes() {
		written[item.Command.Key] = true
		for _, index := range item.Command.Indexes() {
			written[index.Registry] = true
		}
	}
	both := slices.DeleteFunc(slices.Clone(g.read), func(key string) bool {
		registry, _, _ := strings.Cut(key, "::")
		return !written[key] && !written[registry]
	})
	if len(both) == 0 {
		return slices.Clone(g.read)
	}
	return both
}

// committed is what the transactions of a group lie over: an overlay.Store.
type committed struct{ *group }

// Read implements overlay.Store.
func (c committed) Read(ctx context.Context, items []drivers.Item) error {
	err := c.ask(ctx, &drivers.Batch{Items: items})
	c.failed = c.failed || err != nil
	c.note(err)
	for i := range items {
		c.note(items[i].Err)
	}
	return err
}

// note remembers that a read was interrupted, whatever a function makes of that.
func (g *group) note(err error) {
	if errors.Is(err, drivers.ErrInterrupted) {
		g.failed = true
		if g.interrupted == nil {
			g.interrupted = err
		}
	}
}

func (g *group) ask(ctx context.Context, batch *drivers.Batch) error {
	read := g.read
	for i := range batch.Items {
		read = append(read, batch.Items[i].Command.Key)
	}
	if g.tx == nil {
		if err := g.stand(ctx, read...); err != nil {
			return err
		}
		tx, err := drivers.Begin(ctx, g.driver, read[0])
		if err != nil {
			return err
		}
		g.tx = tx
	}
	g.read = read
	g.anchor = drivers.Command{Op: drivers.OpExists, Key: batch.Items[0].Command.Key, Pattern: batch.Items[0].Command.Pattern}
	return g.tx.DoBatch(ctx, batch)
}

// Evicts implements overlay.Store.
func (c committed) Evicts(ctx context.Context, key string) (bool, error) {
	return drivers.Evicts(ctx, c.driver, key)
}
