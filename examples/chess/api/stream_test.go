package api_test

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

// event is one that a browser is sent.
type event struct{ name, data string }

// lobbyEvent is the data of an event of the lobby.
type lobbyEvent struct {
	ID   string
	Game *platform.LiveGame
}

// listen is what a browser hears that opens an EventSource.
func (c client) listen(path string) <-chan event {
	GinkgoHelper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, "GET", c.url+path, nil)
	Expect(err).NotTo(HaveOccurred())
	response, err := c.http.Do(request)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.StatusCode).To(Equal(http.StatusOK))
	Expect(response.Header.Get("Content-Type")).To(Equal("text/event-stream"))
	heard := make(chan event, 100)
	ended := make(chan struct{})
	go func() {
		defer GinkgoRecover()
		defer close(ended)
		defer close(heard)
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		var next event
		for lines.Scan() {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
			case "event":
				next.name = value
			case "data":
				next.data = value
			default: // an empty line
				heard <- next
			}
		}
	}()
	DeferCleanup(func() {
		cancel()
		<-ended
		Expect(response.Body.Close()).To(Succeed())
	})
	return heard
}

// hears waits for an event of a name, and decodes it. What came in between were others of that name.
func hears[T any](heard <-chan event, name string, wanted func(T) bool) {
	GinkgoHelper()
	for {
		var next event
		Eventually(heard).Should(Receive(&next))
		Expect(next.name).To(Equal(name), next.data)
		if wanted(decode[T](reply{text: next.data})) {
			return
		}
	}
}

func played(moves ...string) func(platform.LiveGame) bool {
	return func(game platform.LiveGame) bool { return slices.Equal(game.Moves, moves) }
}

func inLobby(game live, is func(platform.LiveGame) bool) func(lobbyEvent) bool {
	return func(told lobbyEvent) bool {
		return "/games/"+told.ID == game.path && told.Game != nil && is(*told.Game)
	}
}

func left(game live) func(lobbyEvent) bool {
	return func(told lobbyEvent) bool { return "/games/"+told.ID == game.path && told.Game == nil }
}

var _ = onEachDriver("What is streamed to browsers", func(e *environment) {
	It("is a game, and each move", func(ctx SpecContext) {
		game := casual(e.client)
		one, two := e.listen(game.path+"/events"), e.listen(game.path+"/events")
		hears(one, "game", played())
		hears(two, "game", played())
		game.play("e4")
		hears(one, "game", played("e4"))
		hears(two, "game", played("e4"))
		game.must(http.StatusOK, "POST", game.path+"/resignation", object{"player": game.black})
		hears(one, "game", func(game platform.LiveGame) bool { return game.State == platform.Finished })
		for _, key := range e.stored(ctx, "{games}:live") {
			_, err := e.driver.Do(ctx, drivers.Command{Op: drivers.OpDelete, Key: key})
			Expect(err).NotTo(HaveOccurred())
		}
		hears(one, "gone", func(any) bool { return true })
	})

	It("is the lobby, and the games of a player until they are over", func() {
		other := casual(e.client)
		lobby := e.listen("/games/events")
		hears(lobby, "enters", inLobby(other, played()))
		game := casual(e.client)
		hears(lobby, "enters", inLobby(game, played()))
		own := e.listen("/games/events?player=" + game.white)
		hears(own, "enters", inLobby(game, func(game platform.LiveGame) bool { return game.State != platform.Finished }))
		other.play("d4")
		for _, move := range []string{"e4", "e5"} {
			Expect(game.move(map[string]int{"e4": 0, "e5": 1}[move], move).status).To(Equal(http.StatusOK))
		}
		hears(own, "changes", inLobby(game, played("e4", "e5")))
		hears(lobby, "changes", inLobby(game, played("e4", "e5")))
		game.must(http.StatusOK, "POST", game.path+"/resignation", object{"player": game.white})
		hears(own, "leaves", left(game))
		hears(lobby, "changes", inLobby(game, func(game platform.LiveGame) bool { return game.Result == platform.BlackWins }))
	})

	It("passes over a game that is damaged", func(ctx SpecContext) {
		game := casual(e.client)
		lobby := e.listen("/games/events")
		hears(lobby, "enters", inLobby(game, played()))
		key := "{games}:live:" + strings.TrimPrefix(game.path, "/games/")
		_, err := e.driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: "{}"})
		Expect(err).NotTo(HaveOccurred())
		hears(lobby, "leaves", left(game))
		next := casual(e.client)
		hears(lobby, "enters", inLobby(next, played()))
	})

	It("is no game that is not there, or is none", func() {
		for path, status := range map[string]int{
			"/games/" + newID() + "/events": http.StatusNotFound,
			"/games/7/events":               http.StatusBadRequest,
			"/games/events?player=7":        http.StatusBadRequest,
		} {
			Expect(decode[problem](e.must(status, "GET", path, nil)).Error).NotTo(BeEmpty())
		}
	})
})
