package kv_test

import (
	"context"
	"reflect"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
)

var _ = DescribeTable("A handle that does not come from Open answers with an error, whatever is asked of it",
	func(ctx context.Context, handle any) {
		value := reflect.ValueOf(handle)
		for i := range value.NumMethod() {
			name, method := value.Type().Method(i).Name, value.Method(i)
			var arguments []reflect.Value
			for parameter := range method.Type().Ins() {
				argument := reflect.Zero(parameter)
				if parameter == reflect.TypeFor[context.Context]() {
					argument = reflect.ValueOf(ctx)
				}
				arguments = append(arguments, argument)
			}
			call := method.Call
			if method.Type().IsVariadic() {
				call = method.CallSlice
			}
			var results []reflect.Value
			Expect(func() { results = call(arguments) }).NotTo(Panic(), name)
			for _, result := range results {
				if result.Type() == reflect.TypeFor[error]() {
					Expect(result.Interface()).To(Or(MatchError(kv.ErrUndeclared), MatchError(kv.ErrInvalid)), name)
				}
				if !result.Type().CanSeq2() {
					continue
				}
				Expect(func() {
					for _, err := range result.Seq2() {
						Expect(err.Interface()).To(MatchError(kv.ErrUndeclared), name)
						break
					}
				}).NotTo(Panic(), name)
			}
		}
	},
	Entry("StaticStore", kv.StaticStore{}),
	Entry("KeyedStore", kv.KeyedStore[int, kv.StringField]{}),
	Entry("KeyedCollection", kv.KeyedCollection[int, Msg]{}),
	Entry("Query", kv.Query[int, Msg]{}),
	Entry("StringField", kv.StringField{}),
	Entry("BytesField", kv.BytesField{}),
	Entry("IntField", kv.IntField{}),
	Entry("FloatField", kv.FloatField{}),
	Entry("ScalarField", kv.ScalarField[time.Time]{}),
	Entry("JSONField", kv.JSONField[Msg]{}),
	Entry("SetField", kv.SetField{}),
	Entry("BitSetField", kv.BitSetField{}),
	Entry("BitmapField", kv.BitmapField{}),
	Entry("ListField", kv.ListField{}),
	Entry("SortedSetField", kv.SortedSetField{}),
	Entry("HashField", kv.HashField[Msg]{}),
	Entry("MapField", kv.MapField[string, int]{}),
	Entry("HyperLogLogField", kv.HyperLogLogField{}),
	Entry("GeoField", kv.GeoField{}),
	Entry("StreamField", kv.StreamField[Msg]{}),
	Entry("StreamGroup", kv.StreamGroup[Msg]{}),
	Entry("TopicField", kv.TopicField[Msg]{}),
	Entry("LockField", kv.LockField{}),
	Entry("LimiterField", kv.LimiterField{}),
)
