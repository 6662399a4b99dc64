package overlay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/overlay"
)

// store is a driver that an overlay lies over. It counts what is read.
type store struct {
	drivers.Driver
	read   []drivers.Command
	trips  int
	fails  error
	evicts bool
}

func (s *store) Read(ctx context.Context, items []drivers.Item) error {
	s.trips++
	for _, item := range items {
		Expect(item.Command.Op.Effect()).To(Equal(drivers.Reads), item.Command.Op.String())
		s.read = append(s.read, item.Command)
	}
	if s.fails != nil {
		return s.fails
	}
	return drivers.DoBatch(ctx, s.Driver, &drivers.Batch{Items: items})
}

func (s *store) Evicts(context.Context, string) (bool, error) { return s.evicts, s.fails }

func newStore() *store {
	return &store{Driver: memory.New(memory.WithClock(func() time.Time { return now }))}
}

// do executes a command on a driver or through an overlay.
type do func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error)

func through(o *overlay.Overlay) do {
	return func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
		if cmd.Op.Effect() == drivers.Writes {
			return o.Write(ctx, cmd)
		}
		items := []drivers.Item{{Command: cmd}}
		if err := o.Read(ctx, items); err != nil {
			return drivers.Reply{}, err
		}
		return items[0].Reply, items[0].Err
	}
}

// inOrder are the elements of a reply that has none, in one.
func inOrder(op drivers.Op, reply drivers.Reply) string {
	switch {
	case op == drivers.OpHGetAll || op == drivers.OpHScan:
		return fmt.Sprint(slices.Sorted(slices.Values(pairs(reply.Values))))
	case op == drivers.OpZScan:
		return fmt.Sprint(len(reply.Values))
	case op.InNoOrder():
		reply.Values = slices.Sorted(slices.Values(reply.Values))
	}
	return fmt.Sprint(reply)
}

func pairs(values []string) (joined []string) {
	for pair := range slices.Chunk(values, 2) {
		joined = append(joined, pair[0]+"="+pair[1])
	}
	return joined
}

// contents are all that a store has.
func contents(ctx context.Context, d drivers.Driver) string {
	var text string
	for _, key := range append(slices.Clone(keys), "reg", "reg::u", "reg::v") {
		text += "\n" + key
		for _, read := range []drivers.Command{
			{Op: drivers.OpTTL}, {Op: drivers.OpGet}, {Op: drivers.OpSMembers}, {Op: drivers.OpHGetAll}, {Op: drivers.OpLRange, Stop: -1},
			{Op: drivers.OpZRange, Stop: -1}, {Op: drivers.OpXRange}, {Op: drivers.OpXLastID}, {Op: drivers.OpXPending, Value: "g"},
		} {
			read.Key = key
			if reply, err := d.Do(ctx, read); err == nil {
				text += " " + inOrder(read.Op, reply)
			}
		}
	}
	return text
}

var classes = []error{drivers.ErrWrongType, drivers.ErrInvalid, drivers.ErrDuplicate, drivers.ErrIncomplete}

var _ = Describe("An overlay", func() {
	It("answers any sequence of reads and writes as the store would, and leaves behind what they leave", func(ctx context.Context) {
		w := drawer{rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1)), keys}
		seen := map[drivers.Op]int{}
		failed, unknown, steps := 0, 0, 0
		for range 5_000 {
			w.turn()
			truth, under := newStore(), newStore()
			for range w.IntN(12) {
				cmd := w.command(drivers.Writes)
				if w.IntN(30) == 0 {
					cmd = w.loss()
				}
				if cmd.Op == drivers.OpSPop {
					continue
				}
				want, errWant := truth.Do(ctx, cmd)
				reply, err := under.Do(ctx, cmd)
				Expect(fmt.Sprint(reply, err)).To(Equal(fmt.Sprint(want, errWant)))
			}
			o := overlay.New(under)
			var story string
			for range 1 + w.IntN(8) {
				cmd := w.command(draw(w, drivers.Writes, drivers.Writes, drivers.Reads))
				if w.IntN(8) == 0 {
					cmd = w.bookkeeping()
				}
				reply, err := through(o)(ctx, cmd)
				story += fmt.Sprintf("\n%v %+v: %v %v", cmd.Op, cmd, reply, err)
				if errors.Is(err, errors.ErrUnsupported) {
					unknown++
					continue
				}
				steps++
				var want drivers.Reply
				var errWant error
				if cmd.Op == drivers.OpSPop && err == nil { // which members is the overlay's choice
					want = reply
					if len(reply.Values) > 0 {
						removed, err := truth.Do(ctx, drivers.Command{Op: drivers.OpSRem, Key: cmd.Key, Values: reply.Values, Extra: &drivers.Extra{Indexes: cmd.Indexes()}})
						Expect(removed.Int, err).To(BeEquivalentTo(len(reply.Values)), story)
					}
				} else if cmd.Op == drivers.OpSRandMember && err == nil {
					want, errWant = reply, nil
				} else {
					want, errWant = truth.Do(ctx, cmd)
				}
				for _, class := range classes {
					Expect(errors.Is(err, class)).To(Equal(errors.Is(errWant, class)), "%s\nbut it is %v, %v", story, want, errWant)
				}
				if errWant != nil {
					failed++
					continue
				}
				seen[cmd.Op]++
				Expect(err).NotTo(HaveOccurred(), story)
				Expect(inOrder(cmd.Op, reply)).To(Equal(inOrder(cmd.Op, want)), story)
			}
			o.End() // whose copies are out of the way of the next
			commit := &drivers.Batch{Atomic: true, Items: o.Writes()}
			Expect(drivers.DoBatch(ctx, under.Driver, commit)).To(Succeed())
			for _, item := range commit.Items {
				Expect(item.Err).NotTo(HaveOccurred(), "%s\n%+v", story, item.Command)
			}
			Expect(contents(ctx, under.Driver)).To(Equal(contents(ctx, truth.Driver)), story)
		}
		AddReportEntry(fmt.Sprintf("%d steps, of which %d failed alike; %d were not to be known", steps, failed, unknown), ReportEntryVisibilityFailureOrVerbose)
		for _, key := range keys {
			for _, effect := range []drivers.Effect{drivers.Reads, drivers.Writes} {
				for _, op := range ofType(key, effect) {
					foreseen := op.Effect() == drivers.Reads || op.Predicts() || op.Copies() || foreseenOnParts(op)
					Expect(seen[op] > 0).To(Equal(foreseen), "%v was answered %d times", op, seen[op])
				}
			}
		}
		Expect(failed).To(BeNumerically(">", steps/50))
	})
})

var _ = Describe("A store with indexes, below an overlay", func() {
	user := func(id, mail string) drivers.Command {
		return drivers.Command{Op: drivers.OpSet, Key: "c:" + id, Value: mail, Extra: &drivers.Extra{Indexes: []drivers.Index{{
			Key: "c:" + id, Registry: "reg", ID: id, Whole: true, Names: []string{"u"},
			Entries: []drivers.Entry{{Name: "u", Value: mail + ";", Unique: true}},
		}}}}
	}
	sealed := drivers.Command{Op: drivers.OpHExists, Key: "reg", Value: drivers.Seal}

	It("begins with its seals, but where the store may lose keys: there it takes no unique entry, and has no seal", func(ctx context.Context) {
		for _, evicts := range []bool{false, true} {
			s := newStore()
			s.evicts = evicts
			do := through(overlay.New(s))
			_, err := do(ctx, user("a", "x"))
			if evicts {
				Expect(err).To(MatchError(drivers.ErrIncomplete))
				plain := user("a", "x")
				plain.Indexes()[0].Entries[0].Unique = false
				_, err = do(ctx, plain)
			}
			Expect(err).NotTo(HaveOccurred())
			reply, err := do(ctx, sealed)
			Expect(reply.Int == 1, err).To(Equal(!evicts))
			reply, err = do(ctx, drivers.Command{Op: drivers.OpZRange, Key: "reg::u", Stop: -1})
			Expect(reply.Values, err).To(ContainElement("x;a"))
			Expect(slices.Contains(reply.Values, drivers.Seal)).To(Equal(!evicts))
		}
	})

	It("takes no unique entry that it cannot know to be free: without its registry, or without its index", func(ctx context.Context) {
		for _, lost := range []string{"reg", "reg::u"} {
			s := newStore()
			for _, cmd := range []drivers.Command{user("a", "x"), {Op: drivers.OpDelete, Key: lost}} {
				_, err := s.Do(ctx, cmd)
				Expect(err).NotTo(HaveOccurred())
			}
			o := overlay.New(s)
			_, err := o.Write(ctx, user("b", "y"))
			Expect(err).To(MatchError(drivers.ErrIncomplete), lost)
			Expect(o.Writes()).To(BeEmpty())
		}
	})

	It("is not begun where it cannot be asked", func(ctx context.Context) {
		s := newStore()
		s.fails = errors.New("broken")
		_, err := overlay.New(s).Write(ctx, user("a", "x"))
		Expect(err).To(BeIdenticalTo(s.fails))
	})

	It("is copied once, for any number of questions between two writes", func(ctx context.Context) {
		s := newStore()
		list := drivers.Command{Op: drivers.OpHKeys, Key: "reg"}
		trips, _ := s.costs(ctx, user("a", "x"), list, drivers.Command{Op: drivers.OpZRange, Key: "reg::u", Stop: -1}, list)
		before := trips
		trips, _ = s.costs(ctx, user("a", "x"), list)
		Expect(trips).To(Equal(before))
	})
})

// foreseenOnParts reports a write that is executed on a copy of the elements it names.
func foreseenOnParts(op drivers.Op) bool {
	reach, _ := drivers.Command{Op: op}.Reach()
	return reach > drivers.ReachSize
}

// costs are the reads of a store, by their names, that commands took.
func (s *store) costs(ctx context.Context, commands ...drivers.Command) (trips int, reads []string) {
	GinkgoHelper()
	s.read, s.trips = nil, 0
	o := overlay.New(s)
	defer o.End()
	do := through(o)
	for _, cmd := range commands {
		_, err := do(ctx, cmd)
		Expect(err).NotTo(HaveOccurred())
	}
	for _, cmd := range s.read {
		reads = append(reads, cmd.Op.String())
	}
	return s.trips, reads
}

var _ = Describe("What an overlay reads", func() {
	var s *store
	whole := []string{"GET", "SMEMBERS", "HGETALL", "LRANGE", "ZRANGE", "XRANGE"}
	BeforeEach(func(ctx context.Context) {
		s = newStore()
		for _, cmd := range []drivers.Command{
			{Op: drivers.OpSet, Key: "text", Value: "abc"},
			{Op: drivers.OpSAdd, Key: "set", Values: []string{"1", "2", "3"}},
			{Op: drivers.OpHSet, Key: "hash", Values: []string{"1", "10", "2", "20"}},
			{Op: drivers.OpZAdd, Key: "zset", Values: []string{"1", "2", "3"}, Extra: &drivers.Extra{Scores: []float64{1, 2, 3}}},
			{Op: drivers.OpRPush, Key: "list", Values: []string{"1", "2", "3"}},
			{Op: drivers.OpXAdd, Key: "x:log", Value: "*", Values: []string{"f", "v"}},
		} {
			_, err := s.Do(ctx, cmd)
			Expect(err).NotTo(HaveOccurred())
		}
	})
	set := func(op drivers.Op, members ...string) drivers.Command {
		return drivers.Command{Op: op, Key: "set", Values: members}
	}

	It("is nothing for writes that depend on nothing, and for what they show", func(ctx context.Context) {
		put := drivers.Command{Op: drivers.OpSet, Key: "text", Value: "x"}
		trips, _ := s.costs(ctx, put, drivers.Command{Op: drivers.OpGet, Key: "text"}, drivers.Command{Op: drivers.OpStrLen, Key: "text"},
			drivers.Command{Op: drivers.OpAppend, Key: "text", Value: "y"}, drivers.Command{Op: drivers.OpAppend, Key: "text", Value: "z"}, put)
		Expect(trips).To(Equal(0))
	})

	It("is a length or the last id, once, for any number of pushes, appends and entries", func(ctx context.Context) {
		push := drivers.Command{Op: drivers.OpRPush, Key: "list", Values: []string{"4"}}
		trips, reads := s.costs(ctx, push, push, drivers.Command{Op: drivers.OpLLen, Key: "list"}, drivers.Command{Op: drivers.OpExists, Key: "list"}, push)
		Expect(trips).To(Equal(1))
		Expect(reads).To(ConsistOf("LLEN"))

		add := drivers.Command{Op: drivers.OpXAdd, Key: "x:log", Value: "*", Values: []string{"f", "v"}}
		trips, reads = s.costs(ctx, add, add, add, drivers.Command{Op: drivers.OpXLastID, Key: "x:log"})
		Expect(trips).To(Equal(1))
		Expect(reads).To(ConsistOf("XLASTID", "TIME"))
	})

	It("is the elements that are named, once, and never the collection", func(ctx context.Context) {
		trips, reads := s.costs(ctx, set(drivers.OpSAdd, "1", "4"), set(drivers.OpSRem, "4", "1"), set(drivers.OpSAdd, "1"),
			drivers.Command{Op: drivers.OpSIsMember, Key: "set", Value: "4"}, drivers.Command{Op: drivers.OpSCard, Key: "set"},
			drivers.Command{Op: drivers.OpTTL, Key: "set"}, drivers.Command{Op: drivers.OpDelete, Key: "set"}, drivers.Command{Op: drivers.OpSMembers, Key: "set"})
		Expect(trips).To(Equal(1))
		Expect(reads).To(ConsistOf("SISMEMBER", "SISMEMBER", "SCARD", "TTL"))

		add := drivers.Command{Op: drivers.OpHIncrBy, Key: "hash", Value: "1", Amount: 5}
		trips, reads = s.costs(ctx, add, add, drivers.Command{Op: drivers.OpHSet, Key: "hash", Values: []string{"1", "7", "3", "30"}},
			drivers.Command{Op: drivers.OpHLen, Key: "hash"})
		Expect(trips).To(Equal(2), "the second for another field")
		Expect(reads).NotTo(ContainElements("HGETALL"))

		trips, reads = s.costs(ctx, drivers.Command{Op: drivers.OpZIncrBy, Key: "zset", Value: "2", Extra: &drivers.Extra{Scores: []float64{5}}},
			drivers.Command{Op: drivers.OpZScore, Key: "zset", Value: "2"}, drivers.Command{Op: drivers.OpZCard, Key: "zset"})
		Expect(trips).To(Equal(1))
		Expect(reads).NotTo(ContainElement("ZRANGE"))
	})

	It("is all of a value once, for whatever else follows on it", func(ctx context.Context) {
		all := drivers.Command{Op: drivers.OpSMembers, Key: "set"}
		trips, reads := s.costs(ctx, set(drivers.OpSAdd, "4"), all, set(drivers.OpSAdd, "5"), all, drivers.Command{Op: drivers.OpSPop, Key: "set", Amount: 2}, all)
		Expect(trips).To(Equal(2))
		Expect(reads).To(ContainElements(whole))
	})

	It("is what is taken out, for the first that takes", func(ctx context.Context) {
		for _, pop := range []drivers.Command{
			{Op: drivers.OpLPop, Key: "list", Amount: 1}, {Op: drivers.OpZPopMin, Key: "zset", Amount: 1}, {Op: drivers.OpSPop, Key: "set", Amount: 1},
		} {
			trips, _ := s.costs(ctx, pop)
			Expect(trips).To(Equal(1))
			for _, cmd := range s.read {
				Expect(cmd.Op.String()).To(BeElementOf("LLEN", "LRANGE", "ZRANGE", "SRANDMEMBER"))
				Expect(cmd.Stop).To(BeZero(), "no more than one")
			}
		}
	})

	It("of what was not written is what is asked for, in one round trip for reads together", func(ctx context.Context) {
		items := drivers.NewBatch(drivers.Command{Op: drivers.OpGet, Key: "text"}, drivers.Command{Op: drivers.OpSCard, Key: "set"}).Items
		s.trips = 0
		Expect(overlay.New(s).Read(ctx, items)).To(Succeed())
		Expect(s.trips).To(Equal(1))
	})

	It("that fails is the failure of whatever needed it, and nothing is kept for the commit", func(ctx context.Context) {
		s.fails = errors.New("broken")
		for _, op := range drivers.Ops() {
			cmd := drawer{rand.New(rand.NewPCG(1, uint64(op))), keys}.command(drivers.Writes)
			cmd.Op, cmd.Key, cmd.If = op, "set", drivers.IfAbsent
			if op.Effect() != drivers.Writes || drivers.Check(&cmd) != nil {
				continue
			}
			s.trips = 0
			o := overlay.New(s)
			_, err := o.Write(ctx, cmd)
			if s.trips > 0 {
				Expect(err).To(BeIdenticalTo(s.fails), op.String())
				Expect(o.Writes()).To(BeEmpty(), op.String())
			}
		}
	})
})
