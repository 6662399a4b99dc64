package spec

import (
	"errors"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

var unsupported = errors.ErrUnsupported

// closeChecks: after Close everything is ErrClosed; a driver without Close has
// nothing to close, and goes on.
func closeChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "closing", says: says, run: run} }
	if !h.Close {
		return []check{topic("is nothing to this driver: it goes on", func(t *trial) {
			t.given(put("k", "v"))
			t.Expect(drivers.Close(t.Driver)).To(gomega.Succeed())
			t.replies(t.must(get("k")), drivers.Reply{Value: "v"})
			t.Expect(drivers.Ping(t.ctx, t.Driver)).To(gomega.Succeed())
		})}
	}
	var checks []check
	for _, e := range h.examples() {
		checks = append(checks, about(e.cmd.Op, "is ErrClosed after Close", func(t *trial) {
			t.close()
			_, err := t.do(e.cmd)
			t.fails(err, drivers.ErrClosed)
		}))
	}
	checks = append(checks,
		topic("makes a batch ErrClosed", func(t *trial) {
			t.close()
			_, err := t.alone(false)(put("k", "new"))
			t.fails(err, drivers.ErrClosed)
		}),
		topic("is what a ping finds, and what it finds nothing wrong before", func(t *trial) {
			t.Expect(drivers.Ping(t.ctx, t.Driver)).To(gomega.Succeed())
			t.close()
			t.fails(drivers.Ping(t.ctx, t.Driver), drivers.ErrClosed)
		}),
		topic("can be done twice", func(t *trial) {
			t.close()
			t.Expect(drivers.Close(t.Driver)).To(gomega.Or(gomega.Succeed(), gomega.MatchError(drivers.ErrClosed)))
			_, err := t.do(get("k"))
			t.fails(err, drivers.ErrClosed)
		}))
	if h.Batch {
		checks = append(checks, topic("makes an atomic batch ErrClosed", func(t *trial) {
			t.close()
			_, err := t.alone(true)(put("k", "new"))
			t.fails(err, drivers.ErrClosed)
		}))
	}
	if h.Watch {
		checks = append(checks, topic("makes beginning a transaction ErrClosed", func(t *trial) {
			t.close()
			_, err := drivers.Begin(t.ctx, t.Driver, t.key("k"))
			t.fails(err, drivers.ErrClosed)
		}))
		checks = append(checks, topic("makes watching ErrClosed, without a call of the function", func(t *trial) {
			t.close()
			err := drivers.Watch(t.ctx, t.Driver, []string{t.key("k")}, func(drivers.Transaction) error {
				return errors.New("called")
			})
			t.fails(err, drivers.ErrClosed)
		}))
	}
	if h.Scan {
		checks = append(checks, topic("makes listing keys yield ErrClosed, once", func(t *trial) {
			t.close()
			_, err := t.list(drivers.OpScanKeys, "users")
			t.fails(err, drivers.ErrClosed)
		}))
	}
	return checks
}

func (t *trial) close() {
	t.given(put("k", "v"))
	t.Expect(drivers.Close(t.Driver)).To(gomega.Succeed())
}
