package api_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var _ = onEachDriver("A request", func(e *environment) {
	It("is refused where it is malformed", func() {
		for _, refused := range []struct {
			status                        int
			method, path, mediaType, body string
		}{
			{http.StatusNotFound, "GET", "/nothing", "", ""},
			{http.StatusMethodNotAllowed, "DELETE", "/games", "", ""},
			{http.StatusBadRequest, "GET", "/games/7", "", ""},
			{http.StatusBadRequest, "GET", "/games?player=7", "", ""},
			{http.StatusUnsupportedMediaType, "POST", "/games", "text/plain", "{}"},
			{http.StatusUnsupportedMediaType, "POST", "/replays", "application/json", "{}"},
			{http.StatusUnprocessableEntity, "POST", "/games", "application/json", "{"},
			{http.StatusUnprocessableEntity, "POST", "/games", "application/json", ""},
			{http.StatusRequestEntityTooLarge, "POST", "/games", "application/json", `{"event": "` + strings.Repeat("x", 1<<20) + `"}`},
			{http.StatusBadRequest, "GET", "/verifications/" + newID() + "/nodes/%FF", "", ""},
		} {
			got := e.send(refused.method, refused.path, refused.mediaType, refused.body)
			Expect(got.status).To(Equal(refused.status), "%s %s: %s", refused.method, refused.path, got.text)
		}
		Expect(e.tap.keys()).To(BeEmpty())
	})

	It("is answered with a status that says what storage's error means", func() {
		game := casual(e.client)
		for _, row := range []struct {
			err    error
			status int
			words  string
		}{
			{drivers.Join(drivers.ErrIndeterminate, errors.New("EOF")), http.StatusServiceUnavailable, "it is not known whether"},
			{drivers.Join(drivers.ErrIndeterminate, context.DeadlineExceeded), http.StatusGatewayTimeout, "it is not known whether"},
			{context.DeadlineExceeded, http.StatusGatewayTimeout, "in time: try again"},
			{drivers.ErrClosed, http.StatusServiceUnavailable, "storage cannot be reached"},
			{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, http.StatusServiceUnavailable, "storage cannot be reached"},
			{drivers.ErrWrongType, http.StatusInternalServerError, "internal error"},
			{errors.New("LOADING secrets of 10.0.0.7"), http.StatusInternalServerError, "internal error"},
		} {
			e.tap.failing(func(cmd drivers.Command) error {
				if cmd.Op == drivers.OpCompareAndSwap {
					return row.err
				}
				return nil
			})
			got := game.move(0, "e4")
			Expect(got.status).To(Equal(row.status), row.err.Error())
			Expect(decode[problem](got).Error).To(ContainSubstring(row.words))
			Expect(got.text).NotTo(ContainSubstring("10.0.0.7"))
		}
		e.tap.failing(nil)
		game.play("e4")
	})

	It("is answered with 409 where others keep writing", func() {
		game := casual(e.client)
		e.tap.failing(func(cmd drivers.Command) error {
			if cmd.Op == drivers.OpCompareAndSwap {
				return drivers.ErrConflict
			}
			return nil
		})
		Expect(game.move(0, "e4").status).To(Equal(http.StatusConflict))
	})

	It("is not blamed for what is stored", func(ctx SpecContext) {
		game := casual(e.client)
		key := "{games}:live:" + strings.TrimPrefix(game.path, "/games/")
		_, err := e.driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: `{"board": []}`})
		Expect(err).NotTo(HaveOccurred())
		for _, got := range []reply{e.call("GET", game.path, nil), game.move(0, "e4")} {
			Expect(got.status).To(Equal(http.StatusInternalServerError), got.text)
			Expect(decode[problem](got)).To(Equal(problem{Error: "what is stored here is damaged"}))
		}
	})

	It("is told what kv finds wrong with a document", func() {
		refused := e.send("POST", "/replays", pgnType, "[Date \"2024.01.01\"]\n[Black \"Bob\"]\n\n1. e4 *")
		Expect(refused.status).To(Equal(http.StatusUnprocessableEntity), refused.text)
		var pointers []string
		for _, v := range decode[problem](refused).Violations {
			pointers = append(pointers, v.Pointer+" "+v.Keyword)
		}
		Expect(pointers).To(ConsistOf("/white/name minLength", "/result enum"))
	})
})

var _ = Describe("A lost reply", Label("redis"), func() {
	e := new(environment)
	var lose func(drivers.Op) // the reply to the next batch with such a command
	BeforeEach(func(ctx SpecContext) {
		emptyRedis(ctx)
		proxy, err := redisserver.NewProxy(standalone.get().Addr())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(proxy.Close)
		e.start(redisdriver.New(connect(proxy.Addr())))
		lose = func(op drivers.Op) {
			e.tap.failing(func(cmd drivers.Command) error {
				if cmd.Op == op {
					proxy.DropReplies(1)
				}
				return nil
			})
		}
	})

	It("leaves the caller of a move in no doubt that he has to look", func() {
		game := casual(e.client)
		lose(drivers.OpCompareAndSwap)
		Expect(game.move(0, "e4").status).To(Equal(http.StatusServiceUnavailable))
		e.tap.failing(nil)
		Expect(game.now().Moves).To(Equal([]string{"e4"}))
		Expect(game.move(0, "d4").status).To(Equal(http.StatusConflict))
		Expect(game.now().Result).To(Equal(platform.Undecided))
	})

	It("leaves a replay that is found by all it should be, and can be sent again", func() {
		path, record := "/replays/"+newID(), engineGame("2024-02-29", "aaaaaaaa", "bbbbbbbb")
		lose(drivers.OpSet)
		e.must(http.StatusServiceUnavailable, "PUT", path, record)
		e.tap.failing(nil)
		expectFound(e, decode[platform.Replay](e.must(http.StatusOK, "GET", path, nil)))
		e.must(http.StatusOK, "PUT", path, record)
	})
})
