package spec

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// middlewareChecks: drivers.Use puts one hook around everything this driver
// executes, and adds no ability to it.
func middlewareChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "middleware", says: says, run: run} }
	checks := []check{
		topic("sees a single command as a batch of one, with its outcome", (*trial).hookSeesDo),
		topic("sees a batch as it is, with every outcome", (*trial).hookSeesBatch),
		topic("is called in the order given, the first outermost", (*trial).hookOrder),
		topic("may refuse a command, which is then not executed", (*trial).hookRefuses),
		topic("may change a command and its reply", (*trial).hookChanges),
		topic("may be none: the driver is itself", func(t *trial) {
			t.Expect(drivers.Use(t.Driver)).To(gomega.BeIdenticalTo(t.Driver))
		}),
		topic("does not hide the abilities of the driver, and claims no others", (*trial).hookAbilities),
		topic("leaves a driver that has only Do unable", (*trial).hookUnable),
	}
	if h.Scan {
		checks = append(checks, topic("sees a scan as a batch of one, and how many keys it yielded", (*trial).hookSeesScan),
			topic("may refuse a scan, which then yields its error, once", (*trial).hookRefusesScan))
	}
	if h.Watch {
		checks = append(checks, topic("sees what is executed in a transaction", (*trial).hookSeesWatch))
	}
	return checks
}

// recorder notes what a hook saw before and after.
type recorder struct{ before, after []string }

func (r *recorder) hook(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	line := fmt.Sprintf("atomic=%t", b.Atomic)
	for _, item := range b.Items {
		line += " " + item.Command.Op.String()
	}
	r.before = append(r.before, line)
	err := next(ctx, b)
	line = ""
	for _, item := range b.Items {
		line += fmt.Sprintf("%q/%d/%t/%t ", item.Reply.Value, item.Reply.Int, item.Reply.Nil, item.Err != nil)
	}
	r.after = append(r.after, line)
	return err
}

// hooked puts middleware around the store's driver.
func (t *trial) hooked(middleware ...drivers.Middleware) {
	t.Driver = drivers.Use(t.Driver, middleware...)
}

func (t *trial) hookSeesDo() {
	var r recorder
	t.hooked(r.hook)
	t.given(put("k", "v"))
	t.replies(t.must(get("k")), drivers.Reply{Value: "v"})
	_, err := t.do(fill("k", "a"))
	t.fails(err, drivers.ErrWrongType)
	t.Expect(r.before).To(gomega.Equal([]string{"atomic=false SET", "atomic=false GET", "atomic=false SADD"}))
	t.Expect(r.after).To(gomega.Equal([]string{`""/0/false/false `, `"v"/0/false/false `, `""/0/false/true `}))
}

func (t *trial) hookSeesBatch() {
	var r recorder
	t.hooked(r.hook)
	b, err := t.batch(false, put("k", "v"), fill("k", "a"), get("k"))
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.fails(b.Items[1].Err, drivers.ErrWrongType)
	t.Expect(r.before).To(gomega.Equal([]string{"atomic=false SET SADD GET"}))
	t.Expect(r.after).To(gomega.Equal([]string{`""/0/false/false ""/0/false/true "v"/0/false/false `}))
	if t.harness.Batch {
		t.mustBatch(true, get("k"), get("other"))
		t.Expect(r.before[1:]).To(gomega.Equal([]string{"atomic=true GET GET"}))
		t.Expect(r.after[1:]).To(gomega.Equal([]string{`"v"/0/false/false ""/0/true/false `}))
	}
}

func (t *trial) hookOrder() {
	var calls []string
	named := func(name string) drivers.Middleware {
		return func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			calls = append(calls, "into "+name)
			defer func() { calls = append(calls, "out of "+name) }()
			return next(ctx, b)
		}
	}
	t.hooked(named("first"), named("second"))
	t.given(put("k", "v"))
	t.Expect(calls).To(gomega.Equal([]string{"into first", "into second", "out of second", "out of first"}))
}

func (t *trial) hookRefuses() {
	refusal := errors.New("the hook's refusal")
	inner := t.Driver
	t.hooked(func(context.Context, *drivers.Batch, drivers.Next) error { return refusal })
	_, err := t.do(put("k", "v"))
	t.Expect(err).To(gomega.MatchError(refusal))
	_, err = t.batch(false, put("k", "v"))
	t.Expect(err).To(gomega.MatchError(refusal))
	t.Driver = inner
	t.changed("k", sight{}, gone, 0, 0)
}

func (t *trial) hookChanges() {
	t.hooked(func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		for i := range b.Items {
			b.Items[i].Command.Value += "!"
		}
		err := next(ctx, b)
		for i := range b.Items {
			b.Items[i].Reply.Value += "?"
		}
		return err
	})
	t.given(put("k", "v"))
	t.replies(t.must(get("k")), drivers.Reply{Value: "v!?"})
}

func (t *trial) hookAbilities() {
	pass := func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }
	t.hooked(pass, pass)
	_, err := t.batch(true, put("k", "v"))
	t.able(t.harness.Batch, err)
	_, err = t.list(drivers.OpScanKeys, "users")
	t.able(t.harness.Scan, err)
	tx, err := drivers.Begin(t.ctx, t.Driver, t.key("k"))
	t.able(t.harness.Watch, err)
	if err == nil {
		tx.End()
	}
	t.able(t.harness.Watch, t.watch(func(drivers.Transaction) error { return nil }, "k"))
	t.Expect(drivers.Close(t.Driver)).To(gomega.Succeed())
	if t.harness.Close {
		_, err = t.do(get("k"))
		t.fails(err, drivers.ErrClosed)
	}
}

func (t *trial) able(claimed bool, err error) {
	if claimed {
		t.Expect(err).NotTo(gomega.HaveOccurred())
	} else {
		t.fails(err, unsupported)
	}
}

// onlyDo hides the optional abilities of a driver.
type onlyDo struct{ driver drivers.Driver }

func (d onlyDo) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.driver.Do(ctx, cmd)
}

func (t *trial) hookUnable() {
	t.harness.Batch, t.harness.Watch, t.harness.Scan, t.harness.Close = false, false, false, false
	t.Driver = onlyDo{t.Driver}
	t.hookAbilities()
	t.changed("k", sight{}, gone, 0, 0)
	items := t.mustBatch(false, put("k", "v"), get("k"))
	t.replies(items[1].Reply, drivers.Reply{Value: "v"})
}

func (t *trial) hookSeesScan() {
	var r recorder
	t.hooked(r.hook)
	t.store("users:1", "users:2", "users:3")
	t.lists(drivers.OpScanKeys, "users", "users:1", "users:2", "users:3")
	t.Expect(r.before[3:]).To(gomega.Equal([]string{"atomic=false SCANKEYS"}))
	t.Expect(r.after[3:]).To(gomega.Equal([]string{`""/3/false/false `}))
}

func (t *trial) hookRefusesScan() {
	refusal := errors.New("the hook's refusal")
	t.store("users:1")
	t.hooked(func(context.Context, *drivers.Batch, drivers.Next) error { return refusal })
	names, err := t.list(drivers.OpScanKeys, "users")
	t.Expect(err).To(gomega.MatchError(refusal))
	t.Expect(names).To(gomega.BeEmpty())
}

func (t *trial) hookSeesWatch() {
	var r recorder
	t.hooked(r.hook)
	t.transact(func(tx drivers.Transaction) {
		t.Expect(t.inTransaction(tx, get("k"))).To(gomega.Succeed())
		t.Expect(t.inTransactionBatch(tx, get("k"))).To(gomega.Succeed())
		t.Expect(t.commit(tx, put("k", "v"), get("k"))).To(gomega.Succeed())
		tx.End()
		t.fails(t.inTransaction(tx, get("k")), drivers.ErrInvalid)
	})
	t.Expect(r.before).To(gomega.Equal([]string{"atomic=false GET", "atomic=false GET GET", "atomic=true SET GET", "atomic=false GET"}))
	t.Expect(r.after[2]).To(gomega.Equal(`""/0/false/false "v"/0/false/false `))
}
