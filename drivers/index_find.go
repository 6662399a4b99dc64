package drivers

import "strings"

// IndexRange is a part of an index: the members between two ends, in Redis's notation.
type IndexRange struct {
	Index    string // the key of the index
	Min, Max string
}

// Find is an OpFind: it chooses of several groups of ranges that with the fewest members, the first
// of those with as few, and reads up to amount of them, range by range, each with what the
// registry has of its id: PackEntries, or nothing. The id is what IDOf says of a member.
func Find(registry string, groups [][]IndexRange, amount int64) Command {
	cmd := Command{Op: OpFind, Key: registry, Amount: amount}
	extra := cmd.OwnExtra()
	for _, group := range groups {
		joint := ""
		for _, r := range group {
			extra.Keys, cmd.Values = append(extra.Keys, r.Index), append(cmd.Values, joint, r.Min, r.Max)
			joint = sameGroup
		}
	}
	return cmd
}

// sameGroup is what OpFind has before a range of the group of the one before it.
const sameGroup = "or"

// wordsOfRange is how many Values OpFind has for each of its Keys.
const wordsOfRange = 3

// IndexRanges are the groups of an OpFind.
func (c *Command) IndexRanges() (groups [][]IndexRange) {
	for i, index := range c.Keys() {
		words := c.Values[wordsOfRange*i:]
		if words[0] == "" {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], IndexRange{index, words[1], words[2]})
	}
	return groups
}

// IDOf is the id of a member of an index: what follows its last zero byte, which no id has.
func IDOf(member string) string { return member[strings.LastIndexByte(member, 0)+1:] }

func checkFind(cmd Command) error {
	if len(cmd.Keys()) == 0 || len(cmd.Values) != wordsOfRange*len(cmd.Keys()) || cmd.Values[0] != "" {
		return Errorf(ErrInvalid, "%v of no ranges", cmd.Op)
	}
	if cmd.Amount < 1 {
		return Errorf(ErrInvalid, "%v of %d members", cmd.Op, cmd.Amount)
	}
	for i := range cmd.Keys() {
		words := cmd.Values[wordsOfRange*i:]
		if words[0] != "" && words[0] != sameGroup {
			return Errorf(ErrInvalid, "%v of a range that is of no group", cmd.Op)
		}
		if err := checkLex(Command{Op: cmd.Op, Extra: &Extra{Min: words[1], Max: words[2]}}); err != nil {
			return err
		}
	}
	return nil
}
