package memory_test

import (
	"fmt"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

var _ = Describe("SSCAN", func() {
	It("yields members that stay exactly once while others are removed and added", func() {
		d, _ := open()
		var stay []string
		for i := range 3000 {
			do(d, sAdd("s", fmt.Sprint("m", i)))
			if i%3 == 0 {
				stay = append(stay, fmt.Sprint("m", i))
			}
		}
		var seen []string
		cursor, round := int64(0), 0
		for first := true; first || cursor != 0; first = false {
			page := do(d, drivers.Command{Op: drivers.OpSScan, Key: "s", Start: cursor, Amount: 7})
			Expect(len(page.Values)).To(BeNumerically("<=", 7))
			seen = append(seen, page.Values...)
			cursor = page.Int
			for range 9 { // removals close holes several times over
				round++
				do(d, drivers.Command{Op: drivers.OpSRem, Key: "s", Values: []string{fmt.Sprint("m", round*7919%1000*3+1+round%2)}})
			}
			do(d, sAdd("s", fmt.Sprint("new", round)))
		}
		var stayed []string
		for _, name := range seen {
			if slices.Contains(stay, name) {
				stayed = append(stayed, name)
			}
		}
		slices.Sort(stayed)
		slices.Sort(stay)
		Expect(stayed).To(Equal(stay))
	})

	It("goes on over a set that was replaced, for the members that stayed", func() {
		d, _ := open()
		var all []string
		for i := range 100 {
			all = append(all, fmt.Sprint(i))
		}
		do(d, sAdd("s", all...))
		page := do(d, drivers.Command{Op: drivers.OpSScan, Key: "s", Amount: 50})
		seen := page.Values
		do(d, drivers.Command{Op: drivers.OpSReplace, Key: "s", Values: all[:90]})
		page = do(d, drivers.Command{Op: drivers.OpSScan, Key: "s", Start: page.Int, Amount: 100})
		Expect(page.Int).To(BeZero())
		Expect(append(seen, page.Values...)).To(ConsistOf(all))
	})
})

var _ = Describe("SPOP and SRANDMEMBER", func() {
	It("choose every member equally often, holes or not", func() {
		d, _ := open()
		var odd []string
		for i := range 40 {
			do(d, sAdd("s", fmt.Sprint(i)))
			if i%2 == 1 {
				odd = append(odd, fmt.Sprint(i))
			}
		}
		for i := range 20 {
			do(d, drivers.Command{Op: drivers.OpSRem, Key: "s", Values: []string{fmt.Sprint(2 * i)}})
		}
		count := map[string]int{}
		for _, amount := range []int64{-1, 1, 3, 9} {
			for range 20_000 / max(amount, 1) {
				for _, name := range do(d, drivers.Command{Op: drivers.OpSRandMember, Key: "s", Amount: amount}).Values {
					count[name]++
				}
			}
		}
		Expect(count).To(HaveLen(len(odd)))
		for _, n := range count {
			Expect(n).To(BeNumerically("~", 4000, 600)) // some ten standard deviations
		}
		Expect(do(d, drivers.Command{Op: drivers.OpSPop, Key: "s", Amount: 20}).Values).To(ConsistOf(odd))
		Expect(memory.Held(d)).To(BeZero())
	})
})
