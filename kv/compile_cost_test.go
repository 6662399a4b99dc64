package kv_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// What a program costs the compiler is a matter of how many functions are compiled anew for each type. Their
// number, unlike time, is always the same; spec/bench/compile has the seconds.
var _ = Describe("A further type", func() {
	DescribeTable("makes the compiler repeat few functions", func(handle, declared string, most int) {
		one, two := functions(handle, declared, 1), functions(handle, declared, 2)
		Expect(two-one).To(And(BeNumerically(">", 0), BeNumerically("<=", most)),
			"methods of generic types are to be calls of functions that are not generic; see CONTRIBUTING.md")
	},
		Entry("of documents", "JSONField[T%d]", `JSON[T%d]("f%d")`, 81),
		Entry("of elements of sets", "SetFieldOf[T%d]", `SetOf[T%d]("f%d")`, 106),
		Entry("of elements of lists", "ListFieldOf[T%d]", `ListOf[T%d]("f%d")`, 135),
		Entry("of members of sorted sets", "SortedSetFieldOf[T%d]", `SortedSetOf[T%d]("f%d")`, 198),
		Entry("of hashes", "HashField[T%d]", `Hash[T%d]("f%d")`, 72),
		Entry("of values of maps", "MapField[string, T%d]", `Map[T%d]("f%d")`, 114),
		Entry("of keys of a dynamic store", "KeyedStore[T%d, kv.StringField]", `Field("f%d", kv.DynamicBy[T%d](kv.String()))`, 63),
		Entry("of documents of a collection", "CollectionStore[T%d]", `Field("f%d", kv.Colocated(kv.Collection(kv.JSON[T%d]())))`, 224),
		Entry("of documents of a collection with keys of another type", "KeyedCollection[int, T%d]", `Field("f%d", kv.Colocated(kv.CollectionBy[int](kv.JSON[T%d]())))`, 224),
	)

	It("has strings cost no more than their own handle", func() {
		Expect(functions("StringField", `String("f%d")`, 1)).To(BeNumerically("<=", 112))
	})
})

var _ = Describe("A package", func() {
	const schema = "type View struct{ F kv.StringField `kv:\"f\"` }\nvar Schema = kv.Static(\"s\").String(\"f\").As[View]()\n"

	It("compiles nothing of the memory driver for its transactions", func() {
		alone := compiledFor(`"context"; "github.com/kvstore-go/kvstore/kv"`, schema+"var _ context.Context\n")
		atomic := compiledFor(`"context"; "github.com/kvstore-go/kvstore/kv"`, schema+
			"func write(ctx context.Context, v View) error {\n"+
			"\treturn kv.Atomic(ctx, v, func(ctx context.Context, tx View) error { return tx.F.Write(ctx, \"a\") })\n}\n")
		Expect(atomic - alone).To(And(BeNumerically(">", 0), BeNumerically("<=", 7)))
	})

	It("compiles nothing of go-redis where it opens Redis by a URL", func() {
		alone := compiledFor(`"github.com/kvstore-go/kvstore/kv"`, schema)
		opened := compiledFor(`"github.com/kvstore-go/kvstore/drivers/redisdriver"; "github.com/kvstore-go/kvstore/kv"`, schema+
			"func open() (View, error) {\n\td, err := redisdriver.Open(\"redis://localhost\")\n"+
			"\tif err != nil {\n\t\treturn View{}, err\n\t}\n\treturn kv.Open(Schema, d)\n}\n")
		Expect(opened - alone).To(And(BeNumerically(">", 0), BeNumerically("<=", 5)))
	})
})

// functions is how many functions are compiled for a package with so many fields.
func functions(handle, declared string, count int) int {
	GinkgoHelper()
	var types, fields, schema strings.Builder
	for i := range count {
		fmt.Fprintf(&types, "type T%d struct{ A%d int }\n", i, i)
		fmt.Fprintf(&fields, "\tF%d kv.%s `kv:\"f%d\"`\n", i, strings.ReplaceAll(handle, "%d", fmt.Sprint(i)), i)
		fmt.Fprintf(&schema, ".%s", strings.ReplaceAll(declared, "%d", fmt.Sprint(i)))
	}
	return compiledFor(`"github.com/kvstore-go/kvstore/kv"`, types.String()+
		"type View struct {\n"+fields.String()+"}\nvar Schema = kv.Static(\"s\")"+schema.String()+".As[View]()\n")
}

// compiledFor is how many functions are compiled for a package that imports others and declares something.
func compiledFor(imports, declared string) int {
	GinkgoHelper()
	// The text differs each time, as go build does not compile what it has in its cache, and may have lost the listing of that.
	source := fmt.Sprintf("package cost\n\n// %d\nimport (%s)\n%s", time.Now().UnixNano(), imports, declared)

	dir := GinkgoT().TempDir()
	here, err := os.Getwd()
	Expect(err).NotTo(HaveOccurred())
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(here, "testdata", "cost", "cost.go"): filepath.Join(dir, "cost.go"),
	}})
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(filepath.Join(dir, "cost.go"), []byte(source), 0o600)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600)).To(Succeed())
	listing, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-gcflags=-S", "./testdata/cost").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", listing)
	compiled := strings.Count(string(listing), " STEXT ")
	Expect(compiled).To(BeNumerically(">", 0))
	return compiled
}
