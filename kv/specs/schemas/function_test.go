package schemas_test

import (
	"context"
	"reflect"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// functional are the handles of values that have operations with functions.
type functional struct {
	Text    kv.StringField             `kv:"text"`
	Bytes   kv.BytesField              `kv:"bytes"`
	Int     kv.IntField                `kv:"int"`
	Float   kv.FloatField              `kv:"float"`
	Moment  kv.ScalarField[time.Time]  `kv:"moment"`
	JSON    kv.JSONField[kvtest.Msg]   `kv:"json"`
	Hash    kv.HashField[kvtest.Msg]   `kv:"hash"`
	Lock    kv.LockField               `kv:"lock"`
	Queue   kv.QueueField[kvtest.Msg]  `kv:"queue"`
	Entries kv.StreamField[kvtest.Msg] `kv:"entries"`
}

var _ = Describe("A function that is nil", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store    kvtest.Backend
			handles  functional
			refused  func(op, path string, err error)
			function = func(kind reflect.Type) bool { return kind.Kind() == reflect.Func }
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			schema := kv.Static("place").String("text").Bytes("bytes").Int("int").Float("float").Time("moment").
				JSON[kvtest.Msg]("json").Hash[kvtest.Msg]("hash").Lock("lock", time.Minute).Queue[kvtest.Msg]("queue").
				Stream[kvtest.Msg]("entries")
			handles = kv.MustOpen(schema.As[functional](), store.Driver)
			store.Trips.Reset()
			refused = func(op, path string, err error) {
				GinkgoHelper()
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError("kv: " + op + " " + path + ": invalid value: the function is nil"))
				Expect(store.Trips.Taken()).To(BeZero())
			}
		})

		It("is refused by every operation that needs it, before anything is sent", func(ctx context.Context) {
			tried := 0
			for field := range reflect.ValueOf(handles).NumField() {
				handle := reflect.ValueOf(handles).Field(field)
				path := handle.Interface().(interface{ Path() string }).Path()
				if entries, is := handle.Interface().(kv.StreamField[kvtest.Msg]); is {
					handle = reflect.ValueOf(entries.Group("workers"))
				}
				for i := range handle.NumMethod() {
					name, method := handle.Type().Method(i).Name, handle.Method(i)
					arguments := []reflect.Value{reflect.ValueOf(ctx)}
					needed := false
					for at := 1; at < method.Type().NumIn(); at++ {
						needed = needed || function(method.Type().In(at))
						arguments = append(arguments, reflect.Zero(method.Type().In(at)))
					}
					if !needed {
						continue
					}
					call := method.Call
					if method.Type().IsVariadic() {
						call = method.CallSlice
					}
					results := call(arguments)
					err, _ := results[len(results)-1].Interface().(error)
					refused(name, path, err)
					tried++
				}
			}
			Expect(tried).To(Equal(5*2 + 3 + 2 + 3)) // Update and Fetch, Upsert of a document, Hold, and two times Handle
		})

		It("is refused by Atomic and by a batch, of which nothing is sent then", func(ctx context.Context) {
			refused("Atomic", "(transaction)", kv.Atomic(ctx, handles, nil))
			refused("AtomicResult", "(transaction)", kvtest.ErrorOf(kv.AtomicResult[functional, int](ctx, handles, nil)))

			var batch kv.Batch
			bound := batch.Bind(handles)
			written := batch.Exec(func(ctx context.Context) error { return bound.Text.Write(ctx, "a") })
			refused("Do", "(batch)", kvtest.ErrorOf(batch.Do[int](nil).Get()))
			refused("Do", "(batch)", batch.Run(ctx))
			Expect(kvtest.ErrorOf(written.Get())).To(MatchError(kv.ErrInvalid))

			var other kv.Batch
			refused("Exec", "(batch)", kvtest.ErrorOf(other.Exec(nil).Get()))
			refused("Exec", "(batch)", other.Run(ctx))
		})
	})
})
