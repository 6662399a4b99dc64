package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// everything makes the service write under every key of the schema, and returns
// the ids it used by the words that stand for them.
func everything(e *environment) *strings.Replacer {
	GinkgoHelper()
	game := casual(e.client)
	replay, verification, suite := newID(), newID(), newID()
	users := addManagers(e, 2)
	e.must(http.StatusOK, "PUT", "/replays/"+replay, engineGame("1851-06-21", "aaaaaaaa", "bbbbbbbb"))
	e.must(http.StatusNoContent, "PUT", "/replays/"+replay+"/analysis",
		object{"engine": "aaaaaaaa", "evaluations": []object{{"ply": 0, "centipawns": 20}}})
	e.must(http.StatusNoContent, "PUT", "/replays/"+replay+"/log", object{"lines": []string{"bestmove e2e4"}})
	e.must(http.StatusNoContent, "PUT", "/verifications/"+verification,
		object{"name": "null move", "candidate": "aaaaaaaa", "baseline": "bbbbbbbb"})
	for _, colour := range []string{"white", "black"} {
		e.must(http.StatusOK, "POST", "/verifications/"+verification+"/nodes/eu:1%2A/games",
			object{"game": newID(), "colour": colour, "outcome": "draw"})
	}
	e.must(http.StatusNoContent, "PUT", "/suites/"+suite, plan())
	return strings.NewReplacer(strings.TrimPrefix(game.path, "/games/"), "GAME", replay, "REPLAY",
		verification, "VERIFICATION", suite, "SUITE", users[0], "USER", users[1], "USER")
}

// documents is the keys of what the service writes, with the Redis type of each. A
// node's name may hold anything: what would break a key is escaped.
var documents = map[string]string{
	"auth:{users}:USER":                                        "string",
	"{games}:live:GAME":                                        "string",
	"{games}:replays:REPLAY":                                   "string",
	"replays:analysis:REPLAY":                                  "string",
	"replays:logs:REPLAY":                                      "string",
	"stats:verification:{VERIFICATION}:config":                 "string",
	"stats:verification:{VERIFICATION}:nodes:eu%3A1%2A:games":  "set",
	"stats:verification:{VERIFICATION}:nodes:eu%3A1%2A:white":  "string",
	"stats:verification:{VERIFICATION}:nodes:eu%3A1%2A:black":  "string",
	"stats:verification:{VERIFICATION}:nodes:eu%3A1%2A:latest": "list",
	"testing:suites:SUITE":                                     "string",
}

// indexes is the keys that kv writes along with them.
var indexes = map[string]string{
	"%index:auth:{users}::":                            "zset",
	"%index:auth:{users}":                              "hash",
	"%index:auth:{users}::role":                        "zset",
	"%index:{games}:live::":                            "zset",
	"%index:{games}:live":                              "hash",
	"%index:{games}:live::player":                      "zset",
	"%index:{games}:replays::":                         "zset",
	"%index:{games}:replays":                           "hash",
	"%index:{games}:replays::day":                      "zset",
	"%index:{games}:replays::engine":                   "zset",
	"%index:stats:verification:{VERIFICATION}:nodes":   "hash",
	"%index:stats:verification:{VERIFICATION}:nodes::": "zset",
}

var _ = onEachDriver("The keys", func(e *environment) {
	It("are those of the schema", func() {
		names := everything(e)
		written := map[string]bool{}
		for _, key := range e.tap.keys() {
			written[names.Replace(key)] = true
		}
		Expect(slices.Collect(maps.Keys(written))).To(ConsistOf(slices.Collect(maps.Keys(documents))))
	})
})

var _ = Describe("On the wire", Label("redis"), func() {
	It("Redis holds the keys with their types, and the JSON that was sent", func(ctx SpecContext) {
		client, e := emptyRedis(ctx), new(environment)
		e.start(redisdriver.New(client))
		names := everything(e)
		types, wire := map[string]string{}, maps.Clone(documents)
		maps.Copy(wire, indexes)
		keys, err := client.Keys(ctx, "*").Result()
		Expect(err).NotTo(HaveOccurred())
		for _, key := range keys {
			types[names.Replace(key)] = client.Type(ctx, key).Val()
		}
		Expect(types).To(Equal(wire))
		logs, err := client.Keys(ctx, "replays:logs:*").Result()
		Expect(err).NotTo(HaveOccurred())
		Expect(client.Get(ctx, logs[0]).Val()).To(Equal(`{"lines":["bestmove e2e4"]}`))
		Expect(client.PTTL(ctx, logs[0]).Val().Hours()).To(BeNumerically("~", 1, 0.1))
		white, err := client.Keys(ctx, "stats:*:white").Result()
		Expect(err).NotTo(HaveOccurred())
		Expect(client.BitField(ctx, white[0], "GET", "i64", "#0", "GET", "i64", "#1").Val()).To(Equal([]int64{0, 1}))
	})
})
