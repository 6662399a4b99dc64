package api_test

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

var _ = onEachDriver("The round trips", func(e *environment) {
	count := func(method, path string, body any) int {
		GinkgoHelper()
		return e.tap.during(func() { Expect(e.call(method, path, body).status).To(BeNumerically("<", 300)) })
	}
	const crowd = 20

	It("of a game are two for a change, and three for the last one", func() {
		game := casual(e.client)
		Expect(count("GET", game.path, nil)).To(Equal(1))
		Expect(e.tap.during(func() { game.play("e4") })).To(Equal(2))
		Expect(count("POST", game.path+"/messages", object{"player": game.white, "text": "Hello"})).To(Equal(2))
		Expect(count("POST", game.path+"/resignation", object{"player": game.black})).To(Equal(3))
		Expect(count("PUT", game.path+"/replay", nil)).To(Equal(2))
	})

	It("of finding do not depend on how much is found, or on what else there is", func() {
		for range crowd {
			casual(e.client)
			e.must(http.StatusOK, "PUT", "/replays/"+newID(), engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
			e.must(http.StatusNoContent, "PUT", "/suites/"+newID(), plan())
			addUser(e)
		}
		game := casual(e.client)
		for path, trips := range map[string]int{
			"/games?player=" + game.white:              2,
			"/games":                                   3,
			"/replays?date=2024-02-29":                 2,
			"/replays?date=2024-02-29&engine=aaaaaaaa": 2,
			"/users":  3,
			"/suites": 2,
		} {
			var items int
			got := e.tap.during(func() {
				items = len(decode[platform.List[object]](e.must(http.StatusOK, "GET", path, nil)).Items)
			})
			Expect(got).To(Equal(trips), path)
			if !strings.Contains(path, "player") {
				Expect(items).To(BeNumerically(">=", crowd), path)
			}
		}
	})

	It("of a replay are three to keep it, and one for its log", func() {
		path := "/replays/" + newID()
		Expect(count("PUT", path, engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))).To(Equal(3))
		Expect(count("PUT", path+"/log", object{"lines": []string{"info depth 1"}})).To(Equal(2))
		Expect(count("GET", path+"/log", nil)).To(Equal(1))
	})

	It("of the managers are two to make one and three or four to unmake one", func() {
		ids := addManagers(e, 3)
		Expect(count("PUT", "/managers/"+ids[0], nil)).To(Equal(1)) // is one
		Expect(count("GET", "/managers", nil)).To(Equal(2))
		Expect(count("PUT", "/managers/"+addUser(e), nil)).To(Equal(2))
		Expect(count("DELETE", "/managers/"+ids[0], nil)).To(BeElementOf(3, 4))
	})

	It("of a verification are five to count a game and two for a report", func() {
		path := "/verifications/" + newID()
		e.must(http.StatusNoContent, "PUT", path, object{"name": "null move", "candidate": "aaaaaaaa", "baseline": "bbbbbbbb"})
		for _, node := range []string{"alpha", "beta", "gamma"} {
			game := object{"game": newID(), "colour": "white", "outcome": "win"}
			Expect(count("POST", path+"/nodes/"+node+"/games", game)).To(Equal(5))
			Expect(count("POST", path+"/nodes/"+node+"/games", game)).To(Equal(3))
		}
		Expect(count("GET", path+"/nodes/alpha", nil)).To(Equal(2))
		Expect(count("GET", path, nil)).To(Equal(4))
	})
})
