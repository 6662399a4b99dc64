package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// seal marks a registry and its indexes, or makes seals of the marks.
func seal(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	r := registry{Index: &drivers.Index{Registry: cmd.Key}, ks: ks}
	h, err := hashOf(ks.find(cmd.Key))
	if err != nil {
		return drivers.Reply{}, err
	}
	for _, key := range cmd.Keys() {
		if _, err := sortedSetOf(ks.find(key)); err != nil {
			return drivers.Reply{}, err
		}
	}
	sealed := make([]int64, 1+len(cmd.Keys()))
	mark := strconv.FormatInt(cmd.Mark(), 10)
	held, there := h.get(drivers.Seal)
	write, done := sealing(cmd, there && held == "", there && held == mark)
	if done {
		sealed[0], mark = 1, ""
	}
	if write {
		r.register(drivers.Seal, mark)
	}
	for i, key := range cmd.Keys() {
		z, _ := sortedSetOf(ks.find(key)) //nolint:errcheck // it is one
		held, there := z.score(drivers.Seal)
		score := -float64(cmd.Mark())
		write, done := sealing(cmd, there && held == 0, there && held == score)
		if done {
			sealed[1+i], score = 1, 0
		}
		if write {
			ks.addMember(key, drivers.Seal, score)
		}
	}
	return drivers.Reply{Ints: sealed}, nil
}

// sealing is whether there is something to write into a key that is sealed or marked, or
// neither, and whether it is sealed then.
func sealing(cmd drivers.Command, sealed, marked bool) (write, done bool) {
	switch {
	case sealed:
		return false, true
	case !cmd.SealsMarks():
		return !marked, false
	}
	return marked, marked
}
