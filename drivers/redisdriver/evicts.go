package redisdriver

import (
	"context"
	"strings"
)

// Evicts implements drivers.Evicter: Redis drops keys of any kind where maxmemory is limited
// and maxmemory-policy is one of allkeys-…. Where the server does not answer INFO it is assumed not to.
// One round trip (INFO memory).
func (d *Driver) Evicts(ctx context.Context, key string) (bool, error) {
	if err := d.admit(ctx); err != nil {
		return false, err
	}
	node, err := d.nodeOf(ctx, key)
	if err != nil {
		return false, classify(ctx, err, false)
	}
	info := node.Info(ctx, "memory")
	if err := info.Err(); err != nil {
		if isAnswer(err) {
			return false, nil
		}
		return false, classify(ctx, err, false)
	}
	return evicts(info.Val()), nil
}

// evicts reads what INFO memory says. lua/index_before.lua reads it, too.
func evicts(info string) bool {
	return strings.Contains(info, "maxmemory_policy:allkeys") && !strings.Contains(info, "maxmemory:0\r")
}
