package redisdriver

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Open makes a driver of the URL of a server: redis://user:password@host:6379/0, rediss://… with TLS, unix:///path/to/socket.
// Its parameters are those of [redis.ParseURL]; ContextTimeoutEnabled is set.
//
// The driver has a client of its own, which Close closes. Use New for what a URL cannot say, such as Sentinel, and for
// Check. No round trip. A URL that cannot be used is drivers.ErrInvalid.
//
// What names go-redis's clients takes the Go compiler a second longer. A package that calls Open alone does not.
func Open(address string) (drivers.Driver, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, refusal(err)
	}
	options.ContextTimeoutEnabled = true
	return &owner{New(redis.NewClient(options))}, nil
}

// OpenCluster is Open of a cluster: of one of its servers, or of several, redis://host:6379?addr=other:6379. Its parameters
// are those of [redis.ParseClusterURL]; new masters are looked for each second.
func OpenCluster(address string) (drivers.Driver, error) {
	options, err := redis.ParseClusterURL(address)
	if err != nil {
		return nil, refusal(err)
	}
	options.ContextTimeoutEnabled, options.ClusterStateReloadInterval = true, time.Second
	return &owner{New(redis.NewClusterClient(options))}, nil
}

func refusal(err error) error {
	if malformed := new(url.Error); errors.As(err, &malformed) { // whose text has the password
		return drivers.Errorf(drivers.ErrInvalid, "redisdriver: the address is no URL, as redis://localhost:6379 is")
	}
	if strings.Contains(err.Error(), "invalid URL scheme") {
		return drivers.Errorf(drivers.ErrInvalid, "%w: an address is a URL, as redis://localhost:6379 is", err)
	}
	return drivers.Join(drivers.ErrInvalid, err)
}

// owner is a driver whose client nobody else has.
type owner struct{ *Driver }

// Close ends the driver and closes its client. It may be called twice.
func (o *owner) Close() error {
	if o.closed.Load() {
		return nil
	}
	return errors.Join(o.Driver.Close(), o.client.Close())
}
