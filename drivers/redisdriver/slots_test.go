package redisdriver_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

var _ = Describe("The keys of one command, atomic batch or transaction", func() {
	It("are refused before anything is sent if they lie in different slots", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		do(d, add1)
		refused := func(err error) {
			GinkgoHelper()
			Expect(err).To(MatchError(drivers.ErrCrossSlot))
			Expect(err.Error()).To(And(ContainSubstring(`"n"`), ContainSubstring(`"other"`)))
		}
		for _, op := range []drivers.Op{drivers.OpSMove, drivers.OpSInter, drivers.OpSUnion, drivers.OpSDiff} {
			_, err := d.Do(ctx, drivers.Command{Op: op, Key: "n", Extra: &drivers.Extra{Keys: []string{"other"}}})
			refused(err)
		}
		b := drivers.NewBatch(add1, drivers.Command{Op: drivers.OpGet, Key: "other"})
		b.Atomic = true
		refused(drivers.DoBatch(ctx, d, b))
		refused(drivers.Watch(ctx, d, []string{"n", "other"}, func(drivers.Transaction) error { return nil }))
		refused(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error { return tx.Watch(ctx, "other") }))
		refused(drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
			b := drivers.NewBatch(drivers.Command{Op: drivers.OpGet, Key: "other"})
			b.Atomic = true
			return tx.DoBatch(ctx, b)
		}))
		Expect(count(d)).To(BeEquivalentTo(1))
		for i := range cluster.Addrs() {
			Expect(calls(cluster.Node(i))).NotTo(Or(HaveKey("smove"), HaveKey("sinter"), HaveKey("multi")))
		}
	})

	It("lie in the slots the server says", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		keys := []string{
			"", "a", "foo:bar:any", "123456789", "{user}:1", "x{user}y", "{}x", "{}{user}", "{user", "user}", "}{user}", "{{a}}",
			"a{b}{c}", "\x00\xff", "{\xfe}x", "é",
		}
		for i := range 200 {
			keys = append(keys, fmt.Sprintf("key%d{%x}", i, i*i))
		}
		for _, key := range keys {
			slot := ask(cluster.Node(0), "CLUSTER", "KEYSLOT", key)
			_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSUnion, Key: key, Extra: &drivers.Extra{Keys: []string{"n"}}})
			if slot == ask(cluster.Node(0), "CLUSTER", "KEYSLOT", "n") {
				Expect(err).NotTo(HaveOccurred())
				continue
			}
			Expect(err).To(MatchError(drivers.ErrCrossSlot))
			Expect(err.Error()).To(ContainSubstring("%q is in slot %s,", key, slot))
		}
	})

	It("do not matter to a plain batch", func() {
		d := redisdriver.New(clusterClient(emptyCluster()))
		b := drivers.NewBatch()
		for i := range 100 {
			b.Items = append(b.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpAppend, Key: fmt.Sprint(i), Value: "x"}})
		}
		Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
		for _, item := range b.Items {
			Expect(item.Err).NotTo(HaveOccurred())
			Expect(item.Reply.Int).To(BeEquivalentTo(1))
		}
		Expect(do(d, drivers.Command{Op: drivers.OpDelete, Key: "7"}).Int).To(BeEquivalentTo(1))
	})
})
