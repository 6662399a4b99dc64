package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// What is counted of an entry is what it is asked to keep: the key, every text, and the numbers beside
// them. What the driver itself needs to find that again is not.
const (
	numberBytes = 8  // a deadline, a score
	idBytes     = 16 // of an entry of a stream
)

// memoryUsage is exact: it walks through the value.
func memoryUsage(e *entry) (drivers.Reply, error) {
	if e == nil {
		return drivers.Reply{Nil: true}, nil
	}
	bytes := len(e.key) + numberBytes
	switch value := e.object().(type) {
	case *members:
		for member := range value.before(newest) {
			bytes += len(member.name)
		}
	case *hash:
		for field := range value.before(newest) {
			bytes += len(field.name) + len(field.value)
		}
		if value.ends != nil {
			bytes += numberBytes * value.ends.len()
		}
	case *sortedSet:
		for member := range value.scores.before(newest) {
			bytes += len(member.name) + numberBytes
		}
	case *sequence:
		value.ascend(0, func(_ int, element []byte) bool {
			bytes += len(element)
			return true
		})
	case *stream:
		bytes += value.bytes()
	default:
		bytes += e.size()
	}
	return drivers.Reply{Int: int64(bytes), Float: 1}, nil
}

func (s *stream) bytes() (bytes int) {
	for entry := range s.ascend(redisvalue.StreamID{}) {
		bytes += idBytes
		for _, text := range s.fields(entry) {
			bytes += len(text)
		}
	}
	return bytes
}
