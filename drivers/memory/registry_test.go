package memory_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// user writes a child of the store "users" that has a mail of its own.
func user(id, mail string) drivers.Command {
	cmd := put("users:"+id, mail)
	cmd.OwnExtra().Indexes = []drivers.Index{{
		Key: cmd.Key, Registry: "registry", ID: id, Whole: true, Names: []string{"mail"},
		Entries: []drivers.Entry{{Name: "mail", Value: mail + "\x00", Unique: true}},
	}}
	return cmd
}

// without is the removal of a user.
func without(cmd drivers.Command) drivers.Command {
	cmd.Op, cmd.Indexes()[0].Entries = drivers.OpDelete, nil
	return cmd
}

var _ = Describe("Indexes", func() {
	var d *memory.Driver
	var time *clock
	members := func() []string {
		return do(d, drivers.Command{Op: drivers.OpZRangeByLex, Key: "registry::mail", Extra: &drivers.Extra{Min: "(", Max: "+"}}).Values
	}

	BeforeEach(func() { d, time = open() })

	It("stay in order under many goroutines that want each other's values", func() {
		together(8, func(r *rand.Rand) {
			some := func() drivers.Command {
				return user(fmt.Sprint("id", r.IntN(40)), fmt.Sprint("mail", r.IntN(20)))
			}
			for range 1000 {
				switch r.IntN(5) {
				case 0:
					batch := drivers.NewBatch(some(), without(some()), some())
					batch.Atomic = true
					Expect(d.DoBatch(ctx, batch)).To(Succeed())
				case 1:
					do(d, without(some()))
				case 2:
					_, _ = d.Do(ctx, lasting(1+r.Int64N(5), some()))
					time.Advance(1)
				default:
					if _, err := d.Do(ctx, some()); err != nil {
						Expect(err).To(MatchError(drivers.ErrDuplicate))
					}
				}
			}
		})
		held := map[string]bool{}
		for _, member := range members() {
			mail, id, _ := strings.Cut(member, "\x00")
			Expect(held).NotTo(HaveKey(mail))
			held[mail] = true
			if reply := do(d, get("users:"+id)); !reply.Nil { // one that expired waits for whoever wants its mail
				Expect(reply.Value).To(Equal(mail))
			}
		}
		Expect(do(d, drivers.Command{Op: drivers.OpHLen, Key: "registry"}).Int).To(BeEquivalentTo(1+len(held)), "with the seal")
	})

	It("find a holder that came in with the same batch", func() {
		batch := drivers.NewBatch(user("1", "m"), user("2", "m"), without(user("1", "m")), user("2", "m"))
		batch.Atomic = true
		Expect(d.DoBatch(ctx, batch)).To(Succeed())
		var duplicate *drivers.DuplicateError
		Expect(errors.As(batch.Items[1].Err, &duplicate)).To(BeTrue())
		Expect(*duplicate).To(Equal(drivers.DuplicateError{Index: "registry::mail", Holder: "1"}))
		Expect(batch.Items[3].Err).NotTo(HaveOccurred())
		Expect(members()).To(Equal([]string{"m\x002"}))
	})

	It("leave a key alone to which the command itself gives another type", func() {
		cmd := user("1", "m")
		cmd.Key, cmd.Indexes()[0].Key = "registry", "registry"
		cmd.Indexes()[0].Entries = nil
		do(d, cmd)
		Expect(do(d, get("registry")).Value).To(Equal("m"))
	})
})
