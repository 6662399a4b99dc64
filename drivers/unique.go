package drivers

import (
	"cmp"
	"strings"
)

// Unique refuses a write as its unique entries would be, from what read finds, so that a
// transaction knows before it commits. It takes up to three calls of read for each such entry.
// evicts is asked as Evicts is where an entry would begin a store.
func Unique(cmd Command, read ReadAll, evicts func() (bool, error)) error {
	u := uniqueness{predictor{cmd, read}, evicts}
	for i := range cmd.Indexes() {
		if err := u.check(&cmd.Indexes()[i]); err != nil {
			return err
		}
	}
	return nil
}

// uniqueness is a write with what its unique entries are checked by.
type uniqueness struct {
	predictor
	evicts func() (bool, error)
}

// check refuses what an index would: first what it could not know, then what another has.
func (u *uniqueness) check(ix *Index) error {
	members := map[Entry][]string{}
	for _, entry := range ix.Entries {
		if !entry.Unique {
			continue
		}
		held, err := u.members(ix, entry)
		if err != nil {
			return err
		}
		members[entry] = held
	}
	for _, entry := range ix.Entries {
		for _, member := range members[entry] {
			if err := u.held(ix, entry, member[len(entry.Value):]); err != nil {
				return err
			}
		}
	}
	return nil
}

// members are those that an index has of a unique entry's value.
func (u *uniqueness) members(ix *Index, entry Entry) ([]string, error) {
	index := IndexKey(ix.Registry, entry.Name)
	held := Command{Op: OpZRangeByLex, Key: index, Extra: &Extra{Min: "[" + entry.Value, Max: "(" + AfterValue(entry.Value)}}
	items, err := u.ask(held, Command{Op: OpZScore, Key: index, Value: Seal}, Command{Op: OpHGet, Key: ix.Registry, Value: Seal})
	if err == nil && (!items[1].Reply.Sealed() || !items[2].Reply.Sealed()) {
		err = u.begins(ix, held)
	}
	if err != nil {
		return nil, err
	}
	return items[0].Reply.Values, nil
}

// held refuses a unique entry that another id has, if that is there.
func (u *uniqueness) held(ix *Index, entry Entry, holder string) error {
	if holder == ix.ID || holder == "" {
		return nil
	}
	there, err := u.ask(Command{Op: OpExists, Key: strings.TrimSuffix(ix.Key, ix.ID) + holder})
	if err != nil || there[0].Reply.Int == 0 {
		return err
	}
	return &DuplicateError{Index: IndexKey(ix.Registry, entry.Name), Holder: holder}
}

// begins refuses a unique entry of an index that is not sealed, unless the store begins with it.
func (u *uniqueness) begins(ix *Index, first Command) error {
	commands := []Command{first, {Op: OpExists, Key: ix.Key}}
	for key := range ix.StoreKeys() {
		commands = append(commands, Command{Op: OpExists, Key: key})
	}
	items, err := u.ask(commands...)
	if err != nil {
		return err
	}
	for _, item := range items[1:] {
		if item.Reply.Int == 1 {
			return Errorf(ErrIncomplete, "%s", first.Key)
		}
	}
	if evicts, err := u.evicts(); err != nil || evicts {
		return cmp.Or(err, Errorf(ErrIncomplete, "%s", first.Key))
	}
	return nil
}
