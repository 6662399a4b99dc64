package drivers

import "time"

// Pool is how a client's connections are used, as a driver tells it that has any.
type Pool struct {
	InUse, Idle int64
	Pending     int64         // callers that wait for a connection now
	Waits       int64         // callers that have had to wait for one, in all
	Waited      time.Duration // for how long, in all
	Timeouts    int64         // those that waited in vain, in all
}
