package redisdriver_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// sent notes how commands of a client go to the server: alone, or how many together.
type sent struct {
	mutex     sync.Mutex
	alone     []string // their names
	pipelines [][]redis.Cmder
	inside    func() // is called within a pipeline; may be nil
}

func (s *sent) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *sent) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !setsUp(cmd) {
			s.mutex.Lock()
			s.alone = append(s.alone, cmd.Name())
			s.mutex.Unlock()
		}
		return next(ctx, cmd)
	}
}

func (s *sent) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if setsUp(cmds[0]) {
			return next(ctx, cmds)
		}
		s.mutex.Lock()
		s.pipelines = append(s.pipelines, cmds)
		inside := s.inside
		s.mutex.Unlock()
		if inside != nil {
			inside()
		}
		return next(ctx, cmds)
	}
}

// setsUp reports a command that sets a connection up.
func setsUp(cmd redis.Cmder) bool { return cmd.Name() == "hello" || cmd.Name() == "client" }

// sizes are how many commands the pipelines had.
func (s *sent) sizes() (sizes []int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, cmds := range s.pipelines {
		sizes = append(sizes, len(cmds))
	}
	return sizes
}

// answered is what came of a command.
type answered struct {
	reply drivers.Reply
	err   error
}

// atOnce executes commands on goroutines of their own, which all wait in line before ready is
// called and the first pipeline leaves.
func atOnce(d *redisdriver.Driver, ready func(), cmds ...drivers.Command) []answered {
	GinkgoHelper()
	outcomes, wait := begin(d, cmds...)
	wait(ready)
	return outcomes
}

// occupy makes whoever comes wait in line, once those who were under way have arrived.
func occupy(d *redisdriver.Driver) (waiting func() int, release func()) {
	GinkgoHelper()
	Eventually(func() int { return redisdriver.Underway(d) }).Should(BeZero())
	return redisdriver.Occupy(d)
}

// begin makes commands wait in line. What it returns lets them go, and waits for all.
func begin(d *redisdriver.Driver, cmds ...drivers.Command) ([]answered, func(ready func())) {
	GinkgoHelper()
	waiting, release := occupy(d)
	outcomes := make([]answered, len(cmds))
	var running sync.WaitGroup
	for i, cmd := range cmds {
		running.Go(func() { outcomes[i].reply, outcomes[i].err = d.Do(ctx, cmd) })
	}
	Eventually(waiting).Should(Equal(len(cmds)))
	return outcomes, func(ready func()) {
		ready()
		release()
		running.Wait()
	}
}

func times(n int, cmd func(i int) drivers.Command) []drivers.Command {
	cmds := make([]drivers.Command, n)
	for i := range cmds {
		cmds[i] = cmd(i)
	}
	return cmds
}

func increment(int) drivers.Command { return add1 }

func setOf(key string, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: value}
}

func getOf(key string) drivers.Command { return drivers.Command{Op: drivers.OpGet, Key: key} }

// noted is a driver, and how its commands go.
func noted(addr string, configure ...func(*redis.Options)) (*redisdriver.Driver, *sent) {
	client, s := clientOf(addr, configure...), &sent{}
	client.AddHook(s)
	return redisdriver.New(client), s
}

var _ = Describe("Commands of many goroutines", func() {
	It("share a round trip, reads with reads and writes with writes", func() {
		d, sent := noted(emptyServer().Addr())
		do(d, setOf("k", "value"))
		sent.alone = nil
		cmds := append(times(20, increment), times(30, func(int) drivers.Command { return getOf("k") })...)
		seen := map[int64]bool{}
		for i, outcome := range atOnce(d, nothing, cmds...) {
			Expect(outcome.err).NotTo(HaveOccurred())
			if i < 20 {
				seen[outcome.reply.Int] = true
			} else {
				Expect(outcome.reply.Value).To(Equal("value"))
			}
		}
		Expect(seen).To(HaveLen(20), "each has the reply to its own command")
		Expect(sent.sizes()).To(ConsistOf(20, 30))
		Expect(sent.alone).To(BeEmpty())
	})

	It("go straight if there is but one of them", func() {
		d, sent := noted(emptyServer().Addr())
		for range 5 {
			do(d, add1)
			do(d, getOf("k"))
		}
		Expect(sent.alone).To(HaveLen(10))
		Expect(sent.sizes()).To(BeEmpty())
	})

	DescribeTable("wait for trips under way if they are worth it", func(distance time.Duration, most int) {
		for trips := range 2 * most {
			Expect(redisdriver.Departs(distance, trips)).To(Equal(trips < most), "with %d under way", trips)
		}
	},
		Entry("of which two go to a server that answers before anybody is awake", 10*time.Microsecond, 2),
		Entry("of which one goes to a server nearby", 50*time.Microsecond, 1),
		Entry("of which many go to one far away", time.Millisecond, 16),
	)

	It("know absence, errors and numbers that do not fit apart", func() {
		d, _ := noted(emptyServer().Addr())
		do(d, drivers.Command{Op: drivers.OpSAdd, Key: "set", Values: []string{"a"}})
		outcomes := atOnce(d, nothing, getOf("absent"), getOf("set"), setOf("k", "v"),
			drivers.Command{Op: drivers.OpAppend, Key: "set", Value: "x"})
		Expect(outcomes[0]).To(Equal(answered{reply: drivers.Reply{Nil: true}}))
		Expect(outcomes[1].err).To(MatchError(drivers.ErrWrongType))
		Expect(outcomes[2].err).NotTo(HaveOccurred())
		Expect(outcomes[3].err).To(MatchError(drivers.ErrWrongType))
	})

	It("call scripts that the server does not know", func() {
		server := emptyServer()
		d, _ := noted(server.Addr())
		ask(server, "SCRIPT", "FLUSH")
		swaps := times(20, func(i int) drivers.Command {
			return drivers.Command{Op: drivers.OpAppend, Key: fmt.Sprint("k", i), Value: "v", Expiry: minute}
		})
		for i, outcome := range atOnce(d, nothing, swaps...) {
			Expect(outcome.err).NotTo(HaveOccurred())
			Expect(ask(server, "PTTL", fmt.Sprint("k", i))).NotTo(Equal("-1"))
			Expect(ask(server, "GET", fmt.Sprint("k", i))).To(Equal("v"))
		}
	})

	It("come in bounded numbers", func() {
		d, sent := noted(emptyServer().Addr())
		for _, outcome := range atOnce(d, nothing, times(2*redisdriver.MaxPassengers+1, increment)...) {
			Expect(outcome.err).NotTo(HaveOccurred())
		}
		Expect(sent.sizes()).To(Equal([]int{redisdriver.MaxPassengers, redisdriver.MaxPassengers, 1}))
	})

	It("come in bounded sizes", func() {
		d, sent := noted(emptyServer().Addr())
		value := strings.Repeat("x", redisdriver.Much/2)
		atOnce(d, nothing, times(100, func(i int) drivers.Command { return setOf(fmt.Sprint(i), value) })...)
		Expect(sent.sizes()).To(HaveEach(BeNumerically("<=", redisdriver.MaxBytes/len(value)+1)))
		Expect(len(sent.sizes())).To(BeNumerically(">", 5))
	})

	It("do not wait behind a large value, nor behind what has many", func() {
		server := emptyServer()
		d, sent := noted(server.Addr())
		large := strings.Repeat("x", 8<<20)
		many := drivers.Command{Op: drivers.OpSAdd, Key: "set", Values: members(redisdriver.Much / 8)}
		waiting, release := occupy(d) // who takes the line does not come back
		do(d, setOf("large", large))
		do(d, many)
		do(d, drivers.Command{Op: drivers.OpSMembers, Key: "set"})
		Expect(waiting()).To(BeZero())
		release()

		By("reading it once")
		Expect(atOnce(d, nothing, getOf("large"), getOf("small"))[0].reply.Value).To(HaveLen(len(large)))
		waiting, release = occupy(d)
		Expect(do(d, getOf("large")).Value).To(HaveLen(len(large)))
		Expect(waiting()).To(BeZero())
		release()

		By("its being small again")
		do(d, setOf("large", "small"))
		do(d, getOf("large"))
		before := len(sent.sizes())
		atOnce(d, nothing, getOf("large"), getOf("small"))
		Expect(sent.sizes()[before:]).To(Equal([]int{2}))
	})

	It("are executed in the order in which each goroutine asks for them", func() {
		d, sent := noted(emptyServer().Addr())
		var running sync.WaitGroup
		var wrong atomic.Int64
		for caller := range 64 {
			running.Go(func() {
				key := fmt.Sprint("key", caller)
				for i := range 50 {
					value := fmt.Sprint(i)
					_, err := d.Do(ctx, setOf(key, value))
					reply, readErr := d.Do(ctx, getOf(key))
					if err != nil || readErr != nil || reply.Value != value {
						wrong.Add(1)
					}
				}
			})
		}
		running.Wait()
		Expect(wrong.Load()).To(BeZero())
		Expect(sent.sizes()).To(ContainElement(BeNumerically(">", 1)))
	})

	It("leave no goroutine behind, and find the line empty when they come back", func() {
		d, sent := noted(emptyServer().Addr())
		before := gleak.Goroutines()
		atOnce(d, nothing, times(50, increment)...)
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		Expect(redisdriver.Underway(d)).To(BeZero())
		sent.alone = nil
		do(d, add1)
		Expect(sent.alone).To(HaveLen(1))
	})

	It("that wait when the driver is closed are executed, and those who come later are not", func() {
		d, _ := noted(emptyServer().Addr())
		outcomes := atOnce(d, func() {
			Expect(d.Close()).To(Succeed())
			_, err := d.Do(ctx, add1)
			Expect(err).To(MatchError(drivers.ErrClosed))
		}, times(10, increment)...)
		for _, outcome := range outcomes {
			Expect(outcome.err).NotTo(HaveOccurred())
		}
	})

	It("survive a panic on the way", func() {
		d, sent := noted(emptyServer().Addr())
		do(d, add1)
		sent.inside = func() { panic("a mistake in a hook") }
		for _, outcome := range atOnce(d, nothing, append(times(5, increment), getOf("k"))...) {
			Expect(outcome.err).NotTo(HaveOccurred())
		}
		Expect(count(d)).To(BeEquivalentTo(6))
		Eventually(func() int { return redisdriver.Underway(d) }).Should(BeZero())
	})
})
