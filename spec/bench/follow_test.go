//go:build unix

package bench

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

const (
	// ofOthers is how many writes a second a follower is to bear that do not concern it, for allowedShare of a CPU.
	ofOthers     = 50_000
	allowedShare = 0.02
	writesOfLoad = 300_000
)

// BenchmarkFollower measures what the process of a follower takes of a CPU while another program writes. One follows keys that
// begin otherwise; the other so many that have nothing in common that the server tells it of every key.
func BenchmarkFollower(b *testing.B) {
	if _, err := exec.LookPath("redis-benchmark"); err != nil {
		b.Skip(err)
	}
	server := startRedis(b)
	client := clientOf(b, server)
	unlike := make([]string, 60)
	for i := range unlike {
		unlike[i] = string(rune('A' + i))
	}
	for _, c := range []struct {
		name string
		keys []string
		bar  bar
	}{
		{"of other keys", []string{"followed"}, bar{text: "≤ 2 %", met: func(r result) bool { return r.ours <= allowedShare }}},
		{"of keys too unlike for the server to tell apart", unlike, noBar},
	} {
		b.Run(c.name, func(b *testing.B) {
			driver := redisdriver.New(client)
			b.Cleanup(func() { must(b, driver.Close()) })
			var ours, without []float64
			for range 5 {
				without = append(without, shareUnderLoad(b, server))
				end := followed(b, driver, c.keys)
				ours = append(ours, shareUnderLoad(b, server))
				end()
			}
			slices.Sort(ours)
			slices.Sort(without)
			ratio := interleave.Spread{Low: ours[1] / allowedShare, Median: ours[2] / allowedShare, High: ours[3] / allowedShare}
			b.ReportMetric(100*ours[2], "%cpu")
			report.add(row{measurement{group: followers, name: "a follower " + c.name, bar: c.bar, unit: percent}, result{ours[2], without[2], ratio, len(ours)}, nil})
		})
	}
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// followed follows keys until end is called.
func followed(b *testing.B, driver drivers.Driver, keys []string) (end func()) {
	b.Helper()
	own, cancel := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		for _, err = range drivers.Follow(own, driver, keys, func() { close(ready) }) {
		}
		ended <- err
	}()
	select {
	case <-ready:
	case err := <-ended:
		must(b, err)
	}
	return func() {
		cancel()
		<-ended
	}
}

// shareUnderLoad is what this process takes of a CPU while another one writes as much as it can, or ofOthers a second if that is more.
func shareUnderLoad(b *testing.B, server *redisserver.Server) float64 {
	b.Helper()
	host, port, err := net.SplitHostPort(server.Addr())
	must(b, err)
	load := exec.Command("redis-benchmark", "-h", host, "-p", port, "-q", "-n", fmt.Sprint(writesOfLoad), "-r", "100000", "-P", "8", "-c", "10",
		"set", "key:__rand_int__", "value")
	before, began := usedCPU(b), time.Now()
	must(b, load.Run())
	used, lasted := usedCPU(b)-before, time.Since(began)
	rate := writesOfLoad / lasted.Seconds()
	b.ReportMetric(rate, "writes/s")
	return used.Seconds() / lasted.Seconds() * max(1, ofOthers/rate)
}

func usedCPU(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
