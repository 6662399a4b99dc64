package spec

import (
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// row is a check as data: in a given situation, a command, what it answers and
// what is different after it. What a row does not mention must not have changed.
type row struct {
	says  string
	given []drivers.Command
	when  drivers.Command
	want  drivers.Reply
	err   error
	then  map[string]content
}

type then = map[string]content

// rows makes checks of a table. Each row has to hold for the command alone and in
// batches; and where the key is absent in it, also where something has expired.
func rows(table ...row) []check {
	var checks []check
	for _, r := range table {
		op := r.when.Op
		checks = append(checks,
			about(op, r.says, func(t *trial) { r.run(t, t.do) }),
			about(op, r.says+" (in batches, too)", r.inBatches).labelled(suite.Batches))
		if r.startsAbsent() {
			checks = append(checks, about(op, r.says+" (and so where it has expired)", r.remains).labelled(suite.Expired))
		}
	}
	return checks
}

func (r row) inBatches(t *trial) {
	r.run(t, t.alone(false))
	if t.harness.Batch {
		t = t.again()
		r.run(t, t.alone(true))
	}
}

// alone executes a command as a batch of one.
func (t *trial) alone(atomic bool) func(cmd drivers.Command) (drivers.Reply, error) {
	return func(cmd drivers.Command) (drivers.Reply, error) {
		b, err := t.batch(atomic, cmd)
		if b.Items[0].Err != nil {
			return b.Items[0].Reply, b.Items[0].Err
		}
		return b.Items[0].Reply, err
	}
}

func (r row) startsAbsent() bool {
	return !slices.ContainsFunc(r.given, func(cmd drivers.Command) bool {
		return cmd.Key == r.when.Key || slices.Contains(cmd.Keys(), r.when.Key)
	})
}

// remains is the row where the key holds what has expired: that counts as absent
// for everything (row 20 of spec/REDIS.md).
func (r row) remains(t *trial) {
	t.given(put(r.when.Key, "expired"))
	t.expire(r.when.Key)
	r.run(t, t.do)

	t = t.again()
	t.given(fill(r.when.Key, "expired", "a"))
	t.expire(r.when.Key)
	r.run(t, t.do)
}

func (r row) run(t *trial, do func(drivers.Command) (drivers.Reply, error)) {
	t.given(r.given...)
	before := t.observe(r.keys())
	start := t.now()
	reply, err := do(r.when)
	end := t.now()
	if r.err != nil {
		t.fails(err, r.err, describe(r.when))
	} else {
		t.Expect(err).NotTo(gomega.HaveOccurred(), describe(r.when))
		compare := t.repliesInOrder
		if r.when.Op.InNoOrder() {
			compare = t.replies
		}
		compare(reply, r.want, describe(r.when))
		if r.when.Op == drivers.OpZRangeByLex {
			t.Expect(reply.Values).To(gomega.HaveExactElements(r.want.Values), describe(r.when))
		}
	}
	for name, seen := range before {
		if want, mentioned := r.then[name]; mentioned {
			t.changed(name, seen, want, start, end)
		} else {
			t.unchanged(name, seen)
		}
	}
}

func (r row) keys() []string {
	names := slices.Clone(r.when.Keys())
	for _, cmd := range append([]drivers.Command{r.when}, r.given...) {
		names = append(names, cmd.Key)
		for _, ix := range cmd.Indexes() {
			names = append(names, ix.Key, ix.Registry)
			for _, name := range ix.Names {
				names = append(names, drivers.IndexKey(ix.Registry, name))
			}
		}
	}
	for name := range r.then {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const hour = time.Hour

// The moments of the expiry tables: one long past, one far ahead.
const (
	longAgo  int64 = 1_000              // 1970
	farAhead int64 = 32_503_680_000_000 // 3000
)

func in(d time.Duration) drivers.Expiry { return drivers.In(d) }

func at(millis int64) drivers.Expiry {
	return drivers.Expiry{Mode: drivers.ExpireAt, Millis: millis}
}

var endless = drivers.Expiry{Mode: drivers.ClearTTL}

func get(key string) drivers.Command { return drivers.Command{Op: drivers.OpGet, Key: key} }
func ttl(key string) drivers.Command { return drivers.Command{Op: drivers.OpTTL, Key: key} }

func put(key, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: value}
}

func putFor(d time.Duration, key, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: value, Expiry: in(d)}
}

func fill(key string, members ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpSAdd, Key: key, Values: members}
}

func fillFor(d time.Duration, key string, members ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpSAdd, Key: key, Values: members, Expiry: in(d)}
}

func given(commands ...drivers.Command) []drivers.Command { return commands }
