package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// TestMain is the worker itself where the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("WORKER") != "" {
		main()
	} else {
		os.Exit(m.Run())
	}
}

func TestNothingIsLostWhateverIsKilled(t *testing.T) {
	expect := NewWithT(t)
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		t.Skip("left out, because there is no redis-server:", err)
	}
	expect.Expect(err).NotTo(HaveOccurred())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(server.Stop)
	office, err := openOffice(redisdriver.New(client))
	expect.Expect(err).NotTo(HaveOccurred())
	for i := range 100 {
		special := map[int]string{10: "poison", 40: "long"}[i]
		_, err := office.Jobs.Append(t.Context(), cmp.Or(special, fmt.Sprint("job ", i)))
		expect.Expect(err).NotTo(HaveOccurred())
	}
	working, stop := context.WithCancel(t.Context())
	defer stop()
	var deaths atomic.Int64
	var supervisors sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		supervisors.Go(func() { // which starts the worker again when it dies
			for working.Err() == nil {
				worker := exec.CommandContext(working, os.Args[0])
				worker.Env = append(os.Environ(), "WORKER="+name, "REDIS_ADDR="+server.Addr())
				worker.Stderr, worker.Cancel = os.Stderr, func() error { return worker.Process.Signal(os.Interrupt) }
				output, err := worker.StdoutPipe()
				if err != nil || worker.Start() != nil {
					t.Error("a worker cannot be started:", err)
					return
				}
				for lines := bufio.NewScanner(output); lines.Scan(); {
					_ = worker.Process.Kill() // kill -9, in the middle of the job
				}
				if worker.Wait() != nil {
					deaths.Add(1)
				}
			}
		})
	}
	expect.Eventually(func() []int {
		done, _ := office.Done.Len(t.Context())
		dead, _ := office.Dead.Len(t.Context())
		return []int{done, dead}
	}).WithTimeout(suite.Patience).Should(Equal([]int{99, 1}))
	before := deaths.Load()
	stop()
	supervisors.Wait()
	expect.Expect(before).To(BeEquivalentTo(4), "three by the poison, one by kill -9")
	expect.Expect(office.Dead.Range("", "").Page(t.Context(), 10)).To(HaveExactElements(HaveField("Value", "poison")))
	for pending, err := range office.Jobs.Group("workers").Pending(t.Context(), "", 0) {
		t.Error("left:", pending, err)
	}
}
