package api_test

import (
	"fmt"
	"net/http"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

// engineGame is the record of a short game of two engines.
func engineGame(date, white, black string) object {
	return object{
		"date": date, "moves": []string{"f3", "e5", "g4", "Qh4#"}, "result": "0-1",
		"white": object{"name": "Left", "type": "engine", "engine": white},
		"black": object{"name": "Right", "type": "engine", "engine": black},
	}
}

const pgnType = "application/vnd.chess-pgn"

var _ = onEachDriver("A replay", func(e *environment) {
	It("is found by day and by engine", func() {
		put := func(record object) string {
			id := newID()
			e.must(http.StatusOK, "PUT", "/replays/"+id, record)
			return id
		}
		first := put(engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
		second := put(engineGame("2024-02-29", "aaaaaaaa", "cccccccc"))
		third := put(engineGame("2024-03-01", "cccccccc", "aaaaaaaa"))
		ids := func(query string) (ids []string) {
			for _, replay := range find(e, query) {
				ids = append(ids, replay.ID.String())
			}
			return ids
		}
		Expect(ids("date=2024-02-29")).To(ConsistOf(first, second))
		Expect(ids("day=19783")).To(ConsistOf(third))
		Expect(ids("engine=aaaaaaaa")).To(ConsistOf(first, second, third))
		Expect(ids("engine=cccccccc&date=2024-02-29")).To(ConsistOf(second))
		Expect(ids("engine=dddddddd")).To(BeEmpty())
		e.must(http.StatusUnprocessableEntity, "GET", "/replays", nil)
		e.must(http.StatusUnprocessableEntity, "GET", "/replays?date=2024-02-30", nil)
		e.must(http.StatusBadRequest, "GET", "/replays?day=yesterday", nil)
	})

	It("comes from PGN, once however often it is sent", func() {
		text, err := os.ReadFile("../testdata/1997-deep-blue-kasparov-6.pgn")
		Expect(err).NotTo(HaveOccurred())
		made := e.send("POST", "/replays", pgnType, string(text))
		Expect(made.status).To(Equal(http.StatusCreated), made.text)
		again := e.send("POST", "/replays", pgnType, string(text))
		Expect(again.header.Get("Location")).To(Equal(made.header.Get("Location")))
		Expect(find(e, "engine=deeb1e1997&day=9992")).To(ConsistOf(decode[platform.Replay](made)))
		for status, text := range map[int]string{
			http.StatusBadRequest:          "1. e4 e5",
			http.StatusUnprocessableEntity: "[Date \"2024.01.01\"]\n\n1. e4 e5 1-0", // nobody played
		} {
			refused := e.send("POST", "/replays", pgnType, text)
			Expect(refused.status).To(Equal(status), refused.text)
		}
	})

	It("is kept with all it is found by, or not at all, wherever storage fails", func(ctx SpecContext) {
		path, record := "/replays/"+newID(), engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb")
		e.cutOff(func() reply { return e.call("PUT", path, record) }, func() {
			e.must(http.StatusNotFound, "GET", path, nil)
			Expect(e.stored(ctx, "{games}")).To(BeEmpty())
		})
		expectFound(e, decode[platform.Replay](e.must(http.StatusOK, "GET", path, nil)))
	})

	It("is kept once, of two that are sent at once under one id", func() {
		path := "/replays/" + newID()
		Expect(together(8, func(i int) reply {
			return e.call("PUT", path, engineGame("2024-02-29", fmt.Sprintf("aaaaaaa%d", i), "bbbbbbbb"))
		})).To(Equal(map[int]int{http.StatusOK: 1, http.StatusConflict: 7}))
		expectFound(e, decode[platform.Replay](e.must(http.StatusOK, "GET", path, nil)))
	})

	It("does not change", func() {
		path := "/replays/" + newID()
		e.must(http.StatusOK, "PUT", path, engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
		e.must(http.StatusConflict, "PUT", path, engineGame("2024-03-01", "aaaaaaaa", "bbbbbbbb"))
	})

	It("has been possible", func() {
		for name, change := range map[string]func(object){
			"an illegal move":               func(r object) { r["moves"] = []string{"e5"} },
			"a result against the board":    func(r object) { r["result"] = "1-0" },
			"a game that is not over":       func(r object) { r["result"] = "*" },
			"an engine without a hash":      func(r object) { r["white"] = object{"name": "Left", "type": "engine"} },
			"no such day":                   func(r object) { r["date"] = "2024-02-30" },
			"a member that nobody declared": func(r object) { r["winner"] = "Right" },
		} {
			record := engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb")
			change(record)
			got := e.call("PUT", "/replays/"+newID(), record)
			Expect(got.status).To(Equal(http.StatusUnprocessableEntity), "%s: %s", name, got.text)
		}
		Expect(e.tap.keys()).To(BeEmpty())
	})

	It("has an analysis, and a log that is written once and kept for an hour", func() {
		path := "/replays/" + newID()
		analysis := object{"engine": "aaaaaaaa", "evaluations": []object{{"ply": 0, "centipawns": 20}}}
		log := object{"lines": []string{"info depth 1"}}
		e.must(http.StatusNotFound, "PUT", path+"/analysis", analysis)
		e.must(http.StatusNotFound, "PUT", path+"/log", log)
		e.must(http.StatusOK, "PUT", path, engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
		e.must(http.StatusNotFound, "GET", path+"/analysis", nil)
		e.must(http.StatusNotFound, "GET", path+"/log", nil)

		e.must(http.StatusNoContent, "PUT", path+"/analysis", analysis)
		Expect(e.must(http.StatusOK, "GET", path+"/analysis", nil).text).To(MatchJSON(
			`{"engine": "aaaaaaaa", "evaluations": [{"ply": 0, "centipawns": 20}]}`))

		Expect(together(8, func(int) reply { return e.call("PUT", path+"/log", log) })).
			To(Equal(map[int]int{http.StatusNoContent: 1, http.StatusConflict: 7}))
		kept := decode[object](e.must(http.StatusOK, "GET", path+"/log", nil))
		Expect(kept["lines"]).To(Equal([]any{"info depth 1"}))
		Expect(kept["expiresIn"]).To(BeNumerically("~", 3600, 60))
	})
})
