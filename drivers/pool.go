package drivers

import "time"

// Pooled is the optional ability of a driver with connections to tell of them.
type Pooled interface {
	// Pool counts the connections to all servers together. It asks none of them.
	Pool() PoolStats
}

// PoolStats are the connections that a driver has, and what has become of those who wanted one.
type PoolStats struct {
	InUse, Idle int           // connections now
	Waits       int64         // how often somebody had to wait for one, so far
	Waited      time.Duration // and how long, all together
	Timeouts    int64         // how often somebody waited in vain
}

// Pool tells of d's connections, or returns errors.ErrUnsupported if d is not Pooled.
func Pool(d Driver) (PoolStats, error) {
	if pooled, ok := d.(Pooled); ok {
		return pooled.Pool(), nil
	}
	if w, ok := d.(*wrapped); ok {
		return Pool(w.driver)
	}
	return PoolStats{}, unsupported(d, "count connections")
}
