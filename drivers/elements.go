package drivers

// Elements makes Start and Stop, the place of the last, half-open places [from, to) of
// what has length elements, as Redis does: negative ones count from the end, and those
// beyond the ends are the ends. An empty range is [0, 0).
func (cmd Command) Elements(length int64) (from, to int64) {
	from, last := cmd.Start, cmd.Stop
	if from < 0 {
		from = max(from+length, 0)
	}
	if last < 0 {
		last += length
	}
	if last = min(last, length-1); from > last {
		return 0, 0
	}
	return from, last + 1
}
