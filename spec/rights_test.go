package spec

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// The table of rights in the Redis driver's README.md is tried row by row: a user who has
// those of a row, and those of every value, may do all that the row names.

var rowOfRights = regexp.MustCompile("(?m)^\\| (.+?) \\| `(\\+.*?)` \\|")

// refusal is how a server refuses a command, and one in a script.
var refusal = regexp.MustCompile("NOPERM|ACL failure|user executing the script")

func rightsByFeature() map[string][]string {
	GinkgoHelper()
	readme, err := os.ReadFile("../drivers/redisdriver/README.md")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	rights := map[string][]string{}
	for _, row := range rowOfRights.FindAllStringSubmatch(string(readme), -1) {
		rights[row[1]] = strings.Fields(strings.ReplaceAll(row[2], `\|`, "|"))
	}
	return rights
}

// ops are those of a feature, from the first to the last as they are declared.
type ops struct{ first, last drivers.Op }

var featureOps = map[string]ops{
	"every value":                    {drivers.OpExists, drivers.OpReconcile},
	"strings, numbers and documents": {drivers.OpGet, drivers.OpIncrByFloat},
	"bit sets and bitmaps":           {drivers.OpBitGet, drivers.OpBitOp},
	"HyperLogLogs":                   {drivers.OpPFAdd, drivers.OpPFMerge},
	"sets":                           {drivers.OpSAdd, drivers.OpSDiff},
	"lists":                          {drivers.OpLPush, drivers.OpLMove},
	"hashes and maps":                {drivers.OpHSet, drivers.OpHIncrByFloat},
	"times to live of fields":        {drivers.OpHExpire, drivers.OpHPersist},
	"sorted sets":                    {drivers.OpZAdd, drivers.OpZDiffStore},
	"geo":                            {drivers.OpGeoAdd, drivers.OpGeoSearch},
	"streams":                        {drivers.OpXAdd, drivers.OpXAutoClaim},
	"locks":                          {drivers.OpLockAcquire, drivers.OpLockHolder},
	"queues":                         {drivers.OpJobAdd, drivers.OpJobRemove},
	"the bytes that an audit counts": {drivers.OpMemoryUsage, drivers.OpMemoryUsage},
	"limiters":                       {drivers.OpThrottle, drivers.OpThrottle},
}

var _ = Describe("The rights that a user needs", Label(suite.Redis), Ordered, ContinueOnFailure, func() {
	var (
		server         *redisserver.Server
		admin, limited *redisdriver.Driver
		rights         map[string][]string
		ctx            = context.Background()
	)
	ask := func(args ...string) string {
		GinkgoHelper()
		reply, err := server.Ask(args...)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		return reply
	}
	BeforeAll(func() {
		var err error
		server, err = redisserver.Start()
		if redisserver.MayBeLeftOut(err) {
			Skip("left out: " + err.Error())
		}
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		all := redis.NewClient(&redis.Options{Addr: server.Addr()})
		few := redis.NewClient(&redis.Options{Addr: server.Addr(), Username: "limited", Password: "secret"})
		DeferCleanup(func() {
			_, _ = all.Close(), few.Close()
			server.Stop()
		})
		admin, limited = redisdriver.New(all), redisdriver.New(few)
		rights = rightsByFeature()
	})
	// grant gives the user the rights of features, and no others.
	grant := func(features ...string) {
		GinkgoHelper()
		rules := []string{"ACL", "SETUSER", "limited", "reset", "on", ">secret", "~*", "&*", "-@all"}
		for _, feature := range features {
			gomega.Expect(rights).To(gomega.HaveKey(feature))
			rules = append(rules, rights[feature]...)
		}
		ask(rules...)
	}
	// refused are the commands that the user is not allowed, of those that read and write
	// what suits them.
	refused := func(examples []example) (commands []string) {
		GinkgoHelper()
		for _, e := range examples {
			forms := []drivers.Command{e.cmd}
			if strings.Contains(e.reads, "Expiry") {
				forms = append(forms, expiring(in(hour), e.cmd))
			}
			for _, cmd := range forms {
				for _, given := range [][]drivers.Command{nil, {e.suits()}} {
					ask("FLUSHALL")
					for _, g := range given {
						_, err := admin.Do(ctx, g)
						gomega.Expect(err).NotTo(gomega.HaveOccurred(), describe(g))
					}
					_, err := limited.Do(ctx, cmd)
					if err != nil && refusal.MatchString(err.Error()) {
						commands = append(commands, describe(cmd)+": "+err.Error())
					}
				}
			}
		}
		return commands
	}
	of := func(o ops) []example {
		return slices.DeleteFunc(append(examples(), fieldTTLExamples()...), func(e example) bool { return e.cmd.Op < o.first || e.cmd.Op > o.last })
	}

	for feature, o := range featureOps {
		It("are those of its row, and those of every value, for "+feature, func() {
			if feature == "times to live of fields" && !redisserver.Since(7, 4) {
				Skip("left out: Redis 7.4")
			}
			grant("every value", feature)
			gomega.Expect(of(o)).NotTo(gomega.BeEmpty())
			gomega.Expect(refused(of(o))).To(gomega.BeEmpty())
			grant()
			gomega.Expect(refused(of(o))).NotTo(gomega.BeEmpty(), "what is tried takes no rights at all")
		})
	}

	for _, without := range []string{"@dangerous", "@admin"} {
		It("are all that is left without "+without, func() {
			ask("ACL", "SETUSER", "limited", "reset", "on", ">secret", "~*", "&*", "+@all", "-"+without)
			gomega.Expect(refused(examples())).To(gomega.BeEmpty())
		})
	}

	It("are those of two rows for what is indexed", func() {
		grant("every value", "strings, numbers and documents", "indexes, unique values and IndexKeys")
		ix := indexOf("k", mail("new"))
		var examples []example
		for _, e := range of(featureOps["strings, numbers and documents"]) {
			if e.cmd.Op.Effect() == drivers.Writes {
				e.cmd = indexed(e.cmd, ix)
				examples = append(examples, e)
			}
		}
		examples = append(examples, example{cmd: indexed(command(drivers.OpDelete), ix), kind: stringKind})
		gomega.Expect(refused(examples)).To(gomega.BeEmpty())
		grant("every value", "strings, numbers and documents")
		gomega.Expect(refused(examples)).NotTo(gomega.BeEmpty())
	})

	It("are those of the row of transactions for those, and for atomic batches", func() {
		try := func() error {
			b := drivers.NewBatch(put("k", "v"), get("k"))
			b.Atomic = true
			if err := drivers.DoBatch(ctx, limited, b); err != nil {
				return err
			}
			tx, err := limited.Begin(ctx, "k")
			if err != nil {
				return err
			}
			defer tx.End()
			if _, err := tx.Do(ctx, get("k")); err != nil {
				return err
			}
			return drivers.DoBatch(ctx, tx, b)
		}
		grant("every value", "strings, numbers and documents", "atomic batches and transactions")
		gomega.Expect(try()).To(gomega.Succeed())
		grant("every value", "strings, numbers and documents")
		gomega.Expect(try()).NotTo(gomega.Succeed())
	})

	It("are those of the row of listings for those, with INFO or without", func() {
		ask("FLUSHALL")
		ask("SET", "a:b", "v")
		list := func() (keys []string, failed error) {
			for key, err := range limited.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "a"}) {
				if err != nil {
					return nil, err
				}
				keys = append(keys, key)
			}
			return keys, nil
		}
		grant("every value", "listings without IndexKeys, and subtrees")
		gomega.Expect(list()).To(gomega.HaveLen(1))
		grant("every value", "listings without IndexKeys, and subtrees", "listings: a server that takes the place of another")
		gomega.Expect(list()).To(gomega.HaveLen(1))
		grant("every value")
		_, err := list()
		gomega.Expect(err).To(gomega.HaveOccurred())
	})

	It("are those of the row of topics for those", func() {
		grant("every value", "topics")
		heard := make(chan string, 1)
		go func() {
			defer GinkgoRecover()
			ready := func() {
				_, err := limited.Do(ctx, drivers.Command{Op: drivers.OpPublish, Key: "c", Value: "hello"})
				gomega.Expect(err).NotTo(gomega.HaveOccurred())
			}
			for message, err := range limited.Subscribe(ctx, drivers.Command{Key: "c"}, ready) {
				gomega.Expect(err).NotTo(gomega.HaveOccurred())
				heard <- message
				return
			}
		}()
		gomega.Eventually(heard).Should(gomega.Receive(gomega.Equal("hello")))
	})
})
