package operations_test

import (
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

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// Reflection finds the operations of every handle and makes their arguments, so that none is
// left out of what is tried with all of them.

// act is an operation on a store. Its outcome is put in a form that can be compared.
type act struct {
	name string
	call func(ctx context.Context, desk kv.StaticStore) (any, error)
}

func answers[T any](name string, call func(context.Context, kv.StaticStore) (T, error)) act {
	return act{name, func(ctx context.Context, desk kv.StaticStore) (any, error) { return call(ctx, desk) }}
}

func does(name string, call func(context.Context, kv.StaticStore) error) act {
	return act{name, func(ctx context.Context, desk kv.StaticStore) (any, error) { return nil, call(ctx, desk) }}
}

// others are left out: those that wait have specs of their own, and what only makes another
// handle executes nothing.
var others = regexp.MustCompile(`WaitN?$|^With$|^Subscribe$|^Consume$|^Acquire$|^Hold$|^Path$|^Group$|^Weighted$|^Aggregating$|^Range\(stream\)$|^Follow$|^Handle$|^DeadLetters$|^OrderedBy$`)

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
	const message kv.HashKey[kvtest.Msg, string] = "message"
	hash := func(yard kv.StaticStore) kv.HashField[kvtest.Msg] { return yard.Take[kv.HashField[kvtest.Msg]]("hash") }
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
			_, sampled := samples[parameter]
			optional := !sampled && method.Type().IsVariadic() && i == method.Type().NumIn()-1
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
	reflect.TypeFor[[]kv.JobOption]():    {[]kv.JobOption{kv.JobID("red"), kv.DueAt(future)}, []kv.JobOption{kv.JobID("blue").IfAbsent()}},
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
	future = time.Now().Add(3 * time.Hour)
	past   = time.Now().Add(-time.Hour)
)

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
				text = append(text, textOf(value))
			}
		default:
			text = append(text, textOf(result))
		}
	}
	return strings.Join(text, ", "), nil
}

// textOf is a result as text; of a job, what is not a matter of moments and of who has it.
func textOf(result reflect.Value) string {
	if job, ok := result.Interface().(kv.Job[kvtest.Msg]); ok {
		return fmt.Sprintf("%s %+v %d %t", job.ID, job.Value, job.Tries, job.State == kv.JobDead)
	}
	return fmt.Sprintf("%+v", result)
}

var _ = Describe("The vocabulary", func() {
	It("is what errors call an operation", func(ctx context.Context) {
		driver := refusing{errors.New("refused")}
		yard := kv.MustOpen(Yards, driver, kv.At("yards")).Take("7")
		for _, k := range kindsOfHandles {
			for _, operation := range k.operations() {
				name, _, _ := strings.Cut(operation.name, " ")
				_, err := operation.call(ctx, yard)
				if err == nil { // it had nothing to do
					continue
				}
				var failure *kv.Error
				Expect(errors.As(err, &failure)).To(BeTrue(), "%s of a %s: %v", operation.name, k.name, err)
				Expect(failure.Op).To(Equal(name), k.name)
				Expect(strings.Count(err.Error(), "kv: ")).To(Equal(1), err.Error())
			}
		}
	})
})

// refusing is a driver that refuses every command.
type refusing struct{ err error }

func (r refusing) Do(context.Context, drivers.Command) (drivers.Reply, error) {
	return drivers.Reply{}, r.err
}
