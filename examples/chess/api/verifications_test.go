package api_test

import (
	"fmt"
	"net/http"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

var _ = onEachDriver("A verification", func(e *environment) {
	var path string
	BeforeEach(func() {
		path = "/verifications/" + newID()
		e.must(http.StatusNoContent, "PUT", path, object{"name": "null move", "candidate": "aaaaaaaa", "baseline": "bbbbbbbb"})
	})
	record := func(node, game, colour, outcome string) reply {
		return e.call("POST", path+"/nodes/"+node+"/games", object{"game": game, "colour": colour, "outcome": outcome})
	}
	report := func(node string) platform.NodeReport {
		GinkgoHelper()
		return decode[platform.NodeReport](e.must(http.StatusOK, "GET", path+"/nodes/"+node, nil))
	}

	It("counts wins, draws and defeats of each colour", func() {
		for i, played := range [][2]string{
			{"white", "win"}, {"white", "win"}, {"white", "defeat"}, {"black", "draw"}, {"black", "defeat"},
		} {
			node := []string{"alpha", "beta"}[i%2]
			Expect(record(node, newID(), played[0], played[1]).text).To(MatchJSON(`{"counted": true}`))
		}
		Expect(report("alpha")).To(Equal(platform.NodeReport{
			White: platform.Tally{Wins: 1, Defeats: 1}, Black: platform.Tally{Defeats: 1}, Recorded: 3, Counted: 3,
		}))
		Expect(report("gamma")).To(BeZero())
		group := decode[platform.Group](e.must(http.StatusOK, "GET", path, nil))
		Expect(group.Nodes).To(Equal(map[platform.NodeName]int64{"alpha": 3, "beta": 2}))
		Expect(group.Games).To(BeEquivalentTo(5))
	})

	It("counts a game once, however many report it at once", func() {
		game := newID()
		counted := make(chan string, 100)
		together(100, func(int) reply {
			answer := record("alpha", game, "white", "win")
			counted <- answer.text
			return answer
		})
		close(counted)
		times := 0
		for text := range counted {
			if decode[map[string]bool](reply{text: text})["counted"] {
				times++
			}
		}
		Expect(times).To(Equal(1))
		Expect(report("alpha")).To(Equal(platform.NodeReport{White: platform.Tally{Wins: 1}, Recorded: 1, Counted: 1}))
	})

	It("records a game and counts it in one step, wherever storage fails", func() {
		game := newID()
		e.cutOff(func() reply { return record("alpha", game, "white", "win") }, func() {
			Expect(report("alpha")).To(BeZero())
		})
		Expect(report("alpha")).To(Equal(platform.NodeReport{White: platform.Tally{Wins: 1}, Recorded: 1, Counted: 1}))
	})

	It("has counted what it has recorded, at every moment", func() {
		done := make(chan struct{})
		var reader sync.WaitGroup
		reader.Go(func() {
			defer GinkgoRecover()
			for seen := 0; ; {
				at := report("alpha")
				Expect(at.Counted).To(BeEquivalentTo(at.Recorded))
				Expect(at.Recorded).To(BeNumerically(">=", seen))
				seen = at.Recorded
				select {
				case <-done:
					return
				default:
				}
			}
		})
		const games = 48
		statuses := together(games, func(i int) reply {
			return record("alpha", newID(), []string{"white", "black"}[i%2], []string{"win", "draw", "defeat"}[i%3])
		})
		close(done)
		reader.Wait()
		Expect(statuses).To(Equal(map[int]int{http.StatusOK: games}))
		each := platform.Tally{Wins: games / 6, Draws: games / 6, Defeats: games / 6}
		Expect(report("alpha")).To(Equal(platform.NodeReport{White: each, Black: each, Recorded: games, Counted: games}))
	})

	It("counts nothing once it is erased", func(ctx SpecContext) {
		together(20, func(i int) reply {
			if i == 10 {
				return e.call("DELETE", path, nil)
			}
			return record(fmt.Sprintf("node %d", i), newID(), "black", "draw")
		})
		e.must(http.StatusNotFound, "GET", path, nil)
		Expect(e.stored(ctx, "stats")).To(BeEmpty())
	})

	It("is erased with its nodes, and listed until then", func() {
		for i := range 5 {
			Expect(record(fmt.Sprintf("node %d", i), newID(), "black", "draw").status).To(Equal(http.StatusOK))
		}
		listed := func() []string {
			return decode[struct{ Items []string }](e.must(http.StatusOK, "GET", "/verifications", nil)).Items
		}
		Expect(listed()).To(HaveLen(1))
		e.must(http.StatusNoContent, "DELETE", path, nil)
		Expect(listed()).To(BeEmpty())
		e.must(http.StatusNotFound, "DELETE", path, nil)
		e.must(http.StatusNotFound, "GET", path, nil)
		Expect(record("alpha", newID(), "white", "win").status).To(Equal(http.StatusNotFound))
	})
})
