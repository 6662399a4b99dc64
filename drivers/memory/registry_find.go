package memory

import "github.com/kvstore-go/kvstore/drivers"

// find reads the group of ranges with the fewest members, and what the registry has of them.
func find(ks keyspace, cmd drivers.Command) (reply drivers.Reply, err error) {
	h, err := hashOf(ks.find(cmd.Key))
	if err != nil {
		return drivers.Reply{}, err
	}
	groups := cmd.IndexRanges()
	fewest := -1
	for i, group := range groups {
		size := 0
		for _, r := range group {
			z, err := sortedSetOf(ks.find(r.Index))
			if err != nil {
				return drivers.Reply{}, err
			}
			from, to := z.lexRange(r.Min, r.Max)
			size += to - from
			reply.Ints = append(reply.Ints, int64(to-from))
		}
		if fewest < 0 || size < fewest {
			fewest, reply.Int = size, int64(i)
		}
	}
	left := int(min(cmd.Amount, int64(fewest)))
	for _, r := range groups[reply.Int] {
		z, _ := sortedSetOf(ks.find(r.Index)) //nolint:errcheck // it is one
		from, to := z.lexRange(r.Min, r.Max)
		skip, size := from, min(to-from, left)
		if cmd.Reverse {
			skip = z.len() - to
		}
		if left -= size; size == 0 {
			continue
		}
		z.walk(cmd.Reverse)(skip, func(s scored) bool {
			packed, _ := h.get(drivers.IDOf(s.member))
			reply.Values = append(reply.Values, s.member, packed)
			size--
			return size > 0
		})
	}
	return reply, nil
}
