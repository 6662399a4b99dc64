package api_test

import (
	"net/http"
	"sync"
	"time"
	"uuid"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/kv"
)

// What a program of last year stores.
type (
	oldLog struct {
		Text string `json:"text"`
	}
	oldNodeGame struct {
		Game  uuid.UUID `json:"game"`
		White bool      `json:"white"`
		Score float64   `json:"score"`
	}
)

type oldVerification struct {
	Nodes kv.DynamicStore[oldNode] `kv:"nodes"`
}

type oldNode struct {
	Latest kv.ListFieldOf[oldNodeGame] `kv:"latest"`
}

var (
	oldLogs = kv.Dynamic(kv.JSON[oldLog](kv.ExpireIn(time.Hour)))

	oldVerifications = kv.Dynamic(kv.Colocated(kv.Static("verification").
				Field("nodes", kv.IndexKeys(kv.Dynamic(kv.Static("node").ListOf[oldNodeGame]("latest").As[oldNode]()))).
				As[oldVerification]()))
)

var _ = onEachDriver("What last year's program has stored", func(e *environment) {
	const reported = 15
	var group, replay string
	var logs kv.DynamicStore[kv.JSONField[oldLog]]
	BeforeEach(func(ctx SpecContext) {
		group, replay = newID(), newID()
		e.must(http.StatusNoContent, "PUT", "/verifications/"+group, object{"name": "null move", "candidate": "aaaaaaaa", "baseline": "bbbbbbbb"})
		logs = kv.MustOpen(oldLogs, e.driver, kv.At("replays", "logs"))
		Expect(logs.Take(replay).Write(ctx, oldLog{"one\ntwo\n"})).To(Succeed())
		games := kv.MustOpen(oldVerifications, e.driver, kv.At("stats", "verification")).Take(group).Nodes.Take("alpha").Latest
		for i := range reported {
			_, err := games.PushLeft(ctx, oldNodeGame{uuid.MustParse(newID()), i%2 == 0, float64(i%3) / 2})
			Expect(err).NotTo(HaveOccurred())
		}
	})
	latest := func() []platform.NodeGame {
		GinkgoHelper()
		answer := e.must(http.StatusOK, "GET", "/verifications/"+group+"/nodes/alpha/games", nil)
		return decode[struct{ Items []platform.NodeGame }](answer).Items
	}

	It("is read as if it were today's", func(ctx SpecContext) {
		Expect(latest()).To(HaveLen(reported))
		Expect(latest()).To(HaveEach(HaveField("Outcome", BeElementOf(platform.Outcome("win"), platform.Outcome("draw"), platform.Outcome("defeat")))))
		log, left, err := e.platform.Replays.Log(ctx, uuid.MustParse(replay))
		Expect(err).NotTo(HaveOccurred())
		Expect(log.Lines).To(Equal([]string{"one", "two"}))
		Expect(left).To(BeNumerically("~", time.Hour, time.Minute))
	})

	It("is rewritten while games are reported, and nothing is lost", func(ctx SpecContext) {
		const reporters, each, late = 3, 5, 5
		var load sync.WaitGroup
		for range reporters {
			load.Go(func() {
				defer GinkgoRecover()
				for range each {
					e.must(http.StatusOK, "POST", "/verifications/"+group+"/nodes/alpha/games", object{"game": newID(), "colour": "white", "outcome": "win"})
				}
			})
		}
		load.Go(func() {
			defer GinkgoRecover()
			for range late { // last year's program runs, too
				Expect(logs.Take(newID()).Write(ctx, oldLog{"late"})).To(Succeed())
			}
		})
		nobody := func(path string, err error) {
			defer GinkgoRecover()
			Fail(path + ": " + err.Error())
		}
		_, err := e.platform.Migrate(ctx, nobody)
		Expect(err).NotTo(HaveOccurred())
		load.Wait()
		Expect(latest()).To(HaveLen(20), "the list keeps no more")
		Expect(latest()[:reporters*each]).To(HaveEach(HaveField("Outcome", platform.Outcome("win"))))

		_, err = e.platform.Migrate(ctx, nobody) // what last year's program has written since
		Expect(err).NotTo(HaveOccurred())
		Expect(e.platform.Migrate(ctx, nobody)).To(Equal(kv.Migration{Seen: 20 + 1 + late, Current: 20 + 1 + late}))
		log, left, err := e.platform.Replays.Log(ctx, uuid.MustParse(replay))
		Expect(err).NotTo(HaveOccurred())
		Expect(log.Lines).To(Equal([]string{"one", "two"}))
		Expect(left).To(BeNumerically("~", time.Hour, time.Minute))
	})
})
