package spec

import (
	"fmt"
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

// A server may refuse any command that a write consists of: the user has no right to it,
// or there is no memory for it. Then the write does all or nothing.

var _ = Describe("A write that the server refuses in part", Label(suite.Redis, suite.Slow), Ordered, ContinueOnFailure, func() {
	var r *refusing
	BeforeAll(func() { r = newRefusing() })

	for _, e := range scriptedExamples() {
		if e.cmd.Op.Effect() != drivers.Writes {
			continue
		}
		It(fmt.Sprintf("does all or nothing, whatever right its user lacks, or without memory: %s", describe(e.cmd)), func() {
			for _, cmd := range e.forms() {
				for _, given := range e.states(cmd) {
					r.try(given, cmd)
				}
			}
		})
		It(fmt.Sprintf("does all or nothing, whatever right its user lacks, or without memory: %s with indexes", describe(e.cmd)), func() {
			registered := []drivers.Command{on(indexOf("k", mail("old")), put("", "v")), command(drivers.OpDelete)}
			for i, cmd := range e.forms() {
				cmd = indexed(cmd, indexOf("k", mail("new")))
				for _, given := range e.states(cmd) {
					r.try(append(slices.Clone(registered), given...), cmd)
					if i == 0 {
						r.try(given, cmd)
					}
				}
			}
		})
	}

	It("does nothing without memory where it replaces a value that is there, as where it adds to it", func() {
		more := []string{"a", "1", "b", "2"}
		for _, whole := range []struct{ given, replace, add drivers.Command }{
			{fill("k", "old"), drivers.Command{Op: drivers.OpSReplace, Values: more}, drivers.Command{Op: drivers.OpSAdd, Values: more}},
			{rpush("k", "old"), drivers.Command{Op: drivers.OpLReplace, Values: more}, drivers.Command{Op: drivers.OpRPush, Values: more}},
			{hset("old", "v"), drivers.Command{Op: drivers.OpHReplace, Values: more}, drivers.Command{Op: drivers.OpHSet, Values: more}},
			{zadd("k", 1, "old"), drivers.Command{Op: drivers.OpZReplace, Values: more[:2], Extra: &drivers.Extra{Scores: []float64{1, 2}}},
				drivers.Command{Op: drivers.OpZAdd, Values: more[:2], Extra: &drivers.Extra{Scores: []float64{1, 2}}}},
			{hset("old", "v"), drivers.Command{Op: drivers.OpHCompareAndSet, Values: append([]string{"old", "v"}, more...), Amount: 2},
				drivers.Command{Op: drivers.OpHSet, Values: more}},
		} {
			for _, cmd := range []drivers.Command{whole.replace, whole.add, expiring(in(hour), whole.add)} {
				cmd.Key = "k"
				t := r.trial()
				t.given(whole.given)
				before := t.see("k")
				r.ask("CONFIG", "SET", "maxmemory", "1")
				_, err := t.do(cmd)
				r.ask("CONFIG", "SET", "maxmemory", "0")
				t.Expect(err).To(gomega.HaveOccurred(), describe(cmd))
				t.Expect(err.Error()).To(gomega.ContainSubstring("OOM"), describe(cmd))
				t.unchanged("k", before)
			}
		}
	})
})

// refusing is a server with a user from whom rights are taken.
type refusing struct {
	server         *redisserver.Server
	admin, limited *redisdriver.Driver
}

func newRefusing() *refusing {
	server, err := redisserver.Start("--maxmemory-policy", "noeviction")
	if redisserver.MayBeLeftOut(err) {
		Skip("left out: " + err.Error())
	}
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	r := &refusing{server: server}
	r.withhold()
	admin := redis.NewClient(&redis.Options{Addr: server.Addr()})
	limited := redis.NewClient(&redis.Options{Addr: server.Addr(), Username: "limited", Password: "secret"})
	DeferCleanup(func() {
		_, _ = admin.Close(), limited.Close()
		server.Stop()
	})
	r.admin, r.limited = redisdriver.New(admin), redisdriver.New(limited)
	return r
}

func (r *refusing) ask(args ...string) string {
	GinkgoHelper()
	reply, err := r.server.Ask(args...)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return reply
}

// withhold takes rights from the user, who has all others.
func (r *refusing) withhold(commands ...string) {
	rights := []string{"ACL", "SETUSER", "limited", "reset", "on", ">secret", "~*", "&*", "+@all"}
	for _, command := range commands {
		rights = append(rights, "-"+command)
	}
	r.ask(rights...)
}

// trial is one by a user with all rights.
func (r *refusing) trial() *trial {
	return newTrial(gomega.Default, Harness{Open: func() Store {
		r.ask("FLUSHALL")
		return Store{Driver: r.admin}
	}})
}

// try executes a command without the right to one after the other of those that it consists
// of, and without memory.
func (r *refusing) try(given []drivers.Command, cmd drivers.Command) {
	GinkgoHelper()
	truth := truthOf(given, cmd)
	var executed []string
	attempt := func(what string, refuse func()) {
		GinkgoHelper()
		t := r.trial()
		t.given(given...)
		r.ask("CONFIG", "RESETSTAT")
		refuse()
		reply, err := r.limited.Do(t.ctx, t.place(cmd))
		executed = r.executed()
		r.withhold()
		r.ask("CONFIG", "SET", "maxmemory", "0")
		what = fmt.Sprintf("%s, where %v are there, %s", describe(cmd), truth.there(), what)
		if !truth.failed(t, err, what) {
			truth.holds(t, reply, err, what)
		}
	}
	attempt("with all rights", func() {}) // and the server knows the script
	for _, command := range slices.Clone(executed) {
		attempt("without "+command, func() { r.withhold(command) })
	}
	attempt("without memory", func() { r.ask("CONFIG", "SET", "maxmemory", "1") })
}

var executedCommand = regexp.MustCompile(`cmdstat_([^:]+):`)

// executed are the commands that the server has executed lately, those in scripts included.
func (r *refusing) executed() (commands []string) {
	for _, match := range executedCommand.FindAllStringSubmatch(r.ask("INFO", "commandstats"), -1) {
		if command := match[1]; !slices.Contains([]string{"info", "config|set", "config|resetstat", "hello", "auth", "client|setinfo", "acl|setuser", "evalsha", "eval"}, command) {
			commands = append(commands, strings.ToLower(command))
		}
	}
	return commands
}
