package redisdriver

import (
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// WithAutoPipeline sends single commands through go-redis's AutoPipeline, which
// joins the commands of many goroutines to pipelines: more throughput for many
// callers, a little more latency for one. Without options it uses those of the
// client, or go-redis's defaults.
//
// A client has one AutoPipeline, shared by all who ask for it; the options of the
// first count. Drivers share it and the last of them to be closed closes it.
func WithAutoPipeline(options ...*redis.AutoPipelineOptions) Option {
	return func(d *Driver) error {
		var config *redis.AutoPipelineOptions
		if len(options) > 0 {
			config = options[len(options)-1]
		}
		lease, err := newLease(d.client, config)
		if err != nil {
			return drivers.Join(drivers.ErrInvalid, err)
		}
		d.lease, d.single = lease, lease.pipeliner
		return nil
	}
}

// lease is a driver's share of a client's AutoPipeline.
type lease struct{ pipeliner *redis.AutoPipeliner }

// leases counts the drivers that use an AutoPipeline.
var (
	leasesMu sync.Mutex
	leases   = map[*redis.AutoPipeliner]int{}
)

func newLease(client redis.UniversalClient, config *redis.AutoPipelineOptions) (*lease, error) {
	leasesMu.Lock()
	defer leasesMu.Unlock()
	pipeliner, err := client.AutoPipelineWithOptions(config)
	if err != nil {
		return nil, err
	}
	leases[pipeliner]++
	return &lease{pipeliner}, nil
}

func (l *lease) release() error {
	leasesMu.Lock()
	defer leasesMu.Unlock()
	if leases[l.pipeliner]--; leases[l.pipeliner] > 0 {
		return nil
	}
	delete(leases, l.pipeliner)
	return l.pipeliner.Close()
}
