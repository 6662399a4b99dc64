package redisdriver

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Pool is how the connections of the client are used now, those to all servers of a cluster together.
// It asks no server. How many wait now go-redis does not tell of a cluster: Pending is 0 there.
func (d *Driver) Pool() drivers.Pool {
	if d.initErr != nil {
		return drivers.Pool{}
	}
	stats := d.client.PoolStats()
	pool := poolOf(stats)
	pool.Retries = d.retries.Load()
	if stats.PipelineStats != nil {
		pipelines := poolOf((*redis.PoolStats)(stats.PipelineStats))
		pool.InUse += pipelines.InUse
		pool.Idle += pipelines.Idle
		pool.Pending += pipelines.Pending
		pool.Waits += pipelines.Waits
		pool.Waited += pipelines.Waited
		pool.Timeouts += pipelines.Timeouts
	}
	return pool
}

func poolOf(stats *redis.PoolStats) drivers.Pool {
	return drivers.Pool{
		InUse:    max(0, int64(stats.TotalConns)-int64(stats.IdleConns)), // which are not read at one time
		Idle:     int64(stats.IdleConns),
		Pending:  int64(stats.PendingRequests),
		Waits:    int64(stats.WaitCount),
		Waited:   time.Duration(stats.WaitDurationNs),
		Timeouts: int64(stats.Timeouts),
	}
}
