package redisdriver

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Pool implements drivers.Pooled, with the connections that a client keeps for pipelines.
func (d *Driver) Pool() drivers.PoolStats {
	var all drivers.PoolStats
	if d.initErr != nil {
		return all
	}
	for stats := d.client.PoolStats(); stats != nil; stats = (*redis.PoolStats)(stats.PipelineStats) {
		idle := int(stats.IdleConns)
		all.InUse += max(0, int(stats.TotalConns)-idle) // the two are counted one after the other
		all.Idle += idle
		all.Waits += int64(stats.WaitCount)
		all.Waited += time.Duration(stats.WaitDurationNs)
		all.Timeouts += int64(stats.Timeouts)
	}
	return all
}
