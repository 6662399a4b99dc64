package fetch_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// What another program is told by its environment.
const (
	helperServer = "KVSTORE_FETCH_SERVER"
	helperCrowd  = "KVSTORE_FETCH_CROWD"
)

// Where load counts how often it is called, and what it waits for.
const (
	loadsKey = "loads"
	gateKey  = "gate"
)

// help is another program: a crowd that fetches one value. It says when all of them have asked, and when all have it.
func help(addr string) {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: addr, PoolSize: 20})
	store := kvtest.New(redisdriver.New(client))
	one := openPages(store).Take("1")
	number, err := strconv.Atoi(os.Getenv(helperCrowd))
	if err != nil {
		panic(err)
	}
	var all sync.WaitGroup
	for range number {
		all.Go(func() {
			title, err := one.Title.Fetch(ctx, func(ctx context.Context) (string, error) {
				if err := client.Incr(ctx, loadsKey).Err(); err != nil {
					return "", err
				}
				return "Foo", client.BLPop(ctx, time.Minute, gateKey).Err()
			})
			if err != nil || title != "Foo" {
				panic(fmt.Sprint(title, err))
			}
		})
	}
	for store.Trips.Of(drivers.OpGet) < number {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("asked")
	all.Wait()
	fmt.Println("got")
}

// program is another program that runs.
type program struct {
	*exec.Cmd
	says *bufio.Scanner
}

// startProgram starts one with a crowd.
func startProgram(crowd int) program {
	GinkgoHelper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperServer+"="+kvtest.Servers.Single.Addr(), fmt.Sprint(helperCrowd, "=", crowd))
	cmd.Stderr = GinkgoWriter
	output, err := cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(cmd.Start()).To(Succeed())
	DeferCleanup(func() { _ = cmd.Process.Kill() })
	return program{cmd, bufio.NewScanner(output)}
}

// say waits until a program says something.
func (p program) say(word string) {
	GinkgoHelper()
	Expect(p.says.Scan()).To(BeTrue())
	Expect(p.says.Text()).To(Equal(word))
}

var _ = Describe("Many programs that fetch the same", Label(suite.Redis), func() {
	var client *redis.Client
	BeforeEach(func(ctx context.Context) {
		kvtest.Redis(ctx)
		client = kvtest.Servers.Client
	})
	loads := func() string { return client.Get(context.Background(), loadsKey).Val() }

	It("load it once: 1,000 goroutines in 4 processes", func(ctx context.Context) {
		var programs []program
		for range 4 {
			programs = append(programs, startProgram(250))
		}
		for _, p := range programs {
			p.say("asked")
		}
		Expect(client.RPush(ctx, gateKey, "open").Err()).To(Succeed())
		for _, p := range programs {
			p.say("got")
			Expect(p.Wait()).To(Succeed())
		}
		Expect(loads()).To(Equal("1"))
	})

	It("load it once more where the one that loads is killed", Label(suite.Slow), func(ctx context.Context) {
		dies := startProgram(1)
		Eventually(loads).Should(Equal("1"))
		lives := startProgram(250)
		lives.say("asked")
		Expect(dies.Process.Kill()).To(Succeed())
		Eventually(loads).Should(Equal("2"))
		Expect(client.RPush(ctx, gateKey, "open", "for whoever else").Err()).To(Succeed())
		lives.say("got")
		Expect(lives.Wait()).To(Succeed())
		Expect(loads()).To(Equal("2"))
	})
})
