package lockfile_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

// trees are schemas of every kind and fact.
func trees() []dsl.Tree {
	upgraded := at(kv.JSON[userRequired](from[user, userRequired]()))
	return []dsl.Tree{
		without(), at(kv.String()), at(kv.String(kv.ExpireIn(time.Hour))), at(kv.String(kv.Sliding(time.Hour))), at(kv.Int()), at(kv.Int(kv.AtLeast(1))), at(kv.Float()),
		at(kv.Bool()), at(kv.Bytes()), at(kv.Time()), at(kv.Duration()), at(kv.Enum([]color{"red"})), at(kv.JSON[user]()), at(kv.JSON[userRequired]()), at(kv.JSON[int]()), upgraded,
		at(kv.Set()), at(kv.SetOf[pair]()), at(kv.SetOf[riap]()), at(kv.ListOf[user]()), at(kv.List(kv.Capped(3))), at(kv.SortedSet()), at(kv.Geo()), at(kv.Hash[cart]()), at(kv.Hash[cartMore]()),
		at(kv.Map[string]()), at(kv.MapOf[int, int]()), at(kv.BitSet(kv.I8)), at(kv.BitSet(kv.U4, kv.Fail)), at(kv.Bitmap()), at(kv.HyperLogLog()), at(kv.Stream[user]()), at(kv.Topic[user]()),
		at(kv.Queue[user]()), at(kv.Lock(time.Second)), at(kv.Limiter(kv.Per(1, time.Second))), at(kv.Static("s").Int("a")), at(kv.Static("s").Int("7")), at(kv.Dynamic(kv.Int())),
		at(kv.Colocated(kv.Dynamic(kv.Int()))), at(kv.DynamicBy[int](kv.Int())), at(kv.IndexKeys(kv.Dynamic(kv.Int()))), at(kv.Dynamic(kv.Colocated(kv.Static("s").Int("a")))),
		at(kv.Collection(kv.JSON[user](), kv.Unique(byName, nameOf))), at(kv.Collection(kv.JSON[user](), kv.Index(byName, nameOf), kv.Compound(byBoth, nameOf, sizeOf))),
	}
}

func textOf(tree dsl.Tree) []byte {
	GinkgoHelper()
	text, err := lockfile.Of(tree).Text()
	Expect(err).NotTo(HaveOccurred())
	return text
}

var _ = Describe("A lock file", func() {
	It("has a difference from another if, and only if, they have other texts", func() {
		for _, before := range trees() {
			for _, now := range trees() {
				found, err := differences(before, now)
				Expect(err).NotTo(HaveOccurred())
				Expect(len(found) == 0).To(Equal(string(textOf(before)) == string(textOf(now))), "%s\n%s\n%v", textOf(before), textOf(now), found)
				for _, difference := range found {
					Expect(difference.Path).To(Or(Equal("app:x"), Equal("app:{x}"), HavePrefix("app:x:"), HavePrefix("app:{x}:")))
					Expect([]string{difference.What, difference.Then}).NotTo(ContainElement(Or(BeEmpty(), ContainSubstring("\n"))), "one line")
				}
			}
		}
	})

	It("is the same wherever the schema is stored", func() {
		schema := kv.Static("app").Int("x")
		Expect(textOf(schema.Tree("a", "b"))).To(Equal(textOf(schema.Tree())))
		Expect(textOf(kv.Dynamic(kv.Int()).Tree("rooms"))).To(Equal(textOf(kv.Dynamic(kv.Int()).Tree("halls"))))
	})

	It("can be that of a root without a name", func() {
		found, err := differences(kv.Dynamic(kv.Int()).Tree("rooms"), kv.Dynamic(kv.Int(kv.AtLeast(0))).Tree("rooms"))
		Expect(err).NotTo(HaveOccurred())
		Expect(lockfile.Report(found)).To(HavePrefix("breaking       (root):*: its minimum is not what it was: "))
	})

	DescribeTable("of another schema is an error", func(before, now dsl.Tree, says string) {
		_, err := differences(before, now)
		Expect(err).To(MatchError(lockfile.ErrOtherSchema))
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("with another name", kv.Static("app").Int("x").Tree(), kv.Static("shop").Int("x").Tree(), `"app", and not "shop"`),
		Entry("with nothing in common", kv.Static("app").Int("x").Tree(), kv.Static("app").Set("y").Tree(), "none of the fields of app is in both"),
		Entry("of another kind", kv.Dynamic(kv.Int()).Tree("x"), kv.Set().Tree("x"), "of a dynamic store, and not of a set"),
		Entry("with a name, and without one", kv.Static("app").Int("x").Tree(), kv.Set().Tree("x"), `"app", and not ""`),
	)

	It("in which the only field has another name is that of the same schema", func() {
		Expect(differences(kv.Static("app").Int("x").Tree(), kv.Static("app").Int("y").Tree())).To(HaveLen(2))
	})

	DescribeTable("that is damaged is an error", func(change func(string) string, want error, says string) {
		text := string(textOf(at(kv.Collection(kv.JSON[user](kv.ExpireIn(time.Hour)), kv.Index(byName, nameOf)))))
		changed := change(text)
		Expect(changed).NotTo(Equal(text))
		_, err := lockfile.Parse([]byte(changed))
		Expect(err).To(MatchError(want))
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("empty", cut(0), lockfile.ErrDamaged, "the lock file is damaged"),
		Entry("cut off", cut(200), lockfile.ErrDamaged, "unexpected"),
		Entry("with something behind", replace("\n}\n", "\n}\n{}"), lockfile.ErrDamaged, ""),
		Entry("with the marks of a merge", replace(`  "version"`, "<<<<<<< HEAD\n"+`  "version"`), lockfile.ErrDamaged, "invalid character"),
		Entry("of something else", replace(`"kvstore": "schema lock"`, `"name": "x"`), lockfile.ErrDamaged, `it does not begin with "kvstore": "schema lock"`),
		Entry("of a newer version", replace(`"version": 1`, `"version": 2`), lockfile.ErrNewer, "it has version 2, and the last that is known here is 1"),
		Entry("of a newer version with other members", replace(`"version": 1`, `"version": 2, "what": 1`), lockfile.ErrNewer, "version 2"),
		Entry("of no version", replace(`"version": 1`, `"version": 0`), lockfile.ErrDamaged, "there is no version 0"),
		Entry("with an unknown member", replace(`"kind"`, `"color": "red", "kind"`), lockfile.ErrDamaged, `unknown`),
		Entry("without a schema", replace(`"schema": {
    "kind"`, `"schema": null, "x": {"kind"`), lockfile.ErrDamaged, ""),
		Entry("with an unknown kind", replace(`"kind": "JSON"`, `"kind": "YAML"`), lockfile.ErrDamaged, `app:x:*: there is no kind "YAML"`),
		Entry("with a store that is a field", replace(`"kind": "dynamic store"`, `"kind": "set"`), lockfile.ErrDamaged, "app:x: a dynamic store has an element, and nothing else has"),
		Entry("with a time that is none", replace(`"1h0m0s"`, `"1 hour"`), lockfile.ErrDamaged, `app:x:*: "1 hour" is no length of time`),
		Entry("with a schema that is none", replace(`"type": "object"`, `"type": "what"`), lockfile.ErrDamaged, "app:x:*: schemas: the older schema: "),
		Entry("with an unknown text", replace(`"text": "JSON"`, `"text": "XML"`), lockfile.ErrDamaged, `app:x:*: there is no text of kind "XML"`),
		Entry("with slots of what is no bitset", replace(`"ttl"`, `"slots": "i8", "ttl"`), lockfile.ErrDamaged, `app:x:*: a bitset has slots, and nothing else has: "i8"`),
		Entry("without its name", replace(`"name": "app",`, ""), lockfile.ErrDamaged, "a static store has a name"),
	)

	It("that is damaged in any way is an error, or the lock of another schema", func() {
		const marks = "{}[]\",:01ai-.\x00\xff"
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
		for _, tree := range trees() {
			text := textOf(tree)
			for range 100 {
				damaged := slices.Clone(text)
				for range 1 + random.IntN(3) {
					switch i := random.IntN(len(damaged)); random.IntN(3) {
					case 0:
						damaged[i] = marks[random.IntN(len(marks))]
					case 1:
						damaged = slices.Delete(damaged, i, min(i+1+random.IntN(20), len(damaged)))
					default:
						damaged = slices.Insert(damaged, i, text[:random.IntN(40)]...)
					}
				}
				examine(damaged, tree)
			}
		}
	})
})

func cut(length int) func(string) string { return func(text string) string { return text[:length] } }

func replace(old, by string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, by, 1) }
}

// examine reads a text that is perhaps no lock file, and compares it with a lock.
func examine(text []byte, tree dsl.Tree) {
	GinkgoHelper()
	lock, err := lockfile.Parse(text)
	if err != nil {
		Expect(err).To(Or(MatchError(lockfile.ErrDamaged), MatchError(lockfile.ErrNewer)))
		return
	}
	again, err := lock.Text()
	Expect(err).NotTo(HaveOccurred())
	for _, pair := range [][2]*lockfile.Lock{{lock, lockfile.Of(tree)}, {lockfile.Of(tree), lock}} {
		if found, err := lockfile.Compare(pair[0], pair[1]); err != nil {
			Expect(err).To(MatchError(lockfile.ErrOtherSchema))
		} else {
			Expect(len(found) == 0).To(Equal(string(again) == string(textOf(tree))), "%s", text)
		}
	}
}

// FuzzParse reads any text, and compares it.
func FuzzParse(f *testing.F) {
	RegisterTestingT(f)
	for _, tree := range trees() {
		text, err := lockfile.Of(tree).Text()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	tree := at(kv.Collection(kv.JSON[user](), kv.Unique(byName, nameOf)))
	f.Fuzz(func(t *testing.T, text []byte) {
		RegisterTestingT(t)
		examine(text, tree)
	})
}
