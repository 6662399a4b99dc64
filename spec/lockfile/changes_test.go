package lockfile_test

import (
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

// Documents, hashes and elements as they were, and as they are.
type (
	user struct {
		Name string `json:"name"`
	}
	userMore struct {
		Name string `json:"name"`
		Age  int    `json:"age,omitempty"`
	}
	userRequired struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	userRenamed struct {
		FullName string `json:"fullName,omitempty"`
	}
	userShort struct {
		Name string `json:"name" jsonschema:"maxLength=3"`
	}
	userPattern struct {
		Name string `json:"name" jsonschema:"pattern=^ab"`
	}
	userPatternWider struct {
		Name string `json:"name" jsonschema:"pattern=^a"`
	}
	userLoose struct {
		Name string `json:"name,omitempty"`
	}
	pair struct {
		A int `json:"a"`
		B int `json:"b"`
	}
	riap struct {
		B int `json:"b"`
		A int `json:"a"`
	}

	cart struct {
		Items int    `json:"items"`
		Note  string `json:"note,omitempty"`
	}
	cartMore struct {
		Items int    `json:"items"`
		Note  string `json:"note,omitempty"`
		Tries int    `json:"tries" jsonschema:"default=3"`
	}
	cartMoreTries struct {
		Items int    `json:"items"`
		Note  string `json:"note,omitempty"`
		Tries int    `json:"tries" jsonschema:"default=5"`
	}
	cartRequired struct {
		Items int    `json:"items"`
		Note  string `json:"note"`
	}
	cartLess struct {
		Items int `json:"items"`
	}
	cartTexts struct {
		Items string `json:"items"`
		Note  string `json:"note,omitempty"`
	}
	cartPositive struct {
		Items int    `json:"items" jsonschema:"minimum=0"`
		Note  string `json:"note,omitempty"`
	}

	color string
)

const (
	byName kv.IndexKey[string]         = "name"
	byAge  kv.IndexKey[int]            = "name"
	byBoth kv.CompoundKey[string, int] = "name"
	byLast kv.IndexKey[string]         = "last"
)

func nameOf(u user) []string { return []string{u.Name} }
func sizeOf(u user) []int    { return []int{len(u.Name)} }

// at is a schema with something under x.
func at[H any](x kv.Schema[H]) dsl.Tree {
	return kv.Static("app").String("kept").Field(kv.Key[H]("x"), x).Tree()
}

// without is the schema without it.
func without() dsl.Tree { return kv.Static("app").String("kept").Tree() }

// from declares that values had another type once.
func from[Old, New any]() kv.FormOption {
	return kv.Upgrade(func(Old) (now New, err error) { return now, nil })
}

// differences compares locks as they are read from files.
func differences(before, now dsl.Tree) ([]lockfile.Difference, error) {
	GinkgoHelper()
	read := func(tree dsl.Tree) *lockfile.Lock {
		text, err := lockfile.Of(tree).Text()
		Expect(err).NotTo(HaveOccurred())
		lock, err := lockfile.Parse(text)
		Expect(err).NotTo(HaveOccurred(), "%s", text)
		again, err := lock.Text()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(again)).To(Equal(string(text)))
		return lock
	}
	return lockfile.Compare(read(before), read(now))
}

var _ = Describe("A change of a schema", func() {
	DescribeTable("has consequences for what is stored", func(before, now dsl.Tree, lines ...string) {
		found, err := differences(before, now)
		Expect(err).NotTo(HaveOccurred())
		var said []string
		for _, difference := range found {
			said = append(said, difference.String())
		}
		matchers := make([]any, len(lines))
		for i, line := range lines {
			matchers[i] = HavePrefix(line)
		}
		Expect(said).To(HaveExactElements(matchers...))
	},
		Entry("no change", at(kv.JSON[user]()), at(kv.JSON[user]())),

		// Places.
		Entry("a place more", without(), at(kv.String()), "compatible: app:x: it is new: nothing is stored there"),
		Entry("a place less", at(kv.String()), without(), "breaking: app:x: it is gone: what is stored is orphaned: kv.Audit lists it"),
		Entry("a place less that keeps nothing", at(kv.Lock(time.Second)), without(), "compatible: app:x: it is gone: nothing is stored there for long"),
		Entry("another kind", at(kv.Set()), at(kv.List()), "breaking: app:x: its kind was set, and is list: what is stored is refused with ErrWrongType"),
		Entry("another kind that Redis does not tell apart", at(kv.SortedSet()), at(kv.Geo()),
			"breaking: app:x: its kind was sorted set, and is geo: what is stored is taken for something else"),
		Entry("a field that becomes a store", at(kv.Set()), at(kv.Dynamic(kv.Set())), "breaking: app:x: its kind was set, and is dynamic store: what is stored is orphaned"),
		Entry("a static store that becomes a dynamic one", at(kv.Static("s").Int("a").Int("b")), at(kv.Dynamic(kv.String())),
			"compatible: app:x: its kind was static store, and is dynamic store: the fields that it had are keys now",
			"compatible: app:x:a: it was the text of integer, and is that of string: all that is stored is read as what it is",
			"compatible: app:x:b: it was the text of integer"),
		Entry("a static store whose names are no keys", at(kv.Static("s").Int("a").Int("7")), at(kv.DynamicBy[int](kv.Int())),
			"breaking: app:x:a: it is no key of the dynamic store: what is stored is orphaned", "compatible: app:x: its kind was static store"),
		Entry("a dynamic store that becomes a static one", at(kv.Dynamic(kv.Int())), at(kv.Static("s").Int("a")),
			"breaking: app:x: its kind was dynamic store, and is static store: what is stored under any other key than the names of its fields is orphaned"),
		Entry("colocation", at(kv.Dynamic(kv.Int())), at(kv.Colocated(kv.Dynamic(kv.Int()))),
			"breaking: app:{x}: it is colocated now: its keys have other names, and what is stored under the old ones is orphaned"),
		Entry("colocation of each child", at(kv.Dynamic(kv.Colocated(kv.Static("s").Int("a")))), at(kv.Dynamic(kv.Static("s").Int("a"))),
			"breaking: app:x:*: it is not colocated any more: its keys have other names"),
		Entry("the label of a static store", at(kv.Static("s").Int("a")), at(kv.Static("t").Int("a"))),

		// Keys.
		Entry("keys that were numbers", at(kv.DynamicBy[int](kv.Int())), at(kv.Dynamic(kv.Int())),
			"compatible: app:x: its keys were of integer, and are of string: each key that there is can be taken"),
		Entry("keys that are numbers", at(kv.Dynamic(kv.Int())), at(kv.DynamicBy[int](kv.Int())),
			"breaking: app:x: its keys were of string, and are of integer: what is stored under keys that are none now"),
		Entry("wider keys", at(kv.DynamicBy[uint8](kv.Int())), at(kv.DynamicBy[int16](kv.Int())),
			`compatible: app:x: its keys were of unsigned integer {"minimum":0,"maximum":255}, and are of integer {"minimum":-32768,"maximum":32767}: each key`),
		Entry("narrower keys", at(kv.DynamicBy[int](kv.Int())), at(kv.DynamicBy[uint](kv.Int())),
			"breaking: app:x: its keys were of integer, and are of unsigned integer: what is stored under keys that are none now, such as -1"),
		Entry("keys that marshal themselves", at(kv.Dynamic(kv.Int())), at(kv.DynamicBy[netip.Addr](kv.Int())),
			"breaking: app:x: its keys were of string, and are of netip.Addr: nobody can tell whether"),

		Entry("what is kept near", at(kv.String()), at(kv.String(kv.Near()))),

		// Times to live.
		Entry("a time to live", at(kv.String()), at(kv.String(kv.ExpireIn(time.Hour))), "compatible: app:x: values live for 1h0m0s now: what is stored stays until"),
		Entry("another time to live", at(kv.String(kv.ExpireIn(time.Minute))), at(kv.String(kv.ExpireIn(time.Hour))),
			"compatible: app:x: values lived for 1m0s, and live for 1h0m0s: what is stored keeps the time that it has"),
		Entry("no time to live", at(kv.String(kv.ExpireIn(time.Minute))), at(kv.String()), "compatible: app:x: values lived for 1m0s, and stay now: what is stored ends when it was to"),
		Entry("a time to live that slides", at(kv.String(kv.ExpireIn(time.Minute))), at(kv.String(kv.Sliding(time.Minute))), "compatible: app:x: Read starts the time to live anew now: it is a write"),

		// Facts of kinds.
		Entry("wider slots", at(kv.BitSet(kv.I8)), at(kv.BitSet(kv.I16)), "breaking: app:x: its slots were i8, and are i16: what is stored is taken for other numbers"),
		Entry("slots without a sign", at(kv.BitSet(kv.I8)), at(kv.BitSet(kv.U8)), "breaking: app:x: its slots were i8, and are u8: "),
		Entry("another way to overflow", at(kv.BitSet(kv.I8)), at(kv.BitSet(kv.I8, kv.Fail)), "compatible: app:x: a slot that overflows did wrap, and does fail: "),
		Entry("a cap", at(kv.List()), at(kv.List(kv.Capped(3))), "compatible: app:x: it keeps 3 elements, and kept all: what is beyond is dropped"),
		Entry("a lower cap", at(kv.List(kv.Capped(5))), at(kv.List(kv.Capped(3))), "compatible: app:x: it keeps 3 elements, and kept 5: what is beyond is dropped"),
		Entry("a higher cap", at(kv.List(kv.Capped(3))), at(kv.List(kv.Capped(5))), "compatible: app:x: it keeps 5 elements, and kept 3: nothing"),
		Entry("no cap", at(kv.List(kv.Capped(3))), at(kv.List()), "compatible: app:x: it kept 3 elements, and keeps all: "),
		Entry("another lease", at(kv.Lock(time.Second)), at(kv.Lock(time.Minute)), "compatible: app:x: its lease was 1s, and is 1m0s: a lock that is held"),
		Entry("another rate", at(kv.Limiter(kv.Per(1, time.Second))), at(kv.Limiter(kv.Per(2, time.Second).Burst(9))),
			"compatible: app:x: its rates were 1 per 1s, at most 1 at once, and are 2 per 1s, at most 9 at once: it is shut no longer"),
		Entry("rates that are known later", at(kv.Limiter(kv.Per(1, time.Second))), at(kv.Limiter()), "compatible: app:x: its rates were 1 per 1s, at most 1 at once, and are not declared: "),

		// Texts of single values.
		Entry("an integer that is a string", at(kv.Int()), at(kv.String()), "compatible: app:x: it was the text of integer, and is that of string: all that is stored is read as what it is"),
		Entry("a string that is an integer", at(kv.String()), at(kv.Int()), "breaking: app:x: it was the text of string, and is that of integer: what is stored may be refused; declare it under"),
		Entry("an integer that is a float", at(kv.Int()), at(kv.Float()), "breaking: app:x: it was the text of integer, and is that of number, to which integers beyond 2^53 are rounded: "),
		Entry("an integer with bounds that is a float", at(kv.Int(kv.AtLeast(0), kv.AtMost(100))), at(kv.Float()),
			`compatible: app:x: it was the text of integer {"minimum":0,"maximum":100}, and is that of number: `),
		Entry("a float that is an integer", at(kv.Float()), at(kv.Int()), "breaking: app:x: it was the text of number, and is that of integer: what is stored may be refused"),
		Entry("a document that is bytes", at(kv.JSON[user]()), at(kv.Bytes()), "compatible: app:x: it was the text of JSON, and is that of bytes: "),
		Entry("a document that is a string, and was one", at(kv.JSON[string]()), at(kv.String()),
			"breaking: app:x: it was the text of JSON, and is that of string, which has the quotes of a JSON string in it: "),
		Entry("an integer that is a document", at(kv.Int()), at(kv.JSON[int]()), "compatible: app:x: it was the text of integer, and is that of JSON: "),
		Entry("an integer that is a small document", at(kv.Int()), at(kv.JSON[int8]()),
			"breaking: app:x: it was the text of integer, and is that of JSON: what is stored may be refused, as is ",
			"breaking: app:x: its minimum and maximum are not what they were: what is stored may be refused; "),
		Entry("wider bounds", at(kv.Int(kv.AtLeast(1))), at(kv.Int(kv.AtLeast(0))), "compatible: app:x: its JSON Schema is another: all that is stored"),
		Entry("narrower bounds", at(kv.Int(kv.AtLeast(0))), at(kv.Int(kv.AtLeast(1))),
			"breaking: app:x: its minimum is not what it was: what is stored may be refused, as is 0; allow what was allowed, or put right what is stored before"),
		Entry("bounds", at(kv.Float()), at(kv.Float(kv.AtMost(1.5))), "breaking: app:x: its maximum is not what it was: what is stored may be refused, as is "),
		Entry("no bounds", at(kv.Float(kv.AtMost(1.5))), at(kv.Float()), "compatible: app:x: any number is allowed now: "),
		Entry("a value more", at(kv.Enum([]color{"red"})), at(kv.Enum([]color{"green", "red"})), "compatible: app:x: its JSON Schema is another: "),
		Entry("a value less", at(kv.Enum([]color{"red", "green"})), at(kv.Enum([]color{"red"})), `breaking: app:x: its enum is not what it was: what is stored may be refused, as is "green"; `),
		Entry("an enumeration that is a string", at(kv.Enum([]color{"red"})), at(kv.String()), "compatible: app:x: any string is allowed now"),
		Entry("a bitmap that is bytes", at(kv.Bitmap()), at(kv.Bytes()), "compatible: app:x: its kind was bitmap, and is bytes: it is read as the bytes that are stored"),
		Entry("bytes that are a bitmap", at(kv.Bytes()), at(kv.Bitmap()), "breaking: app:x: its kind was bytes, and is bitmap: what is stored is taken for something else"),
		Entry("another type that marshals itself", at(kv.Text[netip.Addr]()), at(kv.Text[netip.AddrPort]()),
			"breaking: app:x: it was the text of netip.Addr, and is that of netip.AddrPort: what is stored may be refused, and nobody can tell; "),

		// Documents.
		Entry("another type of the same members", at(kv.JSON[pair]()), at(kv.JSON[riap]()), "compatible: app:x: its JSON Schema is another: all that is stored is read as what it is"),
		Entry("a member more that may be missing", at(kv.JSON[user]()), at(kv.JSON[userMore]()), "compatible: app:x: /age: it is new: what programs have written is accepted"),
		Entry("a member more that must be there", at(kv.JSON[user]()), at(kv.JSON[userRequired]()),
			`breaking: app:x: /email: it must be there now: what is stored may be refused, as is {"name":""}; declare a kv.Upgrade from the form that it had`),
		Entry("a member more that must be there, from which there is an Upgrade", at(kv.JSON[user]()), at(kv.JSON[userRequired](from[user, userRequired]())),
			`needs Migrate: app:x: /email: it must be there now: what is stored may be refused, as is {"name":""}; it is a declared older form, which is read: kv.Migrate rewrites`,
			"compatible: app:x: an older form more is declared: "),
		Entry("a member under another name", at(kv.JSON[user]()), at(kv.JSON[userRenamed]()),
			"breaking: app:x: /name is gone: it is lost when what is stored is read and written again; declare a kv.Upgrade",
			"compatible: app:x: /fullName: it is new: "),
		Entry("a member under another name, from which there is an Upgrade", at(kv.JSON[user]()), at(kv.JSON[userRenamed](from[user, userRenamed]())),
			"needs Migrate: app:x: /name is gone: ", "compatible: app:x: /fullName: ", "compatible: app:x: an older form more"),
		Entry("an Upgrade from another form", at(kv.JSON[user]()), at(kv.JSON[userRequired](from[userShort, userRequired]())),
			"breaking: app:x: /email: it must be there now: ", "compatible: app:x: an older form more is declared: "),
		Entry("a narrower member", at(kv.JSON[user]()), at(kv.JSON[userShort]()), `breaking: app:x: /name: its maxLength is not what it was: what is stored may be refused, as is {"name":"`),
		Entry("a wider member", at(kv.JSON[userShort]()), at(kv.JSON[user]()), "compatible: app:x: its JSON Schema is another: "),
		Entry("what nobody can tell", at(kv.JSON[userPattern]()), at(kv.JSON[userPatternWider]()),
			"breaking: app:x: /name: its pattern is not what it was: what is stored may be refused, and nobody can tell; declare a kv.Upgrade"),
		Entry("an Upgrade that is not declared any more", at(kv.JSON[userRequired](from[user, userRequired]())), at(kv.JSON[userRequired]()),
			"breaking: app:x: form 2 of 2, counted from the newest, is not declared any more: what is still stored in it is refused: kv.Migrate with the schema that has it"),
		Entry("an Upgrade that is not needed any more", at(kv.JSON[user](from[userShort, user]())), at(kv.JSON[user]()),
			"compatible: app:x: it is written in another way"),
		Entry("a cap on documents in a list", at(kv.ListOf[user]()), at(kv.ListOf[user](kv.Capped(3))), "compatible: app:x: it keeps 3"),

		// Elements.
		Entry("elements that are found by their text, with their members in another order", at(kv.SetOf[pair]()), at(kv.SetOf[riap]()),
			"breaking: app:x: elements are written in another way: nobody can tell whether one that is stored is still found by its value"),
		Entry("elements that are found by their place", at(kv.ListOf[pair]()), at(kv.ListOf[riap]()),
			"compatible: app:x: elements are written in another way: all that is stored is read as what it is; what is given an element"),
		Entry("elements that are found by their id", at(kv.Queue[pair]()), at(kv.Queue[riap]()), "compatible: app:x: its JSON Schema is another: all that"),
		Entry("elements that are found by their text, with a member more that may be missing", at(kv.SetOf[user]()), at(kv.SetOf[userMore]()), "compatible: app:x: /age: "),
		Entry("elements that are found by their text, with a member that may be missing now", at(kv.SetOf[user]()), at(kv.SetOf[userLoose]()),
			"breaking: app:x: elements are written in another way: "),
		Entry("numbers in a set that need not be integers", at(kv.SetOf[int32]()), at(kv.SetOf[float64]()), "breaking: app:x: elements are written in another way: "),
		Entry("numbers in a list that need not be integers", at(kv.ListOf[int32]()), at(kv.ListOf[float64]()), "compatible: app:x: elements are written in another way: all"),
		Entry("entries of a stream", at(kv.Stream[user]()), at(kv.Stream[userRequired](from[user, userRequired]())),
			`needs Migrate: app:x: /email: it must be there now: what is stored may be refused, as is {"name":""}; it is a declared older form, which is read; entries of a stream are never rewritten`,
			"compatible: app:x: an older form more"),
		Entry("messages", at(kv.Topic[user]()), at(kv.Topic[userRequired]()),
			`compatible: app:x: /email: it must be there now: what is stored may be refused, as is {"name":""}; nothing is stored; while programs of both versions run`),
		Entry("values of a map", at(kv.Map[user]()), at(kv.Map[userRequired]()), "breaking: app:x: /email: it must be there now: "),
		Entry("keys of a map", at(kv.MapOf[int, string]()), at(kv.MapOf[string, string]()), "compatible: app:x: its keys were of integer, and are of string: each key that there is can be read, and found"),
		Entry("keys of a map that are refused", at(kv.MapOf[string, string]()), at(kv.MapOf[int, string]()), "breaking: app:x: its keys were of string, and are of integer: keys that are none now"),

		// Hashes.
		Entry("a field more that has a default", at(kv.Hash[cart]()), at(kv.Hash[cartMore]()), "compatible: app:x: /tries: it is new: hashes that lack it read as its default, or zero"),
		Entry("another default", at(kv.Hash[cartMore]()), at(kv.Hash[cartMoreTries]()), `compatible: app:x: /tries: its default was "3", and is "5": hashes that lack it`),
		Entry("a field that must be there", at(kv.Hash[cart]()), at(kv.Hash[cartRequired]()), "breaking: app:x: /note: it must be there now: what is stored may be refused; declare a kv.Upgrade"),
		Entry("a field that may be missing", at(kv.Hash[cartRequired]()), at(kv.Hash[cart]()), "compatible: app:x: its fields are declared in another way: "),
		Entry("a field less", at(kv.Hash[cart]()), at(kv.Hash[cartLess]()), "breaking: app:x: /note is gone: it is lost when"),
		Entry("a field less, from which there is an Upgrade", at(kv.Hash[cart]()), at(kv.Hash[cartLess](from[cart, cartLess]())),
			"needs Migrate: app:x: /note is gone: ", "compatible: app:x: an older form more"),
		Entry("a field that was a number", at(kv.Hash[cart]()), at(kv.Hash[cartTexts]()), "compatible: app:x: its fields are declared in another way: "),
		Entry("a field that is a number", at(kv.Hash[cartTexts]()), at(kv.Hash[cart]()), "breaking: app:x: /items: it was the text of string, and is that of integer: "),
		Entry("a field with a minimum", at(kv.Hash[cart]()), at(kv.Hash[cartPositive]()), "breaking: app:x: /items: its minimum is not what it was: what is stored may be refused, as is -1 at /items; "),
		Entry("a field without one", at(kv.Hash[cartPositive]()), at(kv.Hash[cart]()), "compatible: app:x: its fields are declared in another way: "),
		Entry("a hash that is a map", at(kv.Hash[cart]()), at(kv.Map[string]()), "compatible: app:x: its kind was hash, and is map: its fields are keys now"),
		Entry("a hash that is a map of numbers", at(kv.Hash[cart]()), at(kv.Map[int]()), "breaking: app:x: its kind was hash, and is map: what is stored is taken for something else, or refused: "),

		// Registries and indexes.
		Entry("a registry", at(kv.Dynamic(kv.Int())), at(kv.IndexKeys(kv.Dynamic(kv.Int()))), "needs Reindex: app:x: its keys are indexed now: "),
		Entry("no registry", at(kv.IndexKeys(kv.Dynamic(kv.Int()))), at(kv.Dynamic(kv.Int())), "compatible: app:x: its keys are not indexed any more: the registry and the indexes stay behind"),
		Entry("a collection", at(kv.Dynamic(kv.JSON[user]())), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))),
			"needs Reindex: app:x: its keys are indexed now: ", "needs Reindex: app:x: the index name is new: "),
		Entry("an index more", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf), kv.Index(byLast, nameOf))),
			"needs Reindex: app:x: the index last is new: Find is ErrIncomplete"),
		Entry("a unique index more", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf), kv.Unique(byLast, nameOf))),
			"needs Reindex: app:x: the index last is new: a write with a value of it is ErrIncomplete"),
		Entry("an index less", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf), kv.Index(byLast, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))),
			"needs Reindex: app:x: the index last is gone: nothing needs what it has, which Reindex erases"),
		Entry("an index that is unique", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Unique(byName, nameOf))),
			"needs Reindex: app:x: the index name is unique now: documents that have one value stay"),
		Entry("an index that is not unique", at(kv.Collection(kv.JSON[user](), kv.Unique(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))),
			"compatible: app:x: the index name is not unique any more: "),
		Entry("an index by other values", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byAge, sizeOf))),
			"needs Reindex: app:x: the index name was by string, and is by integer: "),
		Entry("an index by two values", at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Compound(byBoth, nameOf, sizeOf))),
			"needs Reindex: app:x: the index name was by string, and is by string and integer: "),
	)

	It("is sorted by what follows, the worst first", func() {
		found, err := differences(at(kv.Collection(kv.JSON[user](kv.ExpireIn(time.Hour)))), at(kv.Collection(kv.JSON[userRequired](), kv.Index(kv.IndexKey[string]("name"), func(u userRequired) []string { return nil }))))
		Expect(err).NotTo(HaveOccurred())
		Expect(lockfile.Report(found)).To(Equal(
			"breaking       app:x:*: /email: it must be there now: what is stored may be refused, as is {\"name\":\"\"}; declare a kv.Upgrade from the form that it had\n" +
				"needs Reindex  app:x: the index name is new: Find is ErrIncomplete until Reindex has been through\n" +
				"compatible     app:x:*: values lived for 1h0m0s, and stay now: what is stored ends when it was to, unless Persist is called"))
	})

	It("of a name is told from a place that is gone", func() {
		before := kv.Static("app").String("kept").Field("people", kv.Dynamic(kv.JSON[user]())).Field("old", kv.Static("old").Int("count")).Tree()
		now := kv.Static("app").String("kept").Field("users", kv.Dynamic(kv.JSON[user]())).Field("new", kv.Static("new").Int("count").Set("s")).Int("count").Tree()
		found, err := differences(before, now)
		Expect(err).NotTo(HaveOccurred())
		Expect(lockfile.Report(found)).To(And(
			ContainSubstring("breaking       app:people: it is gone: what is stored is orphaned; app:users, which is new, is declared alike: if it was renamed, declare both, kv.Move what is stored"),
			ContainSubstring("breaking       app:old: it is gone: what is stored is orphaned: kv.Audit lists it"),
			ContainSubstring("compatible     app:users: it is new")))
	})

	It("is none if two builders branched from one", func() {
		base := kv.Static("app").String("kept")
		one, other := base.Int("x"), base.Set("x")
		Expect(differences(one.Tree(), base.Int("x").Tree())).To(BeEmpty())
		Expect(differences(other.Tree(), base.Set("x").Tree())).To(BeEmpty())
		Expect(differences(base.Tree(), without())).To(BeEmpty())
		Expect(differences(base.Set("a").Int("x").Tree(), base.Int("x").Set("a").Tree())).To(BeEmpty(), "in another order")
	})
})
