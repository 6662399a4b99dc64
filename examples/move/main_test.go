package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// move runs the program and returns what it printed.
func move(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(ctx, args, &out, GinkgoWriter)
	return out.String(), err
}

// startRedis is the URL of an empty Redis, with a password that nobody should see.
func startRedis() string {
	GinkgoHelper()
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		Skip("left out, because there is no redis-server: " + err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(server.Ask("CONFIG", "SET", "requirepass", "hush")).To(Equal("OK"))
	DeferCleanup(server.Stop)
	return "redis://:hush@" + server.Addr()
}

// look opens a place as the program does.
func look(where string) kv.StaticStore {
	GinkgoHelper()
	opened, err := open(where)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(opened.close)
	return opened.shop
}

// cancelling ends a context as soon as a text is printed.
type cancelling struct {
	io.Writer
	at     string
	cancel context.CancelFunc
}

func (c cancelling) Write(text []byte) (int, error) {
	if strings.Contains(string(text), c.at) {
		c.cancel()
	}
	return c.Writer.Write(text)
}

// stopped runs the program until it prints a text.
func stopped(ctx context.Context, at string, args ...string) error {
	half, cancel := context.WithCancel(ctx)
	defer cancel()
	return run(half, args, cancelling{GinkgoWriter, at, cancel}, GinkgoWriter)
}

var _ = Describe("The program", func() {
	var file string
	BeforeEach(func() { file = filepath.Join(GinkgoT().TempDir(), "shop.jsonl") })

	It("moves some thousand values from memory to memory, for show", func(ctx context.Context) {
		out, err := move(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(out).To(ContainSubstring("[██████████████████████████████] 100 %  20000 values"))
		Expect(out).To(MatchRegexp(`moved 20000 values from memory to memory in \d+`))
	})

	It("moves a shop from memory to Redis, to a file, and to another Redis", func(ctx context.Context) {
		one, other := startRedis(), startRedis()
		for _, args := range [][]string{
			{"-records", "1500", "-to", one},
			{"-from", one, "-to", file},
			{"-from", file, "-to", other},
		} {
			out, err := move(ctx, args...)
			Expect(err).NotTo(HaveOccurred())
			Expect(out).To(ContainSubstring("moved 1500 values from "))
			Expect(out).NotTo(ContainSubstring("hush"))
		}
		shop := look(other)
		Expect(shop.Count(ctx)).To(Equal(1500))
		Expect(shop.Take(Customers).Take("c7").Profile.Read(ctx)).To(Equal(Profile{"Customer c7", "Gdańsk"}))
		Expect(shop.Take(Customers).Take("c7").Visits.Get(ctx, 35%12)).To(BeEquivalentTo(1))
		Expect(shop.Take(Sessions).Take("s-c7").TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		Expect(shop.Take(Orders).Find(ByCustomer.Is("c7")).First(ctx)).To(HaveField("Key", "o-c7"))
		Expect(filepath.Glob(file+"*")).To(Equal([]string{file}), "and leaves nothing beside the file")
	})

	It("goes on with a file where it was stopped", func(ctx context.Context) {
		_, err := move(ctx, "-records", "4000", "-to", file)
		Expect(err).NotTo(HaveOccurred())
		target, another := startRedis(), startRedis()
		Expect(stopped(ctx, " values", "-from", file, "-to", target)).To(MatchError(context.Canceled))
		Expect(os.ReadFile(file + ".resume")).To(And(ContainSubstring(`"records":512`), Not(ContainSubstring("hush"))))

		out, err := move(ctx, "-from", file, "-to", another)
		Expect(err).NotTo(HaveOccurred())
		Expect(out).NotTo(ContainSubstring("going on"), "it is another target")
		Expect(look(another).Count(ctx)).To(Equal(4000))

		Expect(stopped(ctx, " values", "-from", file, "-to", target)).To(MatchError(context.Canceled))
		out, err = move(ctx, "-from", file, "-to", target)
		Expect(err).NotTo(HaveOccurred())
		Expect(out).To(MatchRegexp(`^going on after the \d+ records of an earlier run`))
		Expect(look(target).Count(ctx)).To(Equal(4000))
		Expect(file + ".resume").NotTo(BeAnExistingFile())
	})

	It("starts a file anew that has changed, and one that goes to memory", func(ctx context.Context) {
		_, err := move(ctx, "-records", "4000", "-to", file)
		Expect(err).NotTo(HaveOccurred())
		Expect(stopped(ctx, " values", "-from", file)).To(MatchError(context.Canceled))
		Expect(file + ".resume").NotTo(BeAnExistingFile())
		target := startRedis()
		Expect(stopped(ctx, " values", "-from", file, "-to", target)).To(MatchError(context.Canceled))
		Expect(os.Chtimes(file, time.Time{}, time.Now().Add(time.Minute))).To(Succeed())
		out, err := move(ctx, "-from", file, "-to", target)
		Expect(err).NotTo(HaveOccurred())
		Expect(out).NotTo(ContainSubstring("going on"))
	})

	It("finishes, run again, what was stopped between two stores", func(ctx context.Context) {
		target := startRedis()
		Expect(stopped(ctx, " values", "-to", target)).To(MatchError(context.Canceled))
		Expect(look(target).Count(ctx)).To(BeNumerically("<", 20_000))
		_, err := move(ctx, "-to", target)
		Expect(err).NotTo(HaveOccurred())
		Expect(look(target).Count(ctx)).To(Equal(20_000))
	})

	It("leaves no file behind that is not complete, and overwrites none", func(ctx context.Context) {
		Expect(stopped(ctx, " values", "-to", file)).To(MatchError(context.Canceled))
		Expect(filepath.Glob(file + "*")).To(BeEmpty())
		_, err := move(ctx, "-records", "5", "-to", file)
		Expect(err).NotTo(HaveOccurred())
		_, err = move(ctx, "-records", "5", "-to", file)
		Expect(err).To(MatchError(HaveSuffix("shop.jsonl is there already")))
	})

	It("ends at a value that does not fit, or leaves it out and names it", func(ctx context.Context) {
		source := startRedis()
		_, err := move(ctx, "-records", "50", "-to", source)
		Expect(err).NotTo(HaveOccurred())
		plain := kv.MustOpen(kv.Static("shop").Field("customers", kv.Dynamic(kv.Static("customer").String("profile"))), driverOf(source))
		Expect(plain.Take[kv.DynamicStore[kv.StaticStore]]("customers").Take("c3").Take[kv.StringField]("profile").Write(ctx, "{}")).To(Succeed())
		_, err = move(ctx, "-from", source)
		Expect(err).To(MatchError(kv.ErrCorrupt))
		out, err := move(ctx, "-from", source, "-lenient")
		Expect(err).NotTo(HaveOccurred())
		Expect(out).To(And(ContainSubstring("left out: kv: Copy shop:customers:c3:profile: "), ContainSubstring("moved 49 values")))
	})

	DescribeTable("refuses what it cannot do",
		func(ctx context.Context, message string, args ...string) {
			_, err := move(ctx, args...)
			Expect(err).To(MatchError(ContainSubstring(message)))
			Expect(err.Error()).NotTo(ContainSubstring("hush"))
		},
		Entry("another kind of place", `"mysql://x" is no place`, "-to", "mysql://x"),
		Entry("another kind of file", `"shop.csv" is no place`, "-from", "shop.csv"),
		Entry("a URL that is none", "redis://:xxxxx@localhost:6379/x: ", "-from", "redis://:hush@localhost:6379/x"),
		Entry("a cluster that is none", "cluster://", "-from", "cluster://:hush@localhost:7000?db=x"),
		Entry("two files", "both are files", "-from", "a.jsonl", "-to", "b.jsonl"),
		Entry("a file that is not there", "no such file", "-from", "nowhere.jsonl"),
		Entry("arguments", `"there" is no flag`, "there"),
		Entry("a flag there is not", "flag provided but not defined", "-there", "x"),
		Entry("a Redis that is not there", "connection refused", "-from", "redis://:hush@127.0.0.1:1?max_retries=-1"),
	)

	It("explains itself", func(ctx context.Context) {
		var help bytes.Buffer
		Expect(run(ctx, []string{"-help"}, io.Discard, &help)).To(MatchError(flag.ErrHelp))
		Expect(help.String()).To(And(ContainSubstring("-from where"), ContainSubstring("redis://host:port/db")))
	})
})

// driverOf is a driver of its own for a place.
func driverOf(where string) drivers.Driver {
	GinkgoHelper()
	driver, err := connect(where)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(drivers.Close, driver)
	return driver
}

var _ = Describe("The progress bar", func() {
	var (
		out bytes.Buffer
		now time.Time
		b   *bar
	)
	BeforeEach(func() {
		out.Reset()
		now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		b = newBar(&out)
		b.now, b.started = func() time.Time { return now }, now
	})

	It("is one line on a terminal, drawn again at most every 50 ms, and when all is done", func() {
		b.terminal = true
		b.show(0, 100, 0)
		now = now.Add(49 * time.Millisecond)
		b.show(10, 100, 10)
		now = now.Add(time.Second)
		b.show(50, 100, 50)
		b.show(100, 100, 100)
		b.end()
		b.end()
		Expect(strings.Split(out.String(), "\r")).To(Equal([]string{
			"",
			"[" + strings.Repeat("░", 30) + "]   0 %  0 values\x1b[K",
			"[" + strings.Repeat("█", 15) + strings.Repeat("░", 15) + "]  50 %  50 values  48/s\x1b[K",
			"[" + strings.Repeat("█", 30) + "] 100 %  100 values  95/s\x1b[K\n",
		}))
	})

	It("is a line for every tenth elsewhere", func() {
		for i := range int64(101) {
			b.show(i, 100, int(i))
		}
		Expect(strings.Count(out.String(), "\n")).To(Equal(11))
		Expect(out.String()).NotTo(ContainSubstring("\r"))
	})

	It("bears with numbers that make no sense", func() {
		for _, numbers := range [][2]int64{{0, 0}, {5, 0}, {-1, 10}, {11, 10}} {
			Expect(func() { b.show(numbers[0], numbers[1], 0) }).NotTo(Panic())
		}
	})
})
