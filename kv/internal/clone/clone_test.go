package clone_test

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/kv/internal/clone"
)

type (
	leaf struct {
		Name  string
		At    time.Time
		Bytes []byte
		Four  [4]int
	}
	tree struct {
		Leaf     leaf
		Leaves   []leaf
		ByName   map[string]leaf
		Plain    map[int]string
		Lists    [][]string
		Pair     [2]*leaf
		Next     *tree
		Children []tree
		Named    map[string]*tree
		Any      any
		Number   *int
		hidden   int
	}
	decoding struct{ Sum *big.Int }
	speaking struct{ Say func() }
)

// anything is what encoding/json puts into an interface.
func anything(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		choice := rapid.IntRange(0, 6).Draw(t, "kind")
		if depth == 0 {
			choice %= 4
		}
		switch choice {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64Range(-9, 9).Draw(t, "number")
		case 3:
			return rapid.String().Draw(t, "text")
		case 4:
			return rapid.SliceOfN(anything(depth-1), 0, 3).Draw(t, "list")
		default:
			return rapid.MapOfN(rapid.String(), anything(depth-1), 0, 3).Draw(t, "object")
		}
	})
}

func leaves() *rapid.Generator[leaf] {
	return rapid.Custom(func(t *rapid.T) leaf {
		return leaf{
			rapid.String().Draw(t, "name"), time.Unix(rapid.Int64Range(0, 1e9).Draw(t, "at"), 0),
			rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 0, 3)).Draw(t, "bytes"), [4]int{1, 2, 3, 4},
		}
	})
}

func trees(depth int) *rapid.Generator[tree] {
	return rapid.Custom(func(t *rapid.T) tree {
		first := leaves().Draw(t, "pair")
		number := rapid.Int().Draw(t, "number")
		made := tree{
			Leaf: leaves().Draw(t, "leaf"), Leaves: rapid.SliceOfN(leaves(), 0, 3).Draw(t, "leaves"),
			ByName: rapid.MapOfN(rapid.String(), leaves(), 0, 3).Draw(t, "by name"),
			Plain:  rapid.MapOfN(rapid.Int(), rapid.String(), 0, 3).Draw(t, "plain"),
			Lists:  rapid.SliceOfN(rapid.SliceOfN(rapid.String(), 0, 2), 0, 2).Draw(t, "lists"),
			Pair:   [2]*leaf{&first, nil}, Any: anything(2).Draw(t, "any"), Number: &number, hidden: 7,
		}
		if depth > 0 {
			next := trees(depth-1).Draw(t, "next")
			made.Next, made.Children = &next, rapid.SliceOfN(trees(depth-1), 0, 2).Draw(t, "children")
			made.Named = map[string]*tree{"a": &next, "b": nil}
		}
		return made
	})
}

func TestCopyIsEqualAndSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		original := trees(2).Draw(t, "tree")
		into := new(tree)
		if copier := clone.Of(reflect.TypeFor[tree]()); copier == nil || !copier.Copy(reflect.ValueOf(into).Elem(), reflect.ValueOf(&original).Elem()) {
			t.Fatal("it cannot be copied")
		}
		if !reflect.DeepEqual(original, *into) {
			t.Fatalf("%#v is not %#v", *into, original)
		}
		places := map[unsafe.Pointer]bool{}
		eachPlace(reflect.ValueOf(original), func(at unsafe.Pointer) { places[at] = true })
		eachPlace(reflect.ValueOf(*into), func(at unsafe.Pointer) {
			if places[at] {
				t.Fatal("something is shared")
			}
		})
	})
}

// eachPlace goes through what a value refers to and can be changed there.
func eachPlace(value reflect.Value, visit func(at unsafe.Pointer)) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() && value.Type() != reflect.TypeFor[*time.Location]() {
			visit(value.UnsafePointer())
			eachPlace(value.Elem(), visit)
		}
	case reflect.Slice:
		if value.Cap() > 0 {
			visit(value.UnsafePointer())
		}
		for i := range value.Len() {
			eachPlace(value.Index(i), visit)
		}
	case reflect.Array:
		for i := range value.Len() {
			eachPlace(value.Index(i), visit)
		}
	case reflect.Map:
		if !value.IsNil() {
			visit(value.UnsafePointer())
		}
		for each := value.MapRange(); each.Next(); {
			eachPlace(each.Value(), visit)
		}
	case reflect.Interface:
		if !value.IsNil() {
			eachPlace(value.Elem(), visit)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			eachPlace(value.Field(i), visit)
		}
	default: // nothing is shared
	}
}

func TestWhatCanBeCopied(t *testing.T) {
	for _, kind := range []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[map[string][]int](),
		reflect.TypeFor[tree](), reflect.TypeFor[any](), reflect.TypeFor[struct{ hidden int }](),
	} {
		if clone.Of(kind) == nil {
			t.Errorf("%v cannot be copied", kind)
		}
	}
	for _, kind := range []reflect.Type{
		reflect.TypeFor[struct{ secret []int }](), reflect.TypeFor[decoding](), reflect.TypeFor[speaking](), reflect.TypeFor[*big.Int](),
		reflect.TypeFor[netip.Addr](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[chan int](), reflect.TypeFor[error](), reflect.TypeFor[map[*int]int](),
	} {
		if clone.Of(kind) != nil {
			t.Errorf("%v would be copied", kind)
		}
	}
	into, from := any(nil), any([]int{1}) // which no JSON is decoded to
	if clone.Of(reflect.TypeFor[any]()).Copy(reflect.ValueOf(&into).Elem(), reflect.ValueOf(&from).Elem()) {
		t.Error("what is unknown was copied")
	}
}
