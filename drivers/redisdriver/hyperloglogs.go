package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// hyperLogLogOperations are those of HyperLogLogs.
var hyperLogLogOperations = operations{
	drivers.OpPFAdd:   {args: withValues("pfadd"), reply: integer, starts: ownKey, each: 1, parts: either},
	drivers.OpPFCount: {args: withKeys("pfcount"), reply: integer, keys: otherKeys},
	drivers.OpPFMerge: {args: withKeys("pfmerge"), reply: done, keys: otherKeys, starts: ownKey},
}
