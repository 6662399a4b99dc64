package spec_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

func brokenBatches() []brokenDriver {
	return []brokenDriver{
		{"executes an atomic batch command by command", `^an atomic batch is seen as a whole`, func(d drivers.Driver) drivers.Driver {
			return batching{d.(able), func(d able, ctx context.Context, b *drivers.Batch) error {
				for i := range b.Items {
					b.Items[i].Reply, b.Items[i].Err = d.Do(ctx, b.Items[i].Command)
					gap()
				}
				return nil
			}}
		}},
		{"stops a batch at the first error", `^a batch goes on after a command that finds another type`, func(d drivers.Driver) drivers.Driver {
			return batching{d.(able), func(d able, ctx context.Context, b *drivers.Batch) error {
				for i := range b.Items {
					if b.Items[i].Reply, b.Items[i].Err = d.Do(ctx, b.Items[i].Command); b.Items[i].Err != nil {
						return nil
					}
				}
				return nil
			}}
		}},
		{"executes a batch in no order", `^a batch lets each command see what those before it did`, func(d drivers.Driver) drivers.Driver {
			return batching{d.(able), func(d able, ctx context.Context, b *drivers.Batch) error {
				for i := range slices.Backward(b.Items) {
					b.Items[i].Reply, b.Items[i].Err = d.Do(ctx, b.Items[i].Command)
				}
				return nil
			}}
		}},
		{"keeps the errors of a batch's last time", `^a batch may be executed again`, func(d drivers.Driver) drivers.Driver {
			return batching{d.(able), func(d able, ctx context.Context, b *drivers.Batch) error {
				for i := range b.Items {
					reply, err := d.Do(ctx, b.Items[i].Command)
					if b.Items[i].Reply = reply; err != nil {
						b.Items[i].Err = err
					}
				}
				return nil
			}}
		}},
	}
}

type batching struct {
	able
	batch func(d able, ctx context.Context, b *drivers.Batch) error
}

func (d batching) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.batch(d.able, ctx, b)
}

func brokenScanners() []brokenDriver {
	scanning := func(scan func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error]) func(drivers.Driver) drivers.Driver {
		return func(d drivers.Driver) drivers.Driver {
			return &scanner{able: d.(able), scan: scan, all: map[string]bool{}}
		}
	}
	return []brokenDriver{
		{"lists users2 among users", `^SCANKEYS takes the prefix "users" literally`, func(d drivers.Driver) drivers.Driver {
			return &scanner{able: d.(able), all: map[string]bool{}}
		}},
		{"lists below the first of several keys alone", `^SCANKEYS yields what lies below any of several keys`, scanning(func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
			cmd.OwnExtra().Keys = nil
			return d.Scan(ctx, cmd)
		})},
		{"lists keys twice", `^SCANLEAVES yields each of a thousand once`, scanning(func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for name, err := range d.Scan(ctx, cmd) {
					for range 2 {
						if !yield(name, err) {
							return
						}
					}
				}
			}
		})},
		{"stops listing after 97 keys, without an error", `^SCANKEYS yields each of a thousand once`, scanning(func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				n := 0
				for name, err := range d.Scan(ctx, cmd) {
					if n++; n > 97 || !yield(name, err) {
						return
					}
				}
			}
		})},
		{"yields whole keys for leaves", `^SCANLEAVES yields the last segments`, scanning(func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for name, err := range d.Scan(ctx, cmd) {
					if cmd.Op == drivers.OpScanLeaves {
						name = cmd.Key + ":" + name
					}
					if !yield(name, err) {
						return
					}
				}
			}
		})},
		{"does not let the loop break", `^SCANKEYS stops where the loop breaks`, scanning(func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for name, err := range d.Scan(ctx, cmd) {
					yield(name, err)
				}
			}
		})},
	}
}

// scanner remembers every key it was given and lists by the bare prefix.
type scanner struct {
	able
	scan func(d able, ctx context.Context, cmd drivers.Command) iter.Seq2[string, error]
	lock sync.Mutex
	all  map[string]bool
}

func (d *scanner) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	d.lock.Lock()
	d.all[cmd.Key] = true
	d.lock.Unlock()
	return d.able.Do(ctx, cmd)
}

func (d *scanner) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	if d.scan != nil {
		return d.scan(d.able, ctx, cmd)
	}
	return func(yield func(string, error) bool) {
		for key := range d.all {
			if strings.HasPrefix(key, cmd.Key) && !yield(key, nil) {
				return
			}
		}
	}
}
