package redisvalue

// Elements makes of two places, of the first and of the last, half-open places [from, to) of
// what has length elements: negative ones count from the end, and those beyond the ends are the
// ends. An empty range is [0, 0).
func Elements(first, last, length int64) (from, to int64) {
	if first < 0 {
		first = max(first+length, 0)
	}
	if last < 0 {
		last += length
	}
	if last = min(last, length-1); first > last {
		return 0, 0
	}
	return first, last + 1
}
