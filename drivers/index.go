package drivers

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Index is what a write keeps up to date in the same atomic step as a key: the
// registry of the store the key lies below, and the entries of that store's indexes.
//
// After the command, unless that failed, it holds: where Key exists, Registry has ID;
// where Key is absent and Whole, neither Registry nor any index has ID. OpSet and
// OpCompareAndSwap, where they wrote, replace the entries of ID by Entries; other
// commands leave them as they are. OpReconcile says what it does instead.
//
// # Seals
//
// A store may lose keys by itself, as Redis does where its maxmemory-policy evicts any.
// So the registry and the indexes each bear a seal, which says that they have all they
// should: the field Seal of the registry, empty, and the member Seal of an index, of
// score 0. They are given it where the store begins: where neither the registry nor any
// of Names exists, nor Key itself, and the driver does not evict (see Evicts). What is
// lost is made anew without it. A seal with another value is the mark of whoever is
// about to rebuild, and counts for none.
//
// A unique entry is refused as ErrIncomplete, before anything is changed, unless its index
// and the registry have their seals, or the store begins with it. With the last ID that leaves a registry with
// a seal, all of the store's keys go, where they have nothing but their seals and the driver does
// not evict.
type Index struct {
	Key      string // the command's Key, the destination of OpSMove, OpLMove or OpXMove, or any key of OpLMPop or OpZMPop
	Registry string // a hash: the ids of the store's children, with the packed entries of each
	ID       string
	// Whole says that Key is all there is of the child. It then ends with ID.
	Whole bool
	// Names are the store's indexes. Each is a sorted set, IndexKey(Registry, name), of
	// members that are an entry's value followed by the ID, all of score 0.
	// That of the name "" is of the ids themselves: where it is among Names, it has an ID as
	// a member exactly where Registry has it as a field.
	Names   []string
	Entries []Entry
	// Mark is that of whoever rebuilds the registry and the indexes, who may put unique entries
	// into those that bear it in place of the seal.
	Mark int64
	// Stray are entries of ID to take out whatever the registry says, unless they are among Entries.
	Stray []Entry
}

// NoIndexes are those of a write that neither makes its key nor ends it: there is nothing to keep
// up to date, and nobody is to put Indexes into its command.
var NoIndexes = []Index{}

// StoreKeys are the keys that the store itself has: its registry, and those of its indexes.
func (ix *Index) StoreKeys() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(ix.Registry) {
			return
		}
		for _, name := range ix.Names {
			if !yield(IndexKey(ix.Registry, name)) {
				return
			}
		}
	}
}

// Entry is a value of an index.
type Entry struct {
	Name string // one of Index.Names
	// Value sorts as the indexed values do. Another's may begin with it only if the byte
	// \xff follows, with which no id begins.
	Value string
	// Unique refuses the command with ErrDuplicate, before anything is changed, if
	// another id has the value. An id whose child is absent does not count: it is
	// taken out of the registry and the indexes. It needs Whole, and a Key that ends
	// with ID, so that the other child's key is Key with its id in place of ID.
	Unique bool
}

// Member is what stands for the entry in its index.
func (e Entry) Member(id string) string { return e.Value + id }

// In reports whether one of entries has the same index and value.
func (e Entry) In(entries []Entry) bool {
	return slices.ContainsFunc(entries, func(other Entry) bool { return other.Name == e.Name && other.Value == e.Value })
}

// Seal is the field of a registry, and the member of an index, that says that they have
// all they should. No id is empty, and no member of an id.
const Seal = ""

// Sealed reports whether r, the reply to an OpHGet or OpZScore of Seal, is a seal.
func (r *Reply) Sealed() bool { return !r.Nil && r.Value == "" && r.Float == 0 }

// IndexKey is the key of a registry's index. What is between the two names makes it no
// registry of another store: no segment of a path is empty.
func IndexKey(registry, name string) string { return registry + "::" + name }

// AfterValue follows every member that begins with value: [value, AfterValue(value))
// are the members of one entry's value. Ids are UTF-8, so none begins with this byte.
func AfterValue(value string) string { return value + "\xff" }

// PackEntries is how a registry holds the entries of an id: for each, the lengths of
// its name and its value as four big-endian bytes, each followed by the text.
func PackEntries(entries []Entry) string {
	var packed []byte
	for _, entry := range entries {
		for _, text := range [...]string{entry.Name, entry.Value} {
			packed = binary.BigEndian.AppendUint32(packed, uint32(len(text)))
			packed = append(packed, text...)
		}
	}
	return string(packed)
}

// UnpackEntries gives back what PackEntries made, or ErrInvalid.
func UnpackEntries(packed string) ([]Entry, error) {
	var entries []Entry
	rest := packed
	next := func() (text string, ok bool) {
		if len(rest) < 4 {
			return "", false
		}
		size := uint64(binary.BigEndian.Uint32([]byte(rest[:4])))
		if rest = rest[4:]; uint64(len(rest)) < size {
			return "", false
		}
		text, rest = rest[:size], rest[size:]
		return text, true
	}
	for rest != "" {
		name, named := next()
		value, valued := next()
		if !named || !valued {
			return nil, Errorf(ErrInvalid, "%d bytes are no entries of a registry", len(packed))
		}
		entries = append(entries, Entry{Name: name, Value: value})
	}
	return entries, nil
}

// DuplicateError says who has a value of a unique index. It is an ErrDuplicate.
type DuplicateError struct {
	Index  string // the key of the index
	Holder string // the id that has the value
}

// Error names the index and the holder.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%v: %s, held by %s", ErrDuplicate, e.Index, e.Holder)
}

// Unwrap is ErrDuplicate.
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// checkIndexes reports Indexes that no driver accepts, as ErrInvalid.
func checkIndexes(cmd Command) error {
	if len(cmd.Indexes()) > 0 && cmd.Op.Effect() != Writes {
		return Errorf(ErrInvalid, "%v writes nothing that could be indexed", cmd.Op)
	}
	for i := range cmd.Indexes() {
		if err := cmd.Indexes()[i].check(cmd); err != nil {
			return err
		}
	}
	return nil
}

func (ix *Index) check(cmd Command) error {
	moved := (cmd.Op == OpSMove || cmd.Op == OpLMove || cmd.Op == OpXMove) && len(cmd.Keys()) > 0 && ix.Key == cmd.Destination()
	among := ops[cmd.Op].anyKey && slices.Contains(cmd.Keys(), ix.Key)
	switch {
	case ix.Registry == "" || ix.ID == "":
		return Errorf(ErrInvalid, "an index without a registry or an id")
	case ix.Key != cmd.Key && !moved && !among:
		return Errorf(ErrInvalid, "an index of %q, which %v does not write", ix.Key, cmd.Op)
	}
	for _, entries := range [...][]Entry{ix.Entries, ix.Stray} {
		for _, entry := range entries {
			if !slices.Contains(ix.Names, entry.Name) {
				return Errorf(ErrInvalid, "an entry of the index %q, which is not declared", entry.Name)
			}
			if entry.Unique && (!ix.Whole || !strings.HasSuffix(ix.Key, ix.ID)) {
				return Errorf(ErrInvalid, "a unique entry of %q, which is not the whole child %q", ix.Key, ix.ID)
			}
		}
	}
	return nil
}
