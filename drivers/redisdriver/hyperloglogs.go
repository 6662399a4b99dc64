package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// hyperLogLogOperations are those of HyperLogLogs.
var hyperLogLogOperations = operations{
	drivers.OpPFAdd:   {call: withValues("pfadd"), reply: integer, starts: ownKey, each: 1, parts: either},
	drivers.OpPFCount: {call: withKeys("pfcount"), reply: integer, keys: otherKeys},
	drivers.OpPFMerge: {call: withKeys("pfmerge"), reply: done, keys: otherKeys, starts: ownKey},
}
