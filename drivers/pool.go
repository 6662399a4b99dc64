package drivers

import "time"

// Pool is how a client's connections are used, as a driver tells it that has any.
// What is counted in all is so since the client, or the driver, was made.
type Pool struct {
	InUse, Idle int64
	Pending     int64         // callers that wait for a connection now
	Waits       int64         // callers that have had to wait for one, in all
	Waited      time.Duration // for how long, in all
	Timeouts    int64         // those that waited in vain, in all
	Retries     int64         // what the driver sent again, as slots or masters were on the move, in all
}
