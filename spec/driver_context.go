package spec

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// ending is a context that ended before the driver was asked.
type ending struct {
	says string
	ctx  context.Context
	want error
}

func endings() []ending {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	cancel()
	return []ending{
		{"a cancelled context", cancelled, context.Canceled},
		{"a context whose deadline is over", late, context.DeadlineExceeded},
	}
}

// contextChecks: a context that ended first is the answer, and nothing was changed.
func contextChecks(h Harness) []check {
	var checks []check
	for _, end := range endings() {
		says := end.says
		for _, e := range h.examples() {
			checks = append(checks, about(e.cmd.Op, "with "+says+" changes nothing and answers its error", func(t *trial) {
				t.given(e.suits())
				t.endedFirst(end.ctx, end.want, t.do, e.cmd)
			}))
		}
		batch := func(atomic bool) func(t *trial) {
			return func(t *trial) {
				t.given(put("k", "old"))
				t.endedFirst(end.ctx, end.want, t.alone(atomic), put("k", "new"))
			}
		}
		checks = append(checks, check{about: "a batch", says: "with " + says + " changes nothing and answers its error", run: batch(false)})
		if h.Batch {
			checks = append(checks, check{about: "an atomic batch", says: "with " + says + " changes nothing and answers its error", run: batch(true)})
		}
		if h.Watch {
			checks = append(checks, check{about: "a transaction", says: "is not begun with " + says, run: func(t *trial) {
				_, err := drivers.Begin(end.ctx, t.Driver, t.key("k"))
				t.fails(err, end.want)
			}})
			checks = append(checks, check{about: "watching", says: "with " + says + " changes nothing and answers its error", run: func(t *trial) {
				t.given(put("k", "old"))
				watched := func(cmd drivers.Command) (drivers.Reply, error) {
					return drivers.Reply{}, drivers.Watch(t.ctx, t.Driver, []string{t.key("k")}, func(tx drivers.Transaction) error {
						b := drivers.NewBatch(t.place(cmd))
						b.Atomic = true
						return tx.DoBatch(t.ctx, b)
					})
				}
				t.endedFirst(end.ctx, end.want, watched, put("k", "new"))
			}})
		}
		if h.Scan {
			checks = append(checks, check{about: "listing keys", says: "with " + says + " yields its error, once", run: func(t *trial) {
				t.given(put("users:1", "v"))
				t.ctx = end.ctx
				keys, err := t.list(drivers.OpScanKeys, t.key("users"))
				t.fails(err, end.want)
				t.Expect(keys).To(gomega.BeEmpty())
			}})
		}
	}
	return checks
}

func (t *trial) endedFirst(ctx context.Context, want error, do func(drivers.Command) (drivers.Reply, error), cmd drivers.Command) {
	before := t.observe([]string{"k", "other"})
	t.ctx = ctx
	_, err := do(cmd)
	t.ctx = context.Background()
	t.fails(err, want, describe(cmd))
	for name, seen := range before {
		t.unchanged(name, seen)
	}
}
