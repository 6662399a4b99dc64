package redisdriver_test

import (
	"context"
	"errors"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// replicated is a master with a replica that a Sentinel makes the master in its stead.
type replicated struct{ *redisserver.Replicated }

func startReplicated() replicated {
	GinkgoHelper()
	r, err := redisserver.StartReplicated("chess")
	needServer(err)
	DeferCleanup(r.Stop)
	return replicated{r}
}

func (r replicated) driver() *redisdriver.Driver {
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "chess", SentinelAddrs: []string{r.Sentinel.Addr()}})
	DeferCleanup(client.Close)
	return redisdriver.New(client)
}

// awaitMaster returns once the replica is the master.
func (r replicated) awaitMaster() {
	GinkgoHelper()
	// Sentinel cuts the connections of a server as it promotes it.
	Eventually(func() (string, error) { return r.Replica.Ask("ROLE") }).Should(HavePrefix("master"))
}

// replacements are the ways in which the Sentinel comes to make the replica the master.
var replacements = map[string]func(replicated){
	"is killed": func(r replicated) {
		r.Master.Kill()
		Expect(r.Suspect()).To(Succeed())
	},
	"is replaced in good order": func(r replicated) {
		Eventually(func() error { _, err := r.Sentinel.Ask("SENTINEL", "FAILOVER", "chess"); return err }).Should(Succeed())
	},
	"does not answer any more": func(r replicated) {
		Expect(r.Master.Pause()).To(Succeed())
		Expect(r.Suspect()).To(Succeed())
	},
}

// waitAgain waits until it is answered, as a loop does, and tells why it first had to again.
func waitAgain(ctx context.Context, d drivers.Driver, cmd drivers.Command) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		var first error
		for {
			reply, err := drivers.Block(ctx, d, cmd)
			if first == nil {
				first = err
			}
			if err == nil || ctx.Err() != nil {
				done <- outcome{reply, first}
				return
			}
		}
	}()
	return done
}

var _ = Describe("What waits at a master that a replica takes the place of", Label(suite.Slow), func() {
	for way, end := range replacements {
		It("is told, or goes on at the new one, and gets all that is pushed there, where the old one "+way, func() {
			r := startReplicated()
			d := r.driver()
			names := []string{"a pop from the left", "a pop of the lowest", "a read", "a read of a group"}
			for _, name := range names {
				for _, cmd := range waits[name].given {
					do(d, cmd)
				}
			}
			Eventually(func() (string, error) { return r.Replica.Ask("XINFO", "GROUPS", "{w}s") }).Should(ContainSubstring("group"))
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			all := map[string]<-chan outcome{}
			for _, name := range names {
				all[name] = waitAgain(own, d, waits[name].cmd)
			}
			awaitBlocked(r.Master, len(names))
			end(r)
			r.awaitMaster()
			awaitBlocked(r.Replica, len(names))
			direct := driverOf(r.Replica.Addr())
			for _, name := range []string{"a pop from the left", "a pop of the lowest", "a read"} {
				do(direct, waits[name].feed)
			}
			for _, name := range names {
				got := ended(all[name])
				Expect(strings.Join(got.reply.Values, " ")).To(BeElementOf("a", "1-1 f v"), "%s: %+v", name, got)
				Expect(errors.Is(got.err, drivers.ErrIndeterminate)).To(Equal(got.err != nil && !waits[name].reads), "%s: %v", name, got.err)
			}
			awaitBlocked(r.Replica, 0)
			Expect(r.Master.Resume()).To(Or(Succeed(), MatchError(ContainSubstring("process already finished"))))
		})
	}

	It("ends with its context, though no server answers, and leaves nothing behind", func() {
		r := startReplicated()
		d := r.driver()
		do(d, drivers.Command{Op: drivers.OpExists, Key: "k"})
		before := gleak.Goroutines()
		own, cancel := context.WithCancel(ctx)
		pop, read := make(chan outcome, 1), make(chan outcome, 1)
		for cmd, done := range map[*drivers.Command]chan<- outcome{&popOne: pop, &readOne: read} {
			go func() {
				reply, err := drivers.Block(own, d, *cmd)
				done <- outcome{reply, err}
			}()
		}
		awaitBlocked(r.Master, 2)
		for _, server := range []*redisserver.Server{r.Sentinel, r.Replica, r.Master} {
			Expect(server.Pause()).To(Succeed())
		}
		cancel()
		Expect(ended(pop).err).To(And(MatchError(context.Canceled), MatchError(drivers.ErrIndeterminate)))
		Expect(ended(read).err).To(And(MatchError(context.Canceled), Not(MatchError(drivers.ErrIndeterminate))))
		for _, server := range []*redisserver.Server{r.Master, r.Replica, r.Sentinel} {
			Expect(server.Resume()).To(Succeed())
		}
		awaitBlocked(r.Master, 0)
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})
