package memory

import (
	"context"
	"iter"
	"time"
)

// sweptForFollowers is how often keys whose time is over are removed while somebody follows, so
// that he hears of them: as often as Redis does it.
const sweptForFollowers = 100 * time.Millisecond

// Follow tells of changes of keys as drivers.Follower says. A loop that falls more than 16,384
// keys behind misses some, and learns so. A key that expires is told within a tenth of a second,
// of the real clock.
func (d *Driver) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := d.ready(ctx); err != nil {
			yield("", err)
			return
		}
		d.Sweep() // what is over by now is no change
		f := d.follows.Join(keys, true)
		defer f.Leave()
		ticker := time.NewTicker(sweptForFollowers)
		defer ticker.Stop()
		f.Each(ready, func(some <-chan struct{}) error {
			select {
			case <-some:
			case <-ticker.C:
				d.Sweep()
			case <-ctx.Done():
			case <-d.closing:
			}
			return d.ready(ctx)
		})(yield)
	}
}
