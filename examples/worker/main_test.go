package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// TestMain is the worker itself where the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("WORKER") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestNothingIsLostWhateverIsKilled(t *testing.T) {
	expect := NewWithT(t)
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		t.Skip("left out, because there is no redis-server:", err)
	}
	expect.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(server.Stop)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	office, err := openOffice(redisdriver.New(client))
	expect.Expect(err).NotTo(HaveOccurred())
	for i := range 100 {
		job := fmt.Sprint("job ", i)
		switch i {
		case 10:
			job = "poison"
		case 20:
			job = "long"
		}
		_, err := office.Jobs.Append(t.Context(), job)
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
	expect.Eventually(func() ([]int, error) {
		done, err := office.Done.Len(t.Context())
		dead, deadErr := office.Dead.Len(t.Context())
		if err == nil {
			err = deadErr
		}
		return []int{done, dead}, err
	}).WithTimeout(time.Minute).Should(Equal([]int{99, 1}))
	before := deaths.Load()
	stop()
	supervisors.Wait()

	expect.Expect(before).To(BeEquivalentTo(4), "three by the poison, one by kill -9")
	buried, err := office.Dead.Range("", "").Page(t.Context(), 10)
	expect.Expect(err).NotTo(HaveOccurred())
	expect.Expect(buried).To(HaveExactElements(HaveField("Value", "poison")))
	expect.Expect(office.Done.Has(t.Context(), "long")).To(BeTrue())
	for pending, err := range office.Jobs.Group("workers").Pending(t.Context(), "", 0) {
		t.Error("left:", pending, err)
	}
}
