package kv_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
)

// An operation in a transaction has to answer what it answers outside, or fail, and to
// leave behind what it leaves outside. That is tried for every operation of every handle,
// alone and after every other one, from every state.

// act is an operation on a desk. Its outcome is put in a form that can be compared.
type act struct {
	name string
	call func(ctx context.Context, desk kv.StaticStore) (any, error)
}

func answers[T any](name string, call func(context.Context, kv.StaticStore) (T, error)) act {
	return act{name, func(ctx context.Context, desk kv.StaticStore) (any, error) { return call(ctx, desk) }}
}

func does(name string, call func(context.Context, kv.StaticStore) error) act {
	return act{name, func(ctx context.Context, desk kv.StaticStore) (any, error) { return nil, call(ctx, desk) }}
}

func lists(name string, call func(context.Context, kv.StaticStore) ([]string, error)) act {
	return act{name, func(ctx context.Context, desk kv.StaticStore) (any, error) {
		values, err := call(ctx, desk)
		slices.Sort(values) // in no order
		return values, err
	}}
}

var (
	future = time.Now().Add(3 * time.Hour)
	past   = time.Now().Add(-time.Hour)
)

// fieldActs are the operations that every field has.
func fieldActs(field func(kv.StaticStore) kv.Field) []act {
	type desk = kv.StaticStore
	type ctx = context.Context
	return []act{
		answers("Exists", func(c ctx, d desk) (bool, error) { return field(d).Exists(c) }),
		answers("TTL", func(c ctx, d desk) (time.Duration, error) {
			ttl, err := field(d).TTL(c)
			return max(ttl.Round(time.Minute), min(ttl, time.Second)), err
		}),
		answers("Erase", func(c ctx, d desk) (bool, error) { return field(d).Erase(c) }),
		answers("Expire", func(c ctx, d desk) (bool, error) { return field(d).Expire(c, 2*time.Hour) }),
		answers("Expire in no time", func(c ctx, d desk) (bool, error) { return field(d).Expire(c, 0) }),
		answers("ExpireAt", func(c ctx, d desk) (bool, error) { return field(d).ExpireAt(c, future) }),
		answers("ExpireAt in the past", func(c ctx, d desk) (bool, error) { return field(d).ExpireAt(c, past) }),
		answers("ExpireAt never", func(c ctx, d desk) (bool, error) { return field(d).ExpireAt(c, time.Time{}) }),
		answers("Persist", func(c ctx, d desk) (bool, error) { return field(d).Persist(c) }),
	}
}

// writeOptions are those of operations that replace a value.
var writeOptions = map[string][]kv.WriteOption{
	"": nil, " if absent": {kv.IfAbsent}, " if there": {kv.IfExists}, " for ever": {kv.NoExpiry},
	" for an hour": {kv.ExpireIn(time.Hour)}, " if absent, for an hour": {kv.IfAbsent, kv.ExpireIn(time.Hour)},
	" until then": {kv.ExpireAt(future)}, " until long ago": {kv.ExpireAt(past)}, " for no time": {kv.ExpireIn(0)},
}

func stringActs(key kv.Key[kv.StringField]) []act {
	type desk = kv.StaticStore
	type ctx = context.Context
	acts := append(fieldActs(func(d desk) kv.Field { return d.Take(key).Field }),
		answers("Read", func(c ctx, d desk) (string, error) { return d.Take(key).Read(c) }),
		answers("ReadOr", func(c ctx, d desk) (string, error) { return d.Take(key).ReadOr(c, "else") }),
		answers("Len", func(c ctx, d desk) (int, error) { return d.Take(key).Len(c) }),
		answers("Append", func(c ctx, d desk) (int, error) { return d.Take(key).Append(c, "xy") }),
		answers("Append nothing", func(c ctx, d desk) (int, error) { return d.Take(key).Append(c, "") }),
		answers("Update", func(c ctx, d desk) (string, error) {
			return d.Take(key).Update(c, func(s string) (string, error) { return s + "!", nil })
		}),
		answers("Update to the same", func(c ctx, d desk) (string, error) {
			return d.Take(key).Update(c, func(s string) (string, error) { return s, nil })
		}),
		answers("Update that fails", func(c ctx, d desk) (string, error) {
			return d.Take(key).Update(c, func(string) (string, error) { return "lost", errors.New("mine") })
		}),
	)
	for name, options := range writeOptions {
		acts = append(acts,
			does("Write"+name, func(c ctx, d desk) error { return d.Take(key).Write(c, "new", options...) }),
			answers("Swap"+name, func(c ctx, d desk) (kv.Previous[string], error) {
				return d.Take(key).Swap(c, "swapped", options...)
			}))
	}
	return acts
}

func documentActs(key kv.Key[kv.JSONField[Game]]) []act {
	type desk = kv.StaticStore
	type ctx = context.Context
	rename := func(g *Game) error { g.White += "!"; return nil }
	acts := append(fieldActs(func(d desk) kv.Field { return d.Take(key).Field }),
		answers("Read", func(c ctx, d desk) (Game, error) { return d.Take(key).Read(c) }),
		answers("ReadOr", func(c ctx, d desk) (Game, error) { return d.Take(key).ReadOr(c, Game{White: "else"}) }),
		does("Write what is invalid", func(c ctx, d desk) error { return d.Take(key).Write(c, Game{}) }),
		answers("Swap", func(c ctx, d desk) (kv.Previous[Game], error) { return d.Take(key).Swap(c, Game{White: "swapped"}) }),
		answers("Update", func(c ctx, d desk) (Game, error) { return d.Take(key).Update(c, rename) }),
		answers("Update to what is invalid", func(c ctx, d desk) (Game, error) {
			return d.Take(key).Update(c, func(g *Game) error { *g = Game{}; return nil })
		}),
		answers("Upsert", func(c ctx, d desk) (Game, error) { return d.Take(key).Upsert(c, rename) }),
	)
	for name, options := range writeOptions {
		acts = append(acts, does("Write"+name, func(c ctx, d desk) error {
			return d.Take(key).Write(c, Game{White: "new"}, options...)
		}))
	}
	return acts
}

func setActs(key, other kv.Key[kv.SetField]) []act {
	type desk = kv.StaticStore
	type ctx = context.Context
	acts := append(fieldActs(func(d desk) kv.Field { return d.Take(key).Field }),
		lists("Read", func(c ctx, d desk) ([]string, error) { return d.Take(key).Read(c) }),
		lists("All", func(c ctx, d desk) (members []string, _ error) {
			for member, err := range d.Take(key).All(c) {
				if err != nil {
					return nil, err
				}
				members = append(members, member)
			}
			return members, nil
		}),
		answers("Len", func(c ctx, d desk) (int, error) { return d.Take(key).Len(c) }),
		answers("Has", func(c ctx, d desk) (bool, error) { return d.Take(key).Has(c, "red") }),
		answers("Add", func(c ctx, d desk) (int, error) { return d.Take(key).Add(c, "red", "blue", "blue") }),
		answers("Remove", func(c ctx, d desk) (int, error) { return d.Take(key).Remove(c, "red", "pink", "red") }),
		answers("Remove what there may be", func(c ctx, d desk) (int, error) { return d.Take(key).Remove(c, "red", "green", "blue") }),
		lists("Pop none", func(c ctx, d desk) ([]string, error) { return d.Take(key).Pop(c, 0) }),
		lists("Pop all", func(c ctx, d desk) ([]string, error) { return d.Take(key).Pop(c, 100) }),
		lists("Pop fewer than none", func(c ctx, d desk) ([]string, error) { return d.Take(key).Pop(c, -1) }),
		lists("Random", func(c ctx, d desk) ([]string, error) { return d.Take(key).Random(c, 100) }),
		lists("Union", func(c ctx, d desk) ([]string, error) { return d.Take(key).Union(c, d.Take(other)) }),
		lists("Intersect", func(c ctx, d desk) ([]string, error) { return d.Take(other).Intersect(c, d.Take(key)) }),
		lists("Difference", func(c ctx, d desk) ([]string, error) { return d.Take(key).Difference(c, d.Take(other)) }),
		answers("Move", func(c ctx, d desk) (bool, error) { return d.Take(key).Move(c, d.Take(other), "red") }),
		answers("Move what is not there", func(c ctx, d desk) (bool, error) { return d.Take(key).Move(c, d.Take(other), "pink") }),
		answers("Move to itself", func(c ctx, d desk) (bool, error) { return d.Take(key).Move(c, d.Take(key), "red") }),
		answers("Move from the other", func(c ctx, d desk) (bool, error) { return d.Take(other).Move(c, d.Take(key), "teal") }),
	)
	for name, options := range writeOptions {
		acts = append(acts,
			does("Write"+name, func(c ctx, d desk) error { return d.Take(key).Write(c, []string{"new", "newer", "new"}, options...) }),
			does("Write nothing"+name, func(c ctx, d desk) error { return d.Take(key).Write(c, nil, options...) }))
	}
	return acts
}

func bitSetActs(key kv.Key[kv.BitSetField]) []act {
	type desk = kv.StaticStore
	type ctx = context.Context
	acts := append(fieldActs(func(d desk) kv.Field { return d.Take(key).Field }),
		answers("Range", func(c ctx, d desk) ([]int64, error) { return d.Take(key).Range(c, 0, 4) }),
		answers("Sum", func(c ctx, d desk) (int64, error) { return d.Take(key).Sum(c, 0, 4) }),
		answers("Get nowhere", func(c ctx, d desk) (int64, error) { return d.Take(key).Get(c, -1) }),
		does("Put nowhere", func(c ctx, d desk) error { return d.Take(key).Put(c, -1, 1) }),
		answers("Increment nowhere", func(c ctx, d desk) (int64, error) { return d.Take(key).Increment(c, 1<<40, 1) }),
	)
	for _, slot := range []int64{0, 2} {
		acts = append(acts, answers(fmt.Sprint("Get ", slot), func(c ctx, d desk) (int64, error) { return d.Take(key).Get(c, slot) }))
		for _, amount := range []int64{0, 1, -1, 15, 16, 250, -300, 1 << 40, -1 << 63} {
			acts = append(acts,
				does(fmt.Sprint("Put ", slot, " ", amount), func(c ctx, d desk) error { return d.Take(key).Put(c, slot, amount) }),
				answers(fmt.Sprint("Increment ", slot, " ", amount), func(c ctx, d desk) (int64, error) { return d.Take(key).Increment(c, slot, amount) }))
		}
	}
	return acts
}

// states are what the key may hold; the other set holds teal.
func states(value drivers.Command) map[string][]drivers.Command {
	expiring := drivers.Command{Op: drivers.OpExpire, Expiry: drivers.In(time.Hour)}
	all := map[string][]drivers.Command{
		"absent":         nil,
		"there":          {value},
		"expiring":       {value, expiring},
		"a string":       {{Op: drivers.OpSet, Value: "foreign"}},
		"a set, briefly": {{Op: drivers.OpSAdd, Values: []string{"red"}}, expiring},
	}
	if value.Op == drivers.OpSet {
		all["empty"] = []drivers.Command{{Op: drivers.OpSet}}
	}
	return all
}

var _ = Describe("An operation in a transaction", func() {
	onAllDrivers(func(open func(context.Context) backend) {
		var (
			store   backend
			outside kv.StaticStore // of the same shape as
			inside  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			outside = kv.MustOpen(kv.Colocated(Desk), store.raw, kv.At("out"))
			inside = kv.MustOpen(kv.Colocated(Desk), store.raw, kv.At("in"))
		})

		set := func(ctx context.Context, names []string, state []drivers.Command) {
			GinkgoHelper()
			batch := drivers.NewBatch()
			for _, desk := range []string{"out:{desk}:", "in:{desk}:"} {
				for i, name := range names {
					batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpDelete, Key: desk + name}})
					commands := state
					if i > 0 {
						commands = []drivers.Command{{Op: drivers.OpSAdd, Values: []string{"red", "teal"}}}
					}
					for _, cmd := range commands {
						cmd.Key = desk + name
						batch.Items = append(batch.Items, drivers.Item{Command: cmd})
					}
				}
			}
			Expect(drivers.DoBatch(ctx, store.raw, batch)).To(Succeed())
		}
		stored := func(ctx context.Context, desk string, names []string) string {
			GinkgoHelper()
			batch := drivers.NewBatch()
			for _, name := range names {
				for _, op := range []drivers.Op{drivers.OpTTL, drivers.OpGet, drivers.OpSMembers} {
					batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: op, Key: desk + name}})
				}
			}
			Expect(drivers.DoBatch(ctx, store.raw, batch)).To(Succeed())
			var text strings.Builder
			for _, item := range batch.Items {
				slices.Sort(item.Reply.Values)
				if item.Command.Op == drivers.OpTTL && item.Reply.Int > 0 {
					item.Reply.Int = (item.Reply.Int + 30_000) / 60_000 // minutes
				}
				fmt.Fprintf(&text, "%v %v %q %q %v; ", item.Reply.Nil, item.Reply.Int, item.Reply.Value, item.Reply.Values, item.Err != nil)
			}
			return text.String()
		}
		outcome := func(value any, err error) string {
			if err == nil {
				return fmt.Sprintf("%+v", value)
			}
			message, _, _ := strings.Cut(err.Error(), " script: ") // Redis says so of its own accord
			return fmt.Sprintf("%+v, %v", value, strings.ReplaceAll(message, "out:", "in:"))
		}

		// compare tries acts one after the other, outside and inside. It reports whether
		// the transaction was carried out.
		compare := func(ctx context.Context, names []string, state []drivers.Command, what string, acts ...act) bool {
			GinkgoHelper()
			set(ctx, names, state)
			before := stored(ctx, "in:{desk}:", names)
			var truth []string
			for _, act := range acts {
				truth = append(truth, outcome(act.call(ctx, outside)))
			}
			unknown := errors.New("not to be known in the transaction")
			tries := 0
			err := kv.Atomic(ctx, inside, func(tx kv.StaticStore) error {
				tries++
				for i, act := range acts {
					value, err := act.call(ctx, tx)
					if err != nil && strings.Contains(err.Error(), "was written earlier in the transaction") {
						Expect(i).NotTo(BeZero(), what)
						Expect(err).To(MatchError(kv.ErrInvalid))
						return unknown
					}
					Expect(outcome(value, err)).To(Equal(truth[i]), "%s: the outcome of %s", what, act.name)
				}
				return nil
			})
			Expect(tries).To(Equal(1), what)
			if err != nil {
				Expect(err).To(BeIdenticalTo(unknown), what)
				Expect(stored(ctx, "in:{desk}:", names)).To(Equal(before), "%s: nothing must be left behind", what)
				return false
			}
			Expect(stored(ctx, "in:{desk}:", names)).To(Equal(stored(ctx, "out:{desk}:", names)), "%s: what is left behind", what)
			return true
		}

		text := drivers.Command{Op: drivers.OpSet, Value: "ab"}
		game := drivers.Command{Op: drivers.OpSet, Value: `{"white":"ann","moves":[]}`}
		set2 := drivers.Command{Op: drivers.OpSAdd, Values: []string{"red", "green"}}
		bits := drivers.Command{Op: drivers.OpSet, Value: "\x7f\xf5\x80\x01\xff\xff\x00\x7e"}
		for _, kind := range []struct {
			name  string
			names []string
			value drivers.Command
			acts  []act
		}{
			{"on a string", []string{"note"}, text, stringActs(Note)},
			{"on a string with a time to live", []string{"code"}, text, stringActs(Code)},
			{"on a document", []string{"current"}, game, documentActs(Current)},
			{"on a document with a time to live", []string{"brief"}, game, documentActs(Brief)},
			{"on a set", []string{"tags", "online"}, set2, setActs(Tags, Online)},
			{"on a set with a time to live", []string{"online", "tags"}, set2, setActs(Online, Tags)},
			{"on slots that wrap", []string{"counts"}, bits, bitSetActs(Counts)},
			{"on slots that saturate", []string{"levels"}, bits, bitSetActs(Levels)},
			{"on slots that fail", []string{"votes"}, bits, bitSetActs(Votes)},
			{"on slots with a time to live", []string{"windows"}, bits, bitSetActs(Windows)},
		} {
			It("answers and does what it does outside "+kind.name, func(ctx context.Context) {
				for state, commands := range states(kind.value) {
					for _, first := range kind.acts {
						Expect(compare(ctx, kind.names, commands, state+": "+first.name, first)).To(BeTrue(), first.name)
					}
				}
			})
			It("does so after every other one, or says that it cannot be known yet, "+kind.name, func(ctx context.Context) {
				rng := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
				known, unknown := 0, 0
				for state, commands := range states(kind.value) {
					for _, first := range kind.acts {
						for _, then := range kind.acts {
							if store.remote() && rng.IntN(15) > 0 {
								continue // a part of them, another each time
							}
							if compare(ctx, kind.names, commands, state+": "+first.name+", "+then.name, first, then) {
								known++
							} else {
								unknown++
							}
						}
					}
				}
				AddReportEntry(fmt.Sprintf("%d pairs were carried out, %d were not to be known", known, unknown), ReportEntryVisibilityFailureOrVerbose)
				Expect(known).To(BeNumerically(">", unknown/2))
			})
		}
	})
})

// remote reports whether every command costs a round trip.
func (b backend) remote() bool {
	return !strings.Contains(fmt.Sprintf("%T", b.raw), "memory")
}
