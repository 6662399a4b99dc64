package bench

import (
	"fmt"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
)

const (
	texts kv.Key[kv.DynamicStore[kv.StringField]]                  = "texts"
	deep  kv.Key[kv.DynamicStore[kv.DynamicStore[kv.StringField]]] = "deep"
	tags  kv.Key[kv.SetField]                                      = "tags"
	votes kv.Key[kv.BitSetField]                                   = "votes"
)

var schema = kv.Static("bench").
	Field(texts, kv.Dynamic(kv.String())).
	Field(deep, kv.Dynamic(kv.Dynamic(kv.String()))).
	Set(tags).
	BitSet(votes, kv.U16)

// What both sides of a row work with. They are variables, as the keys and values
// of programs are: constants would cost the bare commands no allocation.
var (
	value         = "a value of some thirty characters"
	member        = "member-7"
	slot    int64 = 700
	by      int64 = 1000
	u16           = int64(16)
	members       = namesOf("member", 1000)
)

func namesOf(prefix string, count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return names
}

// fields are handles with something in each.
type fields struct {
	store kv.StaticStore
	text  kv.StringField
	tags  kv.SetField
	votes kv.BitSetField
}

func open(b *testing.B, driver drivers.Driver) fields {
	b.Helper()
	store, err := kv.Open(schema, driver)
	must(b, err)
	f := fields{store, store.Take(texts).Take("held"), store.Take(tags), store.Take(votes)}
	must(b, f.text.Write(ctx, value))
	must(b, f.tags.Write(ctx, members[:10]))
	must(b, f.votes.Put(ctx, slot, by))
	return f
}
