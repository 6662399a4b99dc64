package operations_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// everything are handles of every kind.
type everything struct {
	kv.Store
	Text      kv.StringField                  `kv:"text"`
	Bytes     kv.BytesField                   `kv:"bytes"`
	Int       kv.IntField                     `kv:"int"`
	Float     kv.FloatField                   `kv:"float"`
	Moment    kv.ScalarField[time.Time]       `kv:"moment"`
	Document  kv.JSONField[kvtest.Msg]        `kv:"document"`
	Set       kv.SetField                     `kv:"set"`
	Slots     kv.BitSetField                  `kv:"slots"`
	Bits      kv.BitmapField                  `kv:"bits"`
	List      kv.ListField                    `kv:"list"`
	Scores    kv.SortedSetField               `kv:"scores"`
	Hash      kv.HashField[kvtest.Msg]        `kv:"hash"`
	Map       kv.MapField[string, int]        `kv:"map"`
	Estimated kv.HyperLogLogField             `kv:"estimated"`
	Places    kv.GeoField                     `kv:"places"`
	Entries   kv.StreamField[kvtest.Msg]      `kv:"entries"`
	Topic     kv.TopicField[kvtest.Msg]       `kv:"topic"`
	Lock      kv.LockField                    `kv:"lock"`
	Limiter   kv.LimiterField                 `kv:"limiter"`
	Jobs      kv.QueueField[kvtest.Msg]       `kv:"jobs"`
	Below     kv.DynamicStore[kv.StringField] `kv:"below"`
	Documents kv.CollectionStore[kvtest.Msg]  `kv:"documents"`
}

var everythingSchema = kv.Static("all").String("text").Bytes("bytes").Int("int").Float("float").Time("moment").
	JSON[kvtest.Msg]("document").Set("set").BitSet("slots", kv.U8).Bitmap("bits").List("list").SortedSet("scores").
	Hash[kvtest.Msg]("hash").Map[int]("map").HyperLogLog("estimated").Geo("places").Stream[kvtest.Msg]("entries").
	Topic[kvtest.Msg]("topic").Lock("lock", time.Minute).Limiter("limiter", kv.Per(1, time.Second)).
	Queue[kvtest.Msg]("jobs").Field("below", kv.Dynamic(kv.String())).
	Field("documents", kv.Collection(kv.JSON[kvtest.Msg]())).As[everything]()

// extreme are numbers and spans that few operations take.
type extreme struct {
	number float64
	span   time.Duration
}

// argument is an argument of a type, an extreme one if it is a number, a span or a moment.
func argument(ctx context.Context, kind reflect.Type, with extreme) reflect.Value {
	value := reflect.New(kind).Elem()
	switch {
	case kind == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(ctx)
	case kind == reflect.TypeFor[time.Duration]():
		value.SetInt(int64(with.span))
	case kind == reflect.TypeFor[time.Time]():
		value.Set(reflect.ValueOf(time.UnixMilli(-1)))
	case kind == reflect.TypeFor[kv.PageOption]():
		value.Set(reflect.ValueOf(kv.Limit(int(with.number))))
	case kind.Kind() == reflect.String:
		value.SetString("a")
	case value.CanInt():
		value.SetInt(int64(with.number))
	case value.CanFloat():
		value.SetFloat(with.number)
	case kind.Kind() == reflect.Func:
		value.Set(reflect.MakeFunc(kind, func([]reflect.Value) (results []reflect.Value) {
			for result := range kind.Outs() {
				results = append(results, reflect.Zero(result))
			}
			return results
		}))
	case kind.Kind() == reflect.Slice && kind.Elem().Kind() != reflect.Func:
		if element := argument(ctx, kind.Elem(), with); element.Kind() != reflect.Interface || !element.IsNil() {
			value = reflect.Append(value, element)
		}
	case kind.Kind() == reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				value.Field(i).Set(argument(ctx, value.Type().Field(i).Type, with))
			}
		}
	}
	return value
}

// refusalsOf are the errors of all operations of a handle, by their names. One that waits is not waited for long.
func refusalsOf(ctx context.Context, handle reflect.Value, with extreme) map[string]error {
	refusals := map[string]error{}
	for method := range handle.Type().Methods() {
		ctx, end := context.WithTimeout(ctx, 20*time.Millisecond)
		called := handle.MethodByName(method.Name)
		var arguments []reflect.Value
		for kind := range called.Type().Ins() {
			arguments = append(arguments, argument(ctx, kind, with))
		}
		call := called.Call
		if called.Type().IsVariadic() {
			call = called.CallSlice
		}
		for _, result := range call(arguments) {
			if err, is := result.Interface().(error); is {
				refusals[method.Name] = err
			}
			if result.Kind() != reflect.Func || !result.Type().CanSeq2() {
				continue
			}
			for _, second := range result.Seq2() {
				if err, is := second.Interface().(error); is {
					refusals[method.Name] = err
				}
				break
			}
		}
		end()
	}
	return refusals
}

// foreign are words that no caller of a handle knows: the Ops of drivers, types that are not exported, and what stands for a
// span below a millisecond. What a server does not know it says by the name of its command.
var foreign = regexp.MustCompile(`\*(kv|drivers|memory|redisdriver)\.|-1 ms|bit offset|\b(` + strings.Join(lo.Map(drivers.Ops(), func(op drivers.Op, _ int) string {
	return op.String()
}), "|") + `)\b`)

var _ = Describe("An error", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("is in words of the operation that was called, whatever its arguments", func(ctx context.Context) {
			opened := kv.MustOpen(everythingSchema, open(ctx).Raw)
			told := 0
			try := func(ctx context.Context, v everything) {
				for _, with := range []extreme{{-1, -1}, {math.MinInt64, 5}, {1 << 62, math.MaxInt64}, {math.NaN(), 0}} {
					handles := []any{v.Entries.Group("workers")}
					for _, field := range reflect.ValueOf(v).Fields() {
						handles = append(handles, field.Interface())
					}
					for _, handle := range handles {
						for name, err := range refusalsOf(ctx, reflect.ValueOf(handle), with) {
							failed, is := errors.AsType[*kv.Error](err)
							Expect(is).To(BeTrue(), "%s: %v", name, err)
							if cause := failed.Err.Error(); !strings.Contains(cause, "the server does not know") {
								Expect(foreign.FindString(cause)).To(BeEmpty(), "%s: %v", name, err)
							}
							if name != "ReadMany" { // which reads a value
								Expect(failed.Op).To(Equal(name), "%v", err)
							}
							told++
						}
					}
				}
			}
			try(ctx, opened)
			Expect(kv.Atomic(ctx, opened, func(ctx context.Context, v everything) error {
				try(ctx, v)
				return errEnough
			})).To(MatchError(errEnough))
			Expect(told).To(BeNumerically(">", 400))
		})
	})
})

var errEnough = errors.New("enough")
