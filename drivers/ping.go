package drivers

import (
	"context"
	"time"
)

// Pinger is the optional ability to reach all that a driver's store consists of.
type Pinger interface {
	// Ping asks every server that the driver's commands may go to, without reading or writing
	// what is stored. Its error names each that does not answer as it should. Where a server
	// is silent it ends with ctx.
	Ping(ctx context.Context) error
}

// pingTime is how long Ping waits where the context does not say.
const pingTime = 5 * time.Second

// Ping is a health check of any driver: nil as long as commands can be executed, and else what is
// wrong. It ends with ctx, and after 5 s at the latest. A driver that is no Pinger is asked for the time.
func Ping(ctx context.Context, d Driver) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if pinger, ok := d.(Pinger); ok {
		return pinger.Ping(ctx)
	}
	_, err := d.Do(ctx, Command{Op: OpTime, Key: "ping"})
	return err
}
