package oteldriver_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// Everything that belongs to somebody has one of these in it.
const (
	secret       = "s3cr3t"
	secretNumber = 424242
)

var _ = Describe("a span", func() {
	for _, op := range drivers.Ops() {
		It(fmt.Sprintf("of %v has nothing of the command, the reply or the error in it", op), func() {
			cmd := drivers.Command{Op: op, Pattern: "users:*", Key: "users:" + secret, Value: secret, Values: []string{secret}, Start: secretNumber, Stop: secretNumber, Amount: secretNumber, Bits: drivers.BitType{Width: 8}, Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: secretNumber}, Extra: &drivers.Extra{Keys: []string{secret + "-other"}, Expected: secret}}
			for _, d := range []drivers.Driver{teller{fails: true}, teller{}} {
				d, spans := traced(d)
				_, _ = d.Do(ctx, cmd)
				for _, atomic := range []bool{false, true} {
					b := drivers.NewBatch(cmd, cmd)
					b.Atomic = atomic
					_ = drivers.DoBatch(ctx, d, b)
				}
				for range drivers.Scan(ctx, d, cmd) {
					continue
				}
				Expect(len(spans.GetSpans())).To(BeNumerically(">=", 3))
				expectNoSecret(spans)
			}
		})
	}

	It("of any operation on a handle has no id, value or member in it", func() {
		d, spans := traced(memory.New())
		useEverything(d)
		Expect(spans.names()).To(ContainElements("SET users:*:note", "SADD users:*:tags", "SCANKEYS users", "BATCH DELETE users"))
		expectNoSecret(spans)
	})

	It("has the texts of this package and the schema in it, which is how the search is known to find", func() {
		d, spans := traced(teller{})
		_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpGet, Pattern: secret})
		Expect(strings.Join(textsOf(spans.only()), "\n")).To(ContainSubstring(secret))
	})
})

func expectNoSecret(spans recording) {
	GinkgoHelper()
	for _, span := range spans.GetSpans() {
		text := strings.Join(textsOf(span), "\n")
		Expect(text).NotTo(ContainSubstring(secret))
		Expect(text).NotTo(ContainSubstring(fmt.Sprint(secretNumber)))
	}
}

// textsOf is everything of a span that leaves the process and is not a time or a random number.
func textsOf(span tracetest.SpanStub) []string {
	texts := []string{span.Name, span.Status.Description, span.SpanContext.TraceState().String(),
		span.InstrumentationScope.Name, span.InstrumentationScope.Version}
	add := func(attributes []attribute.KeyValue) {
		for _, a := range attributes {
			texts = append(texts, string(a.Key), a.Value.String())
		}
	}
	add(span.Attributes)
	for _, event := range span.Events {
		texts = append(texts, event.Name)
		add(event.Attributes)
	}
	for _, link := range span.Links {
		add(link.Attributes)
	}
	return texts
}

// teller is a driver that puts secrets into all it says, and all it was told into its errors.
type teller struct{ fails bool }

func (t teller) Do(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
	reply := drivers.Reply{Value: secret, Values: []string{secret}, Int: secretNumber}
	if t.fails || cmd.Op.Effect() == drivers.Lists {
		return reply, drivers.Errorf(drivers.ErrInvalid, "%+v", cmd)
	}
	return reply, nil
}

func (t teller) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if yield(secret, nil) && t.fails {
			_, err := t.Do(ctx, cmd)
			yield("", err)
		}
	}
}

const (
	note    kv.Key[kv.StringField]       = "note"
	profile kv.Key[kv.JSONField[string]] = "profile"
	tags    kv.Key[kv.SetField]          = "tags"
	marks   kv.Key[kv.BitSetField]       = "marks"
)

// useEverything calls the operations of every handle, with errors among them.
func useEverything(d drivers.Driver) {
	user := kv.Static("user").String(note).JSON(profile).Set(tags).BitSet(marks, kv.U16)
	users := kv.MustOpen(kv.Static("users").Field("all", kv.Dynamic(user)), d, kv.At(secret))
	direct := kv.MustOpen(kv.Dynamic(user), d, kv.At("users"))
	for _, ann := range []kv.StaticStore{direct.Take(secret), users.Take[kv.DynamicStore[kv.StaticStore]]("all").Take(secret)} {
		text, set, bits, document := ann.Take(note), ann.Take(tags), ann.Take(marks), ann.Take(profile)
		_, _ = text.Read(ctx)
		_ = text.Write(ctx, secret, kv.ExpireIn(secretNumber*time.Second))
		_ = text.Write(ctx, secret, kv.IfAbsent)
		_, _ = text.Swap(ctx, secret)
		_, _ = text.Append(ctx, secret)
		_, _ = text.Update(ctx, func(old string) (string, error) { return old + secret, nil })
		_, _ = text.Len(ctx)
		_, _ = text.TTL(ctx)
		_, _ = text.Expire(ctx, secretNumber*time.Second)
		_, _ = text.Persist(ctx)
		_, _ = text.Exists(ctx)
		_, _ = set.Add(ctx, secret, secret+"2")
		_ = set.Write(ctx, []string{secret})
		_, _ = set.Read(ctx)
		_, _ = set.Has(ctx, secret)
		_, _ = set.Union(ctx, set)
		_, _ = set.Random(ctx, secretNumber)
		_, _ = set.Move(ctx, set, secret)
		for range set.All(ctx) {
			break
		}
		_ = bits.Put(ctx, secretNumber, 7)
		_, _ = bits.Increment(ctx, 1, secretNumber)
		_, _ = bits.Sum(ctx, 0, secretNumber)
		_ = document.Write(ctx, secret)
		_, _ = document.Upsert(ctx, func(s *string) error { *s += secret; return nil })
		wrong := kv.MustOpen(kv.Set(), d, kv.At("users", secret, "note"))
		_, _ = wrong.Read(ctx)
		_, _ = ann.Keys(ctx)
	}
	for range direct.Keys(ctx) {
		break
	}
	_, _ = direct.Erase(ctx)
	_, _ = users.Erase(ctx)
}
