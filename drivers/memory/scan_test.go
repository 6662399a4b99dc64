package memory_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

var _ = Describe("Scan", func() {
	It("takes empty segments for segments like any other", func() {
		d, _ := open()
		for _, key := range []string{"", ":", "::", "a", "a:", "a::", "a::b", ":a", "a:b", "a:b:c", "a:b:"} {
			do(d, put(key, ""))
		}
		for prefix, want := range map[string][3][]string{
			"":    {{":", "::", ":a"}, {"", "a"}, {""}},
			"a":   {{"a:", "a::", "a::b", "a:b", "a:b:", "a:b:c"}, {"", "b"}, {"", "b"}},
			"a:":  {{"a::", "a::b"}, {"", "b"}, nil},
			"a:b": {{"a:b:", "a:b:c"}, {"", "c"}, nil},
			":":   {{"::"}, {""}, nil},
			"b":   {nil, nil, nil},
		} {
			for i, op := range []drivers.Op{drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches} {
				Expect(list(d, op, prefix)).To(Equal(want[i]), "%v %q", op, prefix)
			}
		}
	})

	It("lists below a key of many thousand segments in linear time", func() {
		d, _ := open()
		key := strings.Repeat(":", 100_000)
		do(d, put(key, ""))
		Expect(list(d, drivers.OpScanKeys, "")).To(Equal([]string{key}))
		Expect(do(d, del(key)).Int).To(BeEquivalentTo(1))
	})

	DescribeTable("costs by the children it lists",
		func(op drivers.Op, suffix string) {
			d, _ := open()
			child := func(i int) string { return fmt.Sprintf("few:%d%s", i, suffix) }
			for i := range 1000 {
				do(d, put(child(i), ""))
			}
			alone := memory.Steps(d, op, "few")
			for i := range 20_000 {
				do(d, put(fmt.Sprintf("many:%d:x", i), ""))
				do(d, put(fmt.Sprintf("few%d:%d:x", i%7, i), ""))
			}
			Expect(memory.Steps(d, op, "few")).To(Equal(alone))
			Expect(alone).To(BeNumerically("<", 3100)) // a step for each name, and two for each node

			// Children that went must not cost for ever.
			for i := range 990 {
				do(d, del(child(i)))
			}
			Expect(memory.Steps(d, op, "few")).To(BeNumerically("<", 50))
		},
		Entry("leaves", drivers.OpScanLeaves, ""),
		Entry("branches", drivers.OpScanBranches, ":x"),
		Entry("keys", drivers.OpScanKeys, ":x"),
	)

	It("yields what stays once and nothing twice while the loop takes and puts back", func() {
		d, _ := open()
		key := func(i int) string { return fmt.Sprintf("a:%d:%d", i%40, i) }
		for i := range 2000 {
			do(d, put(key(i), ""))
		}
		seen := map[string]int{}
		step := 0
		for name, err := range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "a"}) {
			Expect(err).NotTo(HaveOccurred())
			seen[name]++
			// Odd keys come and go all the time, some of them for good.
			i := (step*37 + 1) % 2000 / 2 * 2
			do(d, del(key(i+1)))
			if step%3 > 0 {
				do(d, put(key(i+1), ""))
			}
			do(d, put(fmt.Sprintf("a:%d:new%d", step%40, step), ""))
			step++
		}
		for i := 0; i < 2000; i += 2 {
			Expect(seen[key(i)]).To(Equal(1), key(i))
		}
		for name, times := range seen {
			Expect(times).To(Equal(1), name)
		}
	})

	It("survives that its prefix goes and comes back", func() {
		d, _ := open()
		for i := range 500 {
			do(d, put(fmt.Sprintf("a:%d", i), ""))
		}
		names := 0
		for range d.Scan(ctx, drivers.Command{Op: drivers.OpScanLeaves, Key: "a"}) {
			if names++; names == 1 {
				for i := range 500 {
					do(d, del(fmt.Sprintf("a:%d", i)))
				}
				do(d, put("a:again", ""))
			}
		}
		Expect(names).To(BeNumerically("<=", 500))
	})
})
