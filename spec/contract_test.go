package spec_test

import (
	"context"
	"errors"
	"io/fs"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// What package drivers itself does, before any driver is asked.
var _ = Describe("package drivers", func() {
	ctx := context.Background()
	cause := errors.New("cause")

	// untouchable fails the spec that reaches it.
	untouchable := bare{driverFunc(func(context.Context, drivers.Command) (drivers.Reply, error) {
		Fail("the driver was asked")
		return drivers.Reply{}, nil
	})}

	It("gives every Op a name of its own", func() {
		names := map[string]bool{}
		for _, op := range drivers.Ops() {
			Expect(names).NotTo(HaveKey(op.String()))
			Expect(op.String()).To(MatchRegexp("^[A-Z]+$"))
			Expect(op.Known()).To(BeTrue())
			names[op.String()] = true
		}
	})

	It("takes an unknown Op for a write, which is never repeated", func() {
		for _, op := range []drivers.Op{drivers.OpInvalid, 255} {
			Expect(op.Known()).To(BeFalse())
			Expect(op.Effect()).To(Equal(drivers.Writes))
			Expect(op.String()).To(HavePrefix("Op("))
		}
	})

	It("joins a cause to its class, and finds both", func() {
		err := drivers.Join(drivers.ErrWrongType, &fs.PathError{Op: "open", Path: "k", Err: cause})
		Expect(err).To(MatchError(drivers.ErrWrongType))
		Expect(err).To(MatchError(cause))
		var found *fs.PathError
		Expect(errors.As(err, &found)).To(BeTrue())
		Expect(err.Error()).To(Equal(drivers.ErrWrongType.Error() + ": open k: cause"))
		Expect(drivers.Errorf(drivers.ErrInvalid, "%d apples", 3)).To(MatchError(drivers.ErrInvalid.Error() + ": 3 apples"))
	})

	It("rounds a time to live up to whole milliseconds", func() {
		Expect(drivers.In(time.Second)).To(Equal(drivers.Expiry{Mode: drivers.ExpireIn, Millis: 1000}))
		Expect(drivers.In(time.Millisecond)).To(Equal(drivers.Expiry{Mode: drivers.ExpireIn, Millis: 1}))
		Expect(drivers.In(1500 * time.Microsecond)).To(Equal(drivers.Expiry{Mode: drivers.ExpireIn, Millis: 2}))
		for _, none := range []time.Duration{0, -1, -time.Millisecond, -time.Hour, 5, time.Millisecond - 1} {
			Expect(drivers.In(none).Check()).To(MatchError(drivers.ErrInvalid), none.String())
		}
		Expect(drivers.At(time.UnixMilli(1234))).To(Equal(drivers.Expiry{Mode: drivers.ExpireAt, Millis: 1234}))
		Expect(drivers.Expiry{}.Check()).To(Succeed())
	})

	It("fails only the items of a batch that have no error of their own", func() {
		b := drivers.NewBatch(drivers.Command{Op: drivers.OpGet}, drivers.Command{Op: drivers.OpDelete})
		b.Items[1].Err = cause
		b.Fail(drivers.ErrClosed)
		Expect(b.Items[0].Err).To(Equal(drivers.ErrClosed))
		Expect(b.Items[1].Err).To(Equal(cause))
	})

	It("asks no driver for what needs none, or what it cannot", func() {
		called := func(drivers.Transaction) error { Fail("called"); return nil }
		Expect(drivers.DoBatch(ctx, untouchable, drivers.NewBatch())).To(Succeed())
		Expect(drivers.DoBatch(ctx, untouchable, &drivers.Batch{Atomic: true, Items: make([]drivers.Item, 1)})).To(MatchError(errors.ErrUnsupported))
		Expect(drivers.Watch(ctx, untouchable, []string{"k"}, called)).To(MatchError(errors.ErrUnsupported))
		_, err := drivers.Begin(ctx, untouchable, "k")
		Expect(err).To(MatchError(errors.ErrUnsupported))
		Expect(drivers.Watch(ctx, untouchable, nil, called)).To(MatchError(drivers.ErrInvalid))
		Expect(drivers.Watch(ctx, memory.New(), []string{"k"}, nil)).To(MatchError(drivers.ErrInvalid))
		Expect(drivers.Close(untouchable)).To(Succeed())
		for _, driver := range []drivers.Driver{untouchable, drivers.Use(untouchable, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) })} {
			for op, want := range map[drivers.Op]error{drivers.OpScanKeys: errors.ErrUnsupported, drivers.OpGet: drivers.ErrInvalid} {
				yielded := 0
				for name, err := range drivers.Scan(ctx, driver, drivers.Command{Op: op}) {
					yielded++
					Expect(name).To(BeEmpty())
					Expect(err).To(MatchError(want))
				}
				Expect(yielded).To(Equal(1))
			}
		}
	})

	It("ends the transaction of Watch, whatever the function does", func() {
		driver := memory.New()
		for _, fn := range []func(tx drivers.Transaction) error{
			func(drivers.Transaction) error { return nil },
			func(drivers.Transaction) error { return cause },
			func(drivers.Transaction) error { panic(cause) },
		} {
			var kept drivers.Transaction
			func() {
				defer func() { _ = recover() }()
				_ = drivers.Watch(ctx, driver, []string{"k"}, func(tx drivers.Transaction) error { kept = tx; return fn(tx) })
			}()
			_, err := kept.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "k"})
			Expect(err).To(MatchError(drivers.ErrInvalid))
		}
	})

	It("packs entries so that they come out again, and takes nothing else for entries", func() {
		for _, entries := range [][]drivers.Entry{nil, {{}}, {{Name: "mail", Value: "a\x00"}, {Name: "", Value: "b"}, {Name: "mail"}}} {
			Expect(drivers.UnpackEntries(drivers.PackEntries(entries))).To(Equal(entries))
		}
		packed := drivers.PackEntries([]drivers.Entry{{Name: "mail", Value: "a"}})
		for end := 1; end < len(packed); end++ {
			_, err := drivers.UnpackEntries(packed[:end])
			Expect(err).To(MatchError(drivers.ErrInvalid), "%q", packed[:end])
		}
	})

	It("executes a plain batch one command after the other on a driver that is no Batcher, whatever fails", func() {
		var asked []drivers.Op
		driver := driverFunc(func(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
			asked = append(asked, cmd.Op)
			if cmd.Op == drivers.OpDelete {
				return drivers.Reply{}, cause
			}
			return drivers.Reply{Int: int64(cmd.Op)}, nil
		})
		b := drivers.NewBatch(drivers.Command{Op: drivers.OpGet}, drivers.Command{Op: drivers.OpDelete}, drivers.Command{Op: drivers.OpTTL})
		Expect(drivers.DoBatch(ctx, driver, b)).To(Succeed())
		Expect(asked).To(Equal([]drivers.Op{drivers.OpGet, drivers.OpDelete, drivers.OpTTL}))
		Expect(b.Items[1].Err).To(Equal(cause))
		Expect(b.Items[2].Reply.Int).To(BeEquivalentTo(drivers.OpTTL))
	})
})

// driverFunc is a driver that is a function.
type driverFunc func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error)

func (f driverFunc) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return f(ctx, cmd)
}
