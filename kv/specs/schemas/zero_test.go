package schemas_test

import (
	"context"
	"errors"
	"reflect"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// nameOperation holds for errors of the operation that was called; of a query that is Find.
func nameOperation(name string) types.GomegaMatcher {
	return WithTransform(func(err error) string {
		failed, _ := errors.AsType[*kv.Error](err)
		return failed.Op
	}, Or(Equal(name), Equal("Find")))
}

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
					Expect(result.Interface()).To(nameOperation(name), name)
				}
				if !result.Type().CanSeq2() {
					continue
				}
				Expect(func() {
					for _, err := range result.Seq2() {
						Expect(err.Interface()).To(MatchError(kv.ErrUndeclared), name)
						Expect(err.Interface()).To(nameOperation(name), name)
						break
					}
				}).NotTo(Panic(), name)
			}
		}
	},
	Entry("StaticStore", kv.StaticStore{}),
	Entry("KeyedStore", kv.KeyedStore[int, kv.StringField]{}),
	Entry("KeyedCollection", kv.KeyedCollection[int, kvtest.Msg]{}),
	Entry("Query", kv.Query[int, kvtest.Msg]{}),
	Entry("StringField", kv.StringField{}),
	Entry("BytesField", kv.BytesField{}),
	Entry("IntField", kv.IntField{}),
	Entry("FloatField", kv.FloatField{}),
	Entry("ScalarField", kv.ScalarField[time.Time]{}),
	Entry("JSONField", kv.JSONField[kvtest.Msg]{}),
	Entry("SetField", kv.SetField{}),
	Entry("BitSetField", kv.BitSetField{}),
	Entry("BitmapField", kv.BitmapField{}),
	Entry("ListField", kv.ListField{}),
	Entry("SortedSetField", kv.SortedSetField{}),
	Entry("HashField", kv.HashField[kvtest.Msg]{}),
	Entry("MapField", kv.MapField[string, int]{}),
	Entry("HyperLogLogField", kv.HyperLogLogField{}),
	Entry("GeoField", kv.GeoField{}),
	Entry("StreamField", kv.StreamField[kvtest.Msg]{}),
	Entry("StreamGroup", kv.StreamGroup[kvtest.Msg]{}),
	Entry("TopicField", kv.TopicField[kvtest.Msg]{}),
	Entry("LockField", kv.LockField{}),
	Entry("LimiterField", kv.LimiterField{}),
	Entry("QueueField", kv.QueueField[kvtest.Msg]{}),
)
