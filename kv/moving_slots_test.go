package kv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// An operation answers and does in a slot that moves what it does in memory, or it fails, has
// changed nothing, and does so once the slot has moved. Reflection finds the operations of
// every handle and makes their arguments, so that none is left out.

// Yards are stores with two fields of every kind, each store in a slot of its own.
var Yards = kv.Dynamic(kv.Colocated(kv.Static("yard").
	String("string").String("string2").Bytes("bytes").Bytes("bytes2").Int("int").Int("int2").Float("float").Float("float2").
	Int("brief", kv.ExpireIn(time.Hour)).Int("brief2").Int("bounded", kv.AtMost(3)).Int("bounded2").
	Time("time").Time("time2").JSON[Msg]("json").JSON[Msg]("json2").
	Set("set").Set("set2").Set("short", kv.ExpireIn(time.Hour)).Set("short2").BitSet("bitset", kv.U8).BitSet("bitset2", kv.U8).
	Bitmap("bitmap").Bitmap("bitmap2").List("list").List("list2").SortedSet("sorted").SortedSet("sorted2").
	Hash[Msg]("hash").Hash[Msg]("hash2").Map[int]("map").Map[int]("map2").HyperLogLog("hll").HyperLogLog("hll2").
	Geo("geo").Geo("geo2").Stream[Msg]("stream").Stream[Msg]("stream2").
	Topic[Msg]("topic").Topic[Msg]("topic2").Lock("lock", time.Hour).Lock("lock2", time.Hour).
	Limiter("limiter", kv.Per(1, time.Hour).Burst(3)).Limiter("limiter2", kv.Per(1, time.Hour))))

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

var streams = kindOf[kv.StreamField[Msg]]("stream", "Append")

var kindsOfHandles = []kind{
	kindOf[kv.StringField]("string", "Write"), kindOf[kv.BytesField]("bytes", "Write"), kindOf[kv.IntField]("int", "Write"),
	kindOf[kv.IntField]("brief", "Write"), kindOf[kv.IntField]("bounded", "Write"),
	kindOf[kv.FloatField]("float", "Write"), kindOf[kv.TimeField]("time", "Write"), kindOf[kv.JSONField[Msg]]("json", "Write"),
	kindOf[kv.SetField]("set", "Write"), kindOf[kv.SetField]("short", "Write"), kindOf[kv.BitSetField]("bitset", "Put"), kindOf[kv.BitmapField]("bitmap", "Put"),
	kindOf[kv.ListField]("list", "Write"), kindOf[kv.SortedSetField]("sorted", "Write"), kindOf[kv.HashField[Msg]]("hash", "Write"),
	kindOf[kv.MapField[string, int]]("map", "Write"), kindOf[kv.HyperLogLogField]("hll", "Add"), kindOf[kv.GeoField]("geo", "Write"),
	streams, kindOf[kv.TopicField[Msg]]("topic", "Publish"),
	kindOf[kv.LockField]("lock", "TryAcquire"), kindOf[kv.LimiterField]("limiter", "Allow"),
	{"group", func(yard kv.StaticStore) (one, other any) {
		return yard.Take[kv.StreamField[Msg]]("stream").Group("g"), yard.Take[kv.StreamField[Msg]]("stream2").Group("g")
	}, "Create"},
}

// others are left out: those that wait have specs of their own, and what only makes another
// handle executes nothing.
var others = regexp.MustCompile(`Wait$|^Subscribe$|^Consume$|^Acquire$|^Hold$|^Path$|^Group$|^Weighted$|^Aggregating$|^Range\(stream\)$|^Follow$`)

// operation is one that may be of two fields.
type operation struct {
	act
	two bool
}

// operations are those of a kind of handle, each twice: with the arguments that have filled
// it, and with others.
func (k kind) operations() (all []operation) {
	one, _ := k.take(kv.MustOpen(Yards, memory.New(), kv.At("yards")).Take("names"))
	handle := reflect.TypeOf(one)
	for i := range handle.NumMethod() {
		name := handle.Method(i).Name
		if strings.Contains(name, "Field") && !redisserver.Since(7, 4) {
			continue // that fields have times to live
		}
		if others.MatchString(name) || others.MatchString(name+"("+k.name+")") {
			continue
		}
		if _, common := reflect.TypeFor[kv.Field]().MethodByName(name); common && k.name != "string" && k.name != "group" {
			continue // which is the same for all fields
		}
		method := handle.Method(i).Type
		two := slices.ContainsFunc(slices.Collect(method.Ins())[1:], func(in reflect.Type) bool {
			return in == handle || in == reflect.SliceOf(handle)
		})
		for variant := range 2 {
			all = append(all, operation{k.call(name, variant), two})
		}
	}
	for _, act := range k.generic() {
		all = append(all, operation{act, false})
	}
	return all
}

// generic are the operations that reflection does not find, for their type parameters.
func (k kind) generic() []act {
	if k.name != "hash" {
		return nil
	}
	const message kv.HashKey[Msg, string] = "message"
	hash := func(yard kv.StaticStore) kv.HashField[Msg] { return yard.Take[kv.HashField[Msg]]("hash") }
	return []act{
		answers("Get", func(c context.Context, y kv.StaticStore) (string, error) { return hash(y).Get(c, message) }),
		does("Put", func(c context.Context, y kv.StaticStore) error { return hash(y).Put(c, message, "blue") }),
		does("PutMany", func(c context.Context, y kv.StaticStore) error { return hash(y).PutMany(c, message.To("blue")) }),
	}
}

// call is the call of a method by its name.
func (k kind) call(name string, variant int) act {
	return act{fmt.Sprint(name, " ", variant), func(ctx context.Context, yard kv.StaticStore) (any, error) {
		one, other := k.take(yard)
		method := reflect.ValueOf(one).MethodByName(name)
		var arguments []reflect.Value
		for i := range method.Type().NumIn() {
			parameter := method.Type().In(i)
			optional := method.Type().IsVariadic() && i == method.Type().NumIn()-1
			switch {
			case parameter == reflect.TypeFor[context.Context]():
				arguments = append(arguments, reflect.ValueOf(ctx))
			case optional && slices.Contains([]reflect.Kind{reflect.Interface, reflect.Func}, parameter.Elem().Kind()):
				arguments = append(arguments, reflect.Zero(parameter))
			default:
				arguments = append(arguments, k.argument(parameter, variant, reflect.ValueOf(other)))
			}
		}
		call := method.Call
		if method.Type().IsVariadic() {
			call = method.CallSlice
		}
		return outcomeOf(call(arguments))
	}}
}

// samples are the arguments that are not made of what they consist of.
var samples = map[reflect.Type][2]any{
	reflect.TypeFor[int]():               {1, 0},
	reflect.TypeFor[[]byte]():            {[]byte("red"), []byte("blue")},
	reflect.TypeFor[time.Duration]():     {time.Hour, 2 * time.Hour},
	reflect.TypeFor[time.Time]():         {future.UTC(), past.UTC()},
	reflect.TypeFor[kv.GeoArea]():        {kv.Circle(kv.Kilometre), kv.Box(kv.Kilometre, kv.Kilometre).Limit(1)},
	reflect.TypeFor[kv.ScoreRange]():     {kv.Scores(), kv.Scores().Above(1)},
	reflect.TypeFor[kv.MemberRange]():    {kv.Members(), kv.Members().Above("red")},
	reflect.TypeFor[kv.ScoreCondition](): {kv.ScoreAbsent, kv.ScoreExists},
	reflect.TypeFor[kv.Aggregate]():      {kv.SumOfScores, kv.HighestScore},
}

func (k kind) texts() []string {
	if k.name == "stream" || k.name == "group" {
		return []string{"0", "5-5"} // ids of entries
	}
	return []string{"red", "blue"}
}

// argument is an argument of a type. Where a handle is asked for, it is other.
func (k kind) argument(of reflect.Type, variant int, other reflect.Value) reflect.Value {
	if known, ok := samples[of]; ok {
		return reflect.ValueOf(known[variant])
	}
	if of == other.Type() {
		return other
	}
	value := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.Bool:
		value.SetBool(variant == 0)
	case reflect.Int, reflect.Int64, reflect.Int32:
		value.SetInt(int64(1 - variant))
	case reflect.Float64:
		value.SetFloat(float64(1 + variant))
	case reflect.String:
		value.SetString(k.texts()[variant])
	case reflect.Slice:
		value.Set(reflect.Append(value, k.argument(of.Elem(), variant, other)))
	case reflect.Map:
		value.Set(reflect.MakeMap(of))
		value.SetMapIndex(k.argument(of.Key(), variant, other), k.argument(of.Elem(), variant, other))
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Field(i).IsExported() {
				value.Field(i).Set(k.argument(of.Field(i).Type, variant, other))
			}
		}
	case reflect.Func: // that changes a value, or returns another
		value.Set(reflect.MakeFunc(of, func(in []reflect.Value) (out []reflect.Value) {
			for _, argument := range in {
				if argument.Kind() == reflect.Pointer {
					argument.Elem().Set(k.argument(argument.Type().Elem(), 1, other))
				}
			}
			for i := range of.NumOut() {
				result := reflect.Zero(of.Out(i))
				if of.Out(i) != reflect.TypeFor[error]() {
					result = k.argument(of.Out(i), 1, other)
				}
				out = append(out, result)
			}
			return out
		}))
	default:
	}
	return value
}

var (
	streamIDs = regexp.MustCompile(`\d{13}-\d+`)
	words     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[\d.]+`)
	moments   = regexp.MustCompile(`\b\d{12,}\b|[\d.]+(h|m|s|ms|µs|ns)\b([\d.]+(m|s)\b)*|[0-9a-f]{10,}|\d{4}-\d\d-\d\dT?[^" ]*`)
)

// timeless is a text without what differs from one moment to the next.
func timeless(text string) string {
	return moments.ReplaceAllString(streamIDs.ReplaceAllString(text, "(id)"), "(moment)")
}

// outcomeOf are the results of a call as text, those of an iterator included, and its error.
func outcomeOf(results []reflect.Value) (any, error) {
	var text []string
	for _, result := range results {
		switch {
		case result.Type() == reflect.TypeFor[error]():
			err, _ := result.Interface().(error)
			return strings.Join(text, ", "), err
		case result.Type() == reflect.TypeFor[kv.Held](), result.Type() == reflect.TypeFor[kv.Holder]():
			text = append(text, result.Type().Name())
		case result.Type().CanSeq2():
			for value, err := range result.Seq2() {
				if err, _ := err.Interface().(error); err != nil {
					return strings.Join(text, ", "), err
				}
				text = append(text, fmt.Sprintf("%+v", value))
			}
		default:
			text = append(text, fmt.Sprintf("%+v", result))
		}
	}
	return strings.Join(text, ", "), nil
}

// movingYards are those of a cluster of three masters.
type movingYards struct {
	cluster *redisserver.Cluster
	client  *redis.ClusterClient
	tag     int
	used    map[int]bool
}

func newMovingYards() *movingYards {
	cluster, err := redisserver.StartCluster(3, 0)
	kvtest.MustRun(err)
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.Addrs(), MinRetryBackoff: time.Millisecond, MaxRetryBackoff: time.Millisecond,
	})
	DeferCleanup(func() {
		_ = client.Close()
		cluster.Stop()
	})
	return &movingYards{cluster: cluster, client: client, used: map[int]bool{}}
}

// next is the id of a yard in a slot of the first master that has not been moved yet.
func (y *movingYards) next() (string, *redisserver.Move) {
	GinkgoHelper()
	for {
		y.tag++
		move, err := y.cluster.Move(fmt.Sprintf("{%d}", y.tag))
		Expect(err).NotTo(HaveOccurred())
		if move.From == y.cluster.Node(0) && !y.used[move.Slot] {
			y.used[move.Slot] = true
			return fmt.Sprint(y.tag), move
		}
	}
}

// moved is how much of what is there has moved.
var moved = []string{"none of it", "one key", "all of it"}

// try calls an operation in a slot that moves, and expects of it what it does in memory.
func (y *movingYards) try(ctx context.Context, k kind, filled bool, operation operation) {
	GinkgoHelper()
	for _, much := range moved {
		if much != moved[0] && !filled || much == moved[1] && !operation.two {
			continue
		}
		id, move := y.next()
		what := fmt.Sprintf("%s on a %s, filled: %t, of which %s has moved", operation.name, k.name, filled, much)
		truth := kv.MustOpen(Yards, memory.New(), kv.At("yards")).Take(id)
		yard := kv.MustOpen(Yards, redisdriver.New(y.client), kv.At("yards")).Take(id)
		if filled {
			k.fillIn(ctx, truth)
			k.fillIn(ctx, yard)
		}
		before := storedIn(ctx, truth)
		want, fails := operation.call(ctx, truth)
		after := storedIn(ctx, truth)

		Expect(move.Begin()).To(Succeed())
		keys := []string{"yards:{" + id + "}:" + strings.Replace(k.name, "group", "stream", 1)}
		keys = append(keys, keys[0]+"2")
		Expect(move.Carry(keys[:slices.Index(moved, much)]...)).To(Succeed())

		var got any
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			limited, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			got, err = operation.call(limited, yard)
		}()
		select { // some have to be tried again until the slot has moved
		case <-done:
		case <-time.After(5 * time.Millisecond):
		}
		Expect(move.End()).To(Succeed())
		<-done

		Expect(errors.Is(err, kv.ErrIndeterminate)).To(BeFalse(), what)
		if err != nil && fails == nil {
			Expect(storedIn(ctx, yard)).To(Equal(before), "%s: it failed with %v, and nothing must have changed", what, err)
			if errors.Is(err, errors.ErrUnsupported) {
				continue // by this server
			}
			got, err = operation.call(ctx, yard)
		}
		if fails != nil {
			Expect(err).To(HaveOccurred(), "%s: in memory it is %v", what, fails)
		} else {
			Expect(err).NotTo(HaveOccurred(), what)
			Expect(timeless(fmt.Sprint(got))).To(Equal(timeless(fmt.Sprint(want))), what)
		}
		Expect(storedIn(ctx, yard)).To(Equal(after), what)
	}
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
	lines := strings.Split(timeless(text.String()), "\n")
	for i, line := range lines {
		if !strings.Contains(line, `"list"`) { // others come in no order
			words := words.FindAllString(line, -1)
			slices.Sort(words)
			lines[i] = strings.Join(words, " ")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var _ = Describe("In a slot that moves", Label(suite.Cluster, suite.Slow), Ordered, ContinueOnFailure, func() {
	var yards *movingYards
	BeforeAll(func() { yards = newMovingYards() })

	for _, k := range kindsOfHandles {
		It("every operation does what it does elsewhere, or fails and changes nothing: "+k.name, func(ctx context.Context) {
			operations := k.operations()
			Expect(operations).NotTo(BeEmpty())
			for _, operation := range operations {
				yards.try(ctx, k, true, operation)
				yards.try(ctx, k, false, operation)
			}
		})
	}
})
