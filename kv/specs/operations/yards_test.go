package operations_test

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// Yards are stores with two fields of every kind, each store in a slot of its own.
var Yards = kv.Dynamic(kv.Colocated(kv.Static("yard").
	String("string").String("string2").Bytes("bytes").Bytes("bytes2").Int("int").Int("int2").Float("float").Float("float2").
	Int("brief", kv.ExpireIn(time.Hour)).Int("brief2").Int("bounded", kv.AtMost(3)).Int("bounded2").
	String("sliding", kv.Sliding(time.Hour)).String("sliding2").
	Time("time").Time("time2").JSON[kvtest.Msg]("json").JSON[kvtest.Msg]("json2").
	Set("set").Set("set2").Set("short", kv.ExpireIn(time.Hour)).Set("short2").BitSet("bitset", kv.U8).BitSet("bitset2", kv.U8).
	Bitmap("bitmap").Bitmap("bitmap2").List("list").List("list2").SortedSet("sorted").SortedSet("sorted2").
	Hash[kvtest.Msg]("hash").Hash[kvtest.Msg]("hash2").Map[int]("map").Map[int]("map2").HyperLogLog("hll").HyperLogLog("hll2").
	Geo("geo").Geo("geo2").Stream[kvtest.Msg]("stream").Stream[kvtest.Msg]("stream2").
	Topic[kvtest.Msg]("topic").Topic[kvtest.Msg]("topic2").Lock("lock", time.Hour).Lock("lock2", time.Hour).
	Limiter("limiter", kv.Per(1, time.Hour).Burst(3)).Limiter("limiter2", kv.Per(1, time.Hour)).
	Queue[kvtest.Msg]("queue").Queue[kvtest.Msg]("queue2")))

// kind is a kind of handle: how to take one and another, and the operation that fills it.
type kind struct {
	name string
	take func(kv.StaticStore) (one, other any)
	fill string
}

func kindOf[H any](name, fill string) kind {
	return kind{name, func(yard kv.StaticStore) (one, other any) {
		return yard.Take[H](kv.Key[H](name)), yard.Take[H](kv.Key[H](name + "2"))
	}, fill}
}

var streams = kindOf[kv.StreamField[kvtest.Msg]]("stream", "Append")

var kindsOfHandles = []kind{
	kindOf[kv.StringField]("string", "Write"), kindOf[kv.BytesField]("bytes", "Write"), kindOf[kv.IntField]("int", "Write"),
	kindOf[kv.IntField]("brief", "Write"), kindOf[kv.IntField]("bounded", "Write"), kindOf[kv.StringField]("sliding", "Write"),
	kindOf[kv.FloatField]("float", "Write"), kindOf[kv.TimeField]("time", "Write"), kindOf[kv.JSONField[kvtest.Msg]]("json", "Write"),
	kindOf[kv.SetField]("set", "Write"), kindOf[kv.SetField]("short", "Write"), kindOf[kv.BitSetField]("bitset", "Put"), kindOf[kv.BitmapField]("bitmap", "Put"),
	kindOf[kv.ListField]("list", "Write"), kindOf[kv.SortedSetField]("sorted", "Write"), kindOf[kv.HashField[kvtest.Msg]]("hash", "Write"),
	kindOf[kv.MapField[string, int]]("map", "Write"), kindOf[kv.HyperLogLogField]("hll", "Add"), kindOf[kv.GeoField]("geo", "Write"),
	streams, kindOf[kv.TopicField[kvtest.Msg]]("topic", "Publish"),
	kindOf[kv.LockField]("lock", "TryAcquire"), kindOf[kv.LimiterField]("limiter", "Allow"), kindOf[kv.QueueField[kvtest.Msg]]("queue", "Add"),
	{"group", func(yard kv.StaticStore) (one, other any) {
		return yard.Take[kv.StreamField[kvtest.Msg]]("stream").Group("g"), yard.Take[kv.StreamField[kvtest.Msg]]("stream2").Group("g")
	}, "Create"},
}

// fillIn fills both fields of a kind.
func (k kind) fillIn(ctx context.Context, yard kv.StaticStore) {
	GinkgoHelper()
	if k.name == "group" {
		streams.fillIn(ctx, yard)
	}
	second := k
	second.take = func(yard kv.StaticStore) (one, other any) {
		one, other = k.take(yard)
		return other, one
	}
	for _, each := range []kind{k, second} {
		_, err := each.call(k.fill, 0).call(ctx, yard)
		Expect(err).NotTo(HaveOccurred())
	}
}

// storedIn is all that is stored in a yard.
func storedIn(ctx context.Context, yard kv.StaticStore) string {
	GinkgoHelper()
	var text bytes.Buffer
	_, err := yard.Export(ctx, &text)
	Expect(err).NotTo(HaveOccurred())
	return inOrder(text.String())
}

// inOrder is an export without what differs from one moment to the next, and in an order.
var inOrder = remembering(func(export string) string {
	lines := strings.Split(timeless(export), "\n")
	for i, line := range lines {
		if !strings.Contains(line, `"list"`) { // others come in no order
			words := words.FindAllString(line, -1)
			slices.Sort(words)
			lines[i] = strings.Join(words, " ")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
})

var (
	streamIDs = regexp.MustCompile(`\d{13}-\d+`)
	words     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[\d.]+`)
	moments   = regexp.MustCompile(`\b\d{12,}\b|[\d.]+(h|m|s|ms|µs|ns)\b([\d.]+(m|s)\b)*|[0-9a-f]{10,}|\d{4}-\d\d-\d\dT?[^" ]*`)
)

// timeless is a text without what differs from one moment to the next.
var timeless = remembering(func(text string) string {
	return moments.ReplaceAllString(streamIDs.ReplaceAllString(text, "(id)"), "(moment)")
})

// remembering is a function that remembers its last answers: what is compared is the same
// text again and again, and to look for patterns takes longer than what is tried.
func remembering(of func(string) string) func(string) string {
	known := map[string]string{}
	return func(text string) string {
		answer, found := known[text]
		if !found {
			if len(known) >= 1000 {
				clear(known)
			}
			answer = of(text)
			known[text] = answer
		}
		return answer
	}
}

var _ = Describe("Every kind of node of a schema", func() {
	It("is in a yard, where every operation of every handle is tried, or is a scalar as others there are", func() {
		yards := map[dsl.Kind]bool{}
		Yards.Tree("yards").Visit(func(node *dsl.Node, _ []dsl.Step) { yards[node.Kind()] = true })
		for _, kind := range dsl.Kinds() {
			scalar := slices.Contains([]dsl.Kind{dsl.Bool, dsl.Duration, dsl.Enum, dsl.Text}, kind)
			Expect(yards[kind]).NotTo(Equal(scalar), kind.String())
		}
	})
})
