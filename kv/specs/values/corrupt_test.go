package values_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// tally is a struct in a hash.
type tally struct {
	Votes int64   `json:"votes"`
	Mean  float64 `json:"mean"`
	Small int8    `json:"small" jsonschema:"minimum=0"`
}

// numbers are handles of all that can be added to.
type numbers struct {
	Int       kv.IntField                   `kv:"int"`
	Bounded   kv.IntField                   `kv:"bounded"`
	Float     kv.FloatField                 `kv:"float"`
	Brief     kv.FloatField                 `kv:"brief"`
	Hash      kv.HashField[tally]           `kv:"hash"`
	Map       kv.MapField[string, int]      `kv:"map"`
	Floats    kv.MapField[string, float32]  `kv:"floats"`
	Limiter   kv.LimiterField               `kv:"limiter"`
	Estimated kv.HyperLogLogField           `kv:"estimated"`
	Codes     kv.SetFieldOf[int]            `kv:"codes"`
	Document  kv.JSONField[kvtest.Msg]      `kv:"document"`
	Moment    kv.ScalarField[time.Time]     `kv:"moment"`
	Scores    kv.SortedSetFieldOf[int]      `kv:"scores"`
	List      kv.ListFieldOf[time.Duration] `kv:"list"`
}

var numbersSchema = kv.Colocated(kv.Static("numbers").Int("int").Int("bounded", kv.AtLeast(0), kv.AtMost(10)).
	Float("float").Float("brief", kv.ExpireIn(time.Hour)).Hash[tally]("hash").Map[int]("map").
	Map[float32]("floats", kv.AtMost(1.5)).Limiter("limiter", kv.Per(1, time.Second)).HyperLogLog("estimated").
	SetOf[int]("codes").JSON[kvtest.Msg]("document").Time("moment").SortedSetOf[int]("scores").ListOf[time.Duration]("list").
	As[numbers]())

const (
	votes kv.HashKey[tally, int64]   = "votes"
	mean  kv.HashKey[tally, float64] = "mean"
	small kv.HashKey[tally, int8]    = "small"
)

// increments add to what is stored, each its own way, and return an error alone.
var increments = map[string]func(ctx context.Context, n numbers) error{
	"Increment int":     func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Int.Increment(ctx, 1)) },
	"Decrement int":     func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Int.Decrement(ctx, 1)) },
	"Increment bounded": func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Bounded.Increment(ctx, 1)) },
	"Increment float":   func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Float.Increment(ctx, 0.5)) },
	"Decrement brief":   func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Brief.Decrement(ctx, 0.5)) },
	"Increment hash":    func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Hash.Increment(ctx, votes, 1)) },
	"Increment hash ":   func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Hash.Increment(ctx, mean, 1)) },
	"Increment hash  ":  func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(n.Hash.Increment(ctx, small, 1)) },
	"IncrementIn map":   func(ctx context.Context, n numbers) error { return kvtest.ErrorOf(kv.IncrementIn(ctx, n.Map, "a", 1)) },
	"IncrementIn floats": func(ctx context.Context, n numbers) error {
		return kvtest.ErrorOf(kv.IncrementIn(ctx, n.Floats, "a", 1))
	},
}

var _ = Describe("What is stored and does not fit", func() {
	const corrupt = "the stored value does not fit the schema: "

	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			driver drivers.Driver
			opened numbers
		)
		put := func(ctx context.Context, cmd drivers.Command) {
			GinkgoHelper()
			Expect(kvtest.ErrorOf(driver.Do(ctx, cmd))).To(Succeed())
		}
		BeforeEach(func(ctx context.Context) {
			driver = open(ctx).Driver
			opened = kv.MustOpen(numbersSchema, driver)
			for _, name := range []string{"int", "bounded", "float", "brief", "limiter", "document", "moment"} {
				put(ctx, drivers.Command{Op: drivers.OpSet, Key: "{numbers}:" + name, Value: "seven"})
			}
			for _, name := range []string{"hash", "map", "floats"} {
				put(ctx, drivers.Command{Op: drivers.OpHSet, Key: "{numbers}:" + name, Values: []string{"a", "seven", "votes", "seven", "mean", "seven", "small", "seven"}})
			}
			put(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "{numbers}:codes", Values: []string{"seven"}})
			put(ctx, drivers.Command{Op: drivers.OpZAdd, Key: "{numbers}:scores", Values: []string{"seven"}, Extra: &drivers.Extra{Scores: []float64{7}}})
			put(ctx, drivers.Command{Op: drivers.OpRPush, Key: "{numbers}:list", Values: []string{"seven"}})
		})
		said := func(what string, err error) {
			GinkgoHelper()
			op, field, _ := strings.Cut(strings.TrimSpace(what), " ")
			Expect(err).To(MatchError(kv.ErrCorrupt), what)
			Expect(err.Error()).To(HavePrefix("kv: "+op+" {numbers}:"+field+": "+corrupt), what)
			Expect(strings.Count(err.Error(), strings.TrimSuffix(corrupt, ": "))).To(Equal(1), "%s: %v", what, err)
			Expect(err.Error()).NotTo(ContainSubstring("invalid value"), what)
		}

		It("is ErrCorrupt to what adds to it", func(ctx context.Context) {
			for what, add := range increments {
				said(what, add(ctx, opened))
			}
			Expect(kvtest.ErrorOf(opened.Map.Get(ctx, "a"))).To(MatchError(kv.ErrCorrupt), "it is left as it is")
		})

		It("is ErrCorrupt to what adds to it in a batch", func(ctx context.Context) {
			var batch kv.Batch
			bound, results := batch.Bind(opened), map[string]*kv.Result[struct{}]{}
			for what, add := range increments {
				results[what] = batch.Exec(func(ctx context.Context) error { return add(ctx, bound) })
			}
			Expect(batch.Run(ctx)).To(MatchError(kv.ErrCorrupt))
			for what, result := range results {
				said(what, kvtest.ErrorOf(result.Get()))
			}
		})

		It("is ErrCorrupt to what adds to it in a transaction", func(ctx context.Context) {
			for what, add := range increments {
				said(what, kv.Atomic(ctx, opened, func(ctx context.Context, n numbers) error { return add(ctx, n) }))
			}
		})

		It("is said to be so once, whatever reads it", func(ctx context.Context) {
			for what, err := range map[string]error{
				"Read int":      kvtest.ErrorOf(opened.Int.Read(ctx)),
				"Read bounded":  kvtest.ErrorOf(opened.Bounded.Read(ctx)),
				"ReadOr float":  kvtest.ErrorOf(opened.Float.ReadOr(ctx, 1)),
				"Read moment":   kvtest.ErrorOf(opened.Moment.Read(ctx)),
				"Read hash":     kvtest.ErrorOf(opened.Hash.Read(ctx)),
				"Get hash":      kvtest.ErrorOf(opened.Hash.Get(ctx, mean)),
				"Read map":      kvtest.ErrorOf(opened.Map.Read(ctx)),
				"Get floats":    kvtest.ErrorOf(opened.Floats.Get(ctx, "a")),
				"Read codes":    kvtest.ErrorOf(opened.Codes.Read(ctx)),
				"Range scores":  kvtest.ErrorOf(opened.Scores.Range(ctx, 0, -1)),
				"Read list":     kvtest.ErrorOf(opened.List.Read(ctx)),
				"Read document": kvtest.ErrorOf(opened.Document.Read(ctx)),
				"Swap document": kvtest.ErrorOf(opened.Document.Swap(ctx, kvtest.Msg{})),
				"Allow limiter": kvtest.ErrorOf(opened.Limiter.Allow(ctx)),
			} {
				said(what, err)
			}
		})
	})
})
