package api_test

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

func engineConfig() object {
	return object{
		"name": "Stockfish-17", "version": object{"major": 17, "minor": 1, "patch": 0},
		"timeControl": object{"movetime": 100}, "options": "0123456789abcdef", "threads": 1,
	}
}

func plan() object {
	return object{"name": "Null move", "iterations": 100, "engines": []object{engineConfig(), engineConfig()}}
}

var _ = onEachDriver("A test suite", func(e *environment) {
	It("is kept, listed and removed", func() {
		id := newID()
		e.must(http.StatusNoContent, "PUT", "/suites/"+id, plan())
		kept := decode[platform.Suite](e.must(http.StatusOK, "GET", "/suites/"+id, nil))
		Expect(kept.UUID.String()).To(Equal(id))
		Expect(kept.Engines[0].TimeControl).To(Equal(platform.TimeControl{MoveTime: 100}))
		Expect(decode[platform.List[platform.Suite]](e.must(http.StatusOK, "GET", "/suites", nil)).Items).To(ConsistOf(kept))
		e.must(http.StatusNoContent, "DELETE", "/suites/"+id, nil)
		e.must(http.StatusNotFound, "DELETE", "/suites/"+id, nil)
		e.must(http.StatusNotFound, "GET", "/suites/"+id, nil)
	})

	DescribeTable("is refused with every rule that it breaks",
		func(change func(plan, engine object), violations ...string) {
			body, engine := plan(), engineConfig()
			body["engines"] = []object{engine, engineConfig()}
			change(body, engine)
			refused := decode[problem](e.must(http.StatusUnprocessableEntity, "PUT", "/suites/"+newID(), body))
			Expect(refused.Error).To(Equal("the document is not valid"))
			var got []string
			for _, v := range refused.Violations {
				Expect(v.Message).NotTo(BeEmpty())
				got = append(got, v.Pointer+" "+v.Keyword)
			}
			Expect(got).To(ConsistOf(violations))
			Expect(e.tap.keys()).To(BeEmpty())
		},
		Entry("no iterations", func(p, _ object) { p["iterations"] = 0 }, "/iterations exclusiveMinimum"),
		Entry("half an iteration", func(p, _ object) { p["iterations"] = 0.5 }, "/iterations type"),
		Entry("one engine", func(p, e object) { p["engines"] = []object{e} }, "/engines minItems"),
		Entry("three engines", func(p, e object) { p["engines"] = []object{e, e, e} }, "/engines maxItems"),
		Entry("no engines", func(p, _ object) { delete(p, "engines") }, " required"),
		Entry("an engine's name", func(_, e object) { e["name"] = "Deep Blue" }, "/engines/0/name pattern"),
		Entry("a long name", func(_, e object) { e["name"] = strings.Repeat("x", 101) }, "/engines/0/name maxLength"),
		Entry("a version", func(_, e object) { e["version"] = object{"major": -1, "minor": 0, "patch": 0} }, "/engines/0/version/major minimum"),
		Entry("two time controls", func(_, e object) { e["timeControl"] = object{"depth": 8, "movetime": 100} }, "/engines/0/timeControl oneOf"),
		Entry("no time control", func(_, e object) { e["timeControl"] = object{} }, "/engines/0/timeControl oneOf"),
		Entry("no time", func(_, e object) { e["timeControl"] = object{"movetime": 0} }, "/engines/0/timeControl/movetime exclusiveMinimum"),
		Entry("no threads", func(_, e object) { e["threads"] = 0 }, "/engines/0/threads exclusiveMinimum"),
		Entry("several at once", func(p, e object) { p["iterations"], p["name"], e["options"] = -1, "", "XYZ" },
			"/name minLength", "/iterations exclusiveMinimum", "/engines/0/options pattern"),
		Entry("a typing error", func(p, _ object) { p["itterations"] = 3 }, "/itterations additionalProperties"),
	)
})
