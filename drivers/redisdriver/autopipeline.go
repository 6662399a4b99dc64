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
		share, err := newShare(d.client, config)
		if err != nil {
			return drivers.Join(drivers.ErrInvalid, err)
		}
		d.share, d.single = share, share.pipeliner
		return nil
	}
}

// share is a driver's share of a client's AutoPipeline.
type share struct{ pipeliner *redis.AutoPipeliner }

// shares counts the drivers that use an AutoPipeline.
var (
	sharesMu sync.Mutex
	shares   = map[*redis.AutoPipeliner]int{}
)

func newShare(client redis.UniversalClient, config *redis.AutoPipelineOptions) (*share, error) {
	sharesMu.Lock()
	defer sharesMu.Unlock()
	pipeliner, err := client.AutoPipelineWithOptions(config)
	if err != nil {
		return nil, err
	}
	shares[pipeliner]++
	return &share{pipeliner}, nil
}

func (s *share) release() error {
	sharesMu.Lock()
	defer sharesMu.Unlock()
	if shares[s.pipeliner]--; shares[s.pipeliner] > 0 {
		return nil
	}
	delete(shares, s.pipeliner)
	return s.pipeliner.Close()
}
