package operations_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// An operation in a transaction has to answer what it answers outside, whatever the transaction
// has done before, to show what it has done to every read that follows, and to leave behind
// what it leaves outside. That is tried for all operations that the handles have.

// ofChance are operations with an outcome of their own each time.
var ofChance = regexp.MustCompile(`^(Pop|Random) \d$`)

// ofTheServer are those that only the server can foresee, or that ask for what no transaction
// watches. They are refused, and nothing is changed.
var ofTheServer = regexp.MustCompile(`^(Fetch|Take|TryAcquire|Allow|AllowN|Peek|Deliver|Redeliver|Claim|AutoClaim|ExpireFields|PersistFields|FieldTTL|Pending|Consumers|RemoveConsumer|Lag) \d$`)

func (o operation) ofTheServer() bool { return ofTheServer.MatchString(o.name) }

// states are what the field of a kind may hold.
var states = map[string]func(ctx context.Context, d drivers.Driver, key string) error{
	"absent": nil,
	"there":  nil,
	"expiring": func(ctx context.Context, d drivers.Driver, key string) error {
		return kvtest.ErrorOf(d.Do(ctx, drivers.Command{Op: drivers.OpExpire, Key: key, Expiry: drivers.In(3 * time.Hour)}))
	},
	"of another type": func(ctx context.Context, d drivers.Driver, key string) error {
		_, err := d.Do(ctx, drivers.Command{Op: drivers.OpRPush, Key: key, Values: []string{"foreign"}})
		if !errors.Is(err, drivers.ErrWrongType) {
			return err
		}
		return kvtest.ErrorOf(d.Do(ctx, drivers.Command{Op: drivers.OpDelete, Key: key}))
	},
}

// comparison tries the same outside and inside of a transaction.
type comparison struct {
	raw        drivers.Driver
	yards      kv.DynamicStore[kv.StaticStore]
	kind       kind
	reads      []operation
	tried      int
	unforeseen int
}

// readsOf are those operations that write nothing.
func readsOf(ctx context.Context, k kind, all []operation) (reads []operation) {
	wrote := false
	watching := drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		wrote = wrote || slices.ContainsFunc(b.Items, func(i drivers.Item) bool { return i.Command.Op.Effect() == drivers.Writes })
		return next(ctx, b)
	})
	yard := kv.MustOpen(Yards, watching, kv.At("yards")).Take("one")
	for _, operation := range all {
		_, err := yard.Erase(ctx)
		Expect(err).NotTo(HaveOccurred())
		k.fillIn(ctx, yard)
		wrote = false
		_, err = operation.call(ctx, yard)
		if !wrote && err == nil && !ofChance.MatchString(operation.name) && !ofTheServer.MatchString(operation.name) {
			reads = append(reads, operation)
		}
	}
	return reads
}

// prepare makes both yards hold the same.
func (c *comparison) prepare(ctx context.Context, state string) {
	GinkgoHelper()
	for _, id := range []string{"out", "in"} {
		yard := c.yards.Take(id)
		_, err := yard.Erase(ctx)
		Expect(err).NotTo(HaveOccurred())
		if state != "absent" {
			c.kind.fillIn(ctx, yard)
		}
		if change := states[state]; change != nil {
			key := yard.Path() + ":" + strings.Replace(c.kind.name, "group", "stream", 1)
			Expect(change(ctx, c.raw, key)).To(Succeed())
		}
	}
}

var (
	inNoOrder = regexp.MustCompile(`^All \d$|^(Keys|Read|GetMany|Union|Intersect|Difference) \d (set|short|map|hash)$`)
	tokens    = regexp.MustCompile(`[^][{}, ]+`)
	durations = regexp.MustCompile(`\b(\d+h)?(\d+m)?[\d.]+s\b`)
)

var withoutDurations = remembering(func(text string) string {
	return timeless(durations.ReplaceAllString(text, "(moment)"))
})

// outcome is what an operation has returned, as text: its error by class.
func (c *comparison) outcome(operation operation, value any, err error) string {
	text := withoutDurations(fmt.Sprint(value))
	if inNoOrder.MatchString(operation.name) || inNoOrder.MatchString(operation.name+" "+c.kind.name) {
		text = strings.Join(slices.Sorted(slices.Values(tokens.FindAllString(text, -1))), " ")
	}
	if err == nil {
		return text
	}
	text = "fails"
	for _, class := range []error{
		kv.ErrNotFound, kv.ErrWrongType, kv.ErrInvalid, kv.ErrConditionFailed, kv.ErrOverflow, kv.ErrCorrupt, errors.ErrUnsupported,
	} {
		if errors.Is(err, class) {
			text += ": " + class.Error()
		}
	}
	return text
}

// try compares operations in turn, and then all reads.
func (c *comparison) try(ctx context.Context, state string, operations ...operation) {
	GinkgoHelper()
	c.tried++
	c.prepare(ctx, state)
	story := state
	for _, operation := range operations {
		story += ", " + operation.name
	}
	before := ""
	if slices.ContainsFunc(operations, operation.ofTheServer) {
		before = storedIn(ctx, c.yards.Take("in"))
	}
	operations = append(operations, c.reads...)
	var truth []string
	for _, operation := range operations {
		value, err := operation.call(ctx, c.yards.Take("out"))
		truth = append(truth, c.outcome(operation, value, err))
	}
	unforeseen := errors.New("only the server knows")
	tries := 0
	err := kv.Atomic(ctx, c.yards.Take("in"), func(ctx context.Context, tx kv.StaticStore) error {
		tries++
		for i, each := range operations {
			value, err := each.call(ctx, tx)
			if errors.Is(err, errors.ErrUnsupported) {
				Expect(slices.ContainsFunc(operations[:i+1], operation.ofTheServer)).To(BeTrue(), "%s: %s: %v", story, each.name, err)
				return unforeseen
			}
			Expect(c.outcome(each, value, err)).To(Equal(truth[i]), "%s: the outcome of %s, %v", story, each.name, err)
		}
		return nil
	})
	Expect(tries).To(Equal(1), story)
	if err != nil {
		c.unforeseen++
		Expect(err).To(BeIdenticalTo(unforeseen), story)
		Expect(storedIn(ctx, c.yards.Take("in"))).To(Equal(before), "%s: nothing must be left behind", story)
		return
	}
	Expect(storedIn(ctx, c.yards.Take("in"))).To(Equal(storedIn(ctx, c.yards.Take("out"))), "%s: what is left behind", story)
}

var _ = Describe("An operation in a transaction", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		for _, k := range kindsOfHandles {
			It("answers and does what it does outside, after any others, and shows it to every read: "+k.name, func(ctx context.Context) {
				store := open(ctx)
				c := &comparison{raw: store.Raw, yards: kv.MustOpen(Yards, store.Raw, kv.At("yards")), kind: k}
				var all []operation
				for _, operation := range k.operations() {
					if !ofChance.MatchString(operation.name) {
						all = append(all, operation)
					}
				}
				c.reads = readsOf(ctx, k, all)
				rng := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
				pairs, triples := 40, 40 // one of so many, and so many
				switch {
				case store.Remote(): // where each operation is a round trip
					pairs, triples = 800, 4
				case os.Getenv("KVSTORE_THOROUGH") != "":
					pairs, triples = 1, 500
				}
				for state := range states {
					of := pairs
					if state != "absent" && state != "there" {
						of *= 5
					}
					for _, first := range all {
						c.try(ctx, state, first)
						for _, then := range all {
							if rng.IntN(of) == 0 {
								c.try(ctx, state, first, then)
							}
						}
					}
				}
				names := slices.Sorted(maps.Keys(states))
				for range triples {
					pick := func() operation { return all[rng.IntN(len(all))] }
					c.try(ctx, names[rng.IntN(len(names))], pick(), pick(), pick())
				}
				AddReportEntry(fmt.Sprintf("%d sequences, of which %d need the server", c.tried, c.unforeseen), ReportEntryVisibilityFailureOrVerbose)
			})
		}
	})
})
