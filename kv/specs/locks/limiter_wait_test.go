package locks_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// In a time that passes only while everybody waits.
func TestLimitersWaitExactlyAsLongAsTheyMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := NewWithT(t), time.Now()
		trips := kvtest.New(memory.New())
		limiter := kv.MustOpen(kv.Limiter(kv.Per(10, time.Second).Burst(2), kv.Per(5, time.Hour).Burst(4)), trips.Driver, kv.At("l"))
		for _, after := range []time.Duration{0, 0, 100 * time.Millisecond, 200 * time.Millisecond, 12 * time.Minute, 24 * time.Minute} {
			g.Expect(limiter.Wait(t.Context())).To(HaveField("Allowed", true))
			g.Expect(time.Since(start)).To(Equal(after))
		}
		g.Expect(trips.Trips.Taken()).To(Equal(2+4*2), "it asks again once the time has come, and no earlier")
	})
}
