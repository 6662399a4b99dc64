package api_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/pgn"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

// live is a game that a spec plays.
type live struct {
	client
	path, white, black string
}

// begin creates a game and connects both players.
func begin(c client, record platform.Record) live {
	GinkgoHelper()
	game := live{client: c, white: newID(), black: newID()}
	player := func(id string, who platform.Contestant) object {
		p := object{"uuid": id, "name": who.Name, "type": who.Type}
		if who.Engine != "" {
			p["engine"] = who.Engine
		}
		return p
	}
	made := c.must(http.StatusCreated, "POST", "/games", object{
		"event": record.Event, "site": record.Site, "date": record.Date,
		"white": player(game.white, record.White), "black": player(game.black, record.Black),
	})
	game.path = made.header.Get("Location")
	c.must(http.StatusOK, "PUT", game.path+"/connections/"+game.white, nil)
	c.must(http.StatusOK, "PUT", game.path+"/connections/"+game.black, nil)
	return game
}

// casual is a game of two people of no importance.
func casual(c client) live {
	GinkgoHelper()
	return begin(c, platform.Record{
		Date:  "2024-02-29",
		White: platform.Contestant{Name: "Ann", Type: platform.Human},
		Black: platform.Contestant{Name: "Bob", Type: platform.Human},
	})
}

func (g live) player(ply int) string { return []string{g.white, g.black}[ply%2] }

func (g live) move(ply int, san string) reply {
	return g.call("POST", g.path+"/moves", object{"player": g.player(ply), "ply": ply, "move": san})
}

func (g live) play(moves ...string) {
	GinkgoHelper()
	for ply, san := range moves {
		made := g.move(ply, san)
		Expect(made.status).To(Equal(http.StatusOK), "ply %d, %s: %s", ply, san, made.text)
	}
}

func (g live) now() platform.LiveGame {
	GinkgoHelper()
	return decode[platform.LiveGame](g.must(http.StatusOK, "GET", g.path, nil))
}

// recorded is the games of testdata by the names of their files.
var recorded = func() map[string]pgn.Game {
	files, err := filepath.Glob("../testdata/*.pgn")
	if err != nil || len(files) == 0 {
		panic("no recorded games")
	}
	games := map[string]pgn.Game{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		if games[filepath.Base(file)], err = pgn.Parse(string(text)); err != nil {
			panic(err)
		}
	}
	return games
}()

var _ = onEachDriver("A famous game", func(e *environment) {
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		game := recorded[name]
		It("can be played again: "+strings.TrimSuffix(name, ".pgn"), func() {
			record := platform.FromPGN(game)
			played := begin(e.client, record)
			played.play(game.Moves...)
			switch {
			case strings.HasSuffix(game.Moves[len(game.Moves)-1], "#"):
			case record.Result == platform.WhiteWins:
				played.must(http.StatusOK, "POST", played.path+"/resignation", object{"player": played.black})
			case record.Result == platform.BlackWins:
				played.must(http.StatusOK, "POST", played.path+"/resignation", object{"player": played.white})
			default:
				played.must(http.StatusOK, "POST", played.path+"/draw", object{"player": played.white})
				played.must(http.StatusOK, "POST", played.path+"/draw", object{"player": played.black})
			}
			over := played.now()
			Expect(over.State).To(Equal(platform.Finished))
			Expect(over.Result).To(Equal(record.Result))
			Expect(over.Position.FEN()).To(Equal(game.Tags["FinalFEN"]))

			id := strings.TrimPrefix(played.path, "/games/")
			replay := decode[platform.Replay](e.must(http.StatusOK, "GET", "/replays/"+id, nil))
			Expect(replay.Record).To(Equal(record))
			Expect(replay.FEN).To(Equal(game.Tags["FinalFEN"]))
			expectFound(e, replay)
		})
	}
})

// expectFound looks for the replay by everything it is indexed by.
func expectFound(e *environment, replay platform.Replay) {
	GinkgoHelper()
	date, err := time.Parse(time.DateOnly, replay.Date)
	Expect(err).NotTo(HaveOccurred())
	day := strconv.Itoa(int(date.Unix() / 86400))
	queries := []string{"date=" + replay.Date, "day=" + day}
	for _, side := range []platform.Contestant{replay.White, replay.Black} {
		if side.Engine != "" {
			queries = append(queries, "engine="+string(side.Engine), "day="+day+"&engine="+string(side.Engine))
		}
	}
	for _, query := range queries {
		Expect(find(e, query)).To(ConsistOf(replay), query)
	}
}

func find(e *environment, query string) []platform.Replay {
	GinkgoHelper()
	return decode[platform.List[platform.Replay]](e.must(http.StatusOK, "GET", "/replays?"+query, nil)).Items
}
