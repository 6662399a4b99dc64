package redisvalue

import "slices"

// Fields are the fields of pairs with their values, of which the last counts.
func Fields(pairs []string) map[string]string {
	fields := make(map[string]string, len(pairs)/2)
	for pair := range slices.Chunk(pairs, 2) {
		fields[pair[0]] = pair[1]
	}
	return fields
}
