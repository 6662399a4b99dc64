package api_test

import (
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

var _ = onEachDriver("A live game", func(e *environment) {
	It("begins when both players have connected", func() {
		ann, bob := newID(), newID()
		path := e.must(http.StatusCreated, "POST", "/games", object{
			"white": object{"uuid": ann, "name": "Ann", "type": "human", "time": 300000},
			"black": object{"uuid": bob, "name": "Bob", "type": "engine", "engine": "0123456789abcdef"},
		}).header.Get("Location")
		game := live{e.client, path, ann, bob}
		Expect(game.move(0, "e4").status).To(Equal(http.StatusConflict))
		e.must(http.StatusOK, "PUT", path+"/connections/"+ann, nil)
		Expect(game.now().State).To(Equal(platform.Waiting))
		e.must(http.StatusOK, "PUT", path+"/connections/"+bob, nil)
		Expect(game.now().State).To(Equal(platform.Playing))
		Expect(game.now().Date).To(Equal(time.Now().UTC().Format(time.DateOnly)))
		game.play("e4", "e5")
	})

	It("notes connecting and leaving once each, and messages", func() {
		game := casual(e.client)
		for range 2 {
			game.must(http.StatusOK, "DELETE", game.path+"/connections/"+game.white, nil)
		}
		Expect(game.move(0, "e4").status).To(Equal(http.StatusConflict))
		game.must(http.StatusOK, "POST", game.path+"/messages", object{"player": game.black, "text": "Are you there?"})
		var types []platform.EventType
		for _, event := range game.now().Events {
			Expect(event.Timestamp).To(BeNumerically(">", 0))
			types = append(types, event.Type)
		}
		Expect(types).To(Equal([]platform.EventType{"create", "connect", "connect", "disconnect", "message"}))
	})

	It("refuses what is out of turn, out of date, out of order or not chess", func() {
		game := casual(e.client)
		game.play("e4")
		for _, refused := range []struct {
			status int
			player string
			ply    int
			move   string
		}{
			{http.StatusConflict, game.white, 1, "d4"},
			{http.StatusConflict, game.black, 0, "e5"},
			{http.StatusConflict, game.black, 2, "e5"},
			{http.StatusForbidden, newID(), 1, "e5"},
			{http.StatusUnprocessableEntity, game.black, 1, "e4"},
			{http.StatusUnprocessableEntity, game.black, 1, "Ke7+"},
		} {
			game.must(refused.status, "POST", game.path+"/moves",
				object{"player": refused.player, "ply": refused.ply, "move": refused.move})
		}
		Expect(game.now().Moves).To(Equal([]string{"e4"}))
		game.must(http.StatusNotFound, "GET", "/games/"+newID(), nil)
	})

	It("takes one of two moves that are made at once", func() {
		game := casual(e.client)
		openings := []string{"e4", "d4", "c4", "Nf3", "b3", "f4", "g3", "Nc3"}
		Expect(together(len(openings), func(i int) reply { return game.move(0, openings[i]) })).
			To(Equal(map[int]int{http.StatusOK: 1, http.StatusConflict: len(openings) - 1}))
		Expect(game.now().Moves).To(HaveLen(1))
		Expect(openings).To(ContainElement(game.now().Moves[0]))
	})

	It("loses no message of many that are sent at once", func() {
		game := casual(e.client)
		const senders = 12
		together(senders, func(int) reply {
			return game.call("POST", game.path+"/messages", object{"player": game.white, "text": "Hello"})
		})
		Expect(game.now().Events).To(HaveLen(3 + senders))
	})

	It("is drawn when an offer is accepted, and not after it was declined by a move", func() {
		game := casual(e.client)
		offer := func(player string) platform.LiveGame {
			return decode[platform.LiveGame](game.must(http.StatusOK, "POST", game.path+"/draw", object{"player": player}))
		}
		Expect(offer(game.white).State).To(Equal(platform.Playing))
		Expect(offer(game.white).State).To(Equal(platform.Playing))
		game.play("e4", "e5")
		Expect(offer(game.black).State).To(Equal(platform.Playing))
		Expect(offer(game.white).Result).To(Equal(platform.Draw))
		game.must(http.StatusConflict, "POST", game.path+"/resignation", object{"player": game.white})
	})

	It("is found by its players until it is over", func() {
		game, other := casual(e.client), casual(e.client)
		playing := func(player string) int {
			return len(decode[platform.List[platform.LiveGame]](e.must(http.StatusOK, "GET", "/games?player="+player, nil)).Items)
		}
		Expect(playing(game.white)).To(Equal(1))
		Expect(playing(other.black)).To(Equal(1))
		Expect(playing(newID())).To(BeZero())
		game.must(http.StatusOK, "POST", game.path+"/resignation", object{"player": game.white})
		Expect(playing(game.white)).To(BeZero())
		Expect(decode[platform.List[platform.LiveGame]](e.must(http.StatusOK, "GET", "/games", nil)).Items).To(HaveLen(2))
	})

	It("ends in storage an hour after it is over", func(ctx SpecContext) {
		game := casual(e.client)
		game.play("f3", "e5", "g4", "Qh4")
		Expect(game.now().Moves).To(HaveExactElements("f3", "e5", "g4", "Qh4#"))
		reply, err := e.driver.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: "{games}:live:" + strings.TrimPrefix(game.path, "/games/")})
		Expect(err).NotTo(HaveOccurred())
		Expect(time.Duration(reply.Int) * time.Millisecond).To(BeNumerically("~", time.Hour, time.Minute))
	})

	It("is over and kept as a replay in one step, wherever storage fails", func(ctx SpecContext) {
		game := casual(e.client)
		before := e.stored(ctx, "{games}")
		e.cutOff(func() reply {
			return game.call("POST", game.path+"/resignation", object{"player": game.white})
		}, func() {
			Expect(game.now().State).To(Equal(platform.Playing))
			Expect(e.stored(ctx, "{games}")).To(ConsistOf(before))
		})
		Expect(game.now().State).To(Equal(platform.Finished))
		Expect(find(e, "date=2024-02-29")).To(HaveLen(1))
		game.must(http.StatusOK, "PUT", game.path+"/replay", nil)
		unfinished := casual(e.client)
		unfinished.must(http.StatusConflict, "PUT", unfinished.path+"/replay", nil)
	})

	It("cannot be kept from ending by a replay under its id", func() {
		game := casual(e.client)
		path := "/replays/" + strings.TrimPrefix(game.path, "/games/")
		e.must(http.StatusConflict, "PUT", path, engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
		game.must(http.StatusOK, "POST", game.path+"/resignation", object{"player": game.white})
		e.must(http.StatusConflict, "PUT", path, engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb"))
	})
})
