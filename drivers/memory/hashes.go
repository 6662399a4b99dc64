package memory

import "github.com/kvstore-go/kvstore/drivers"

// hash is fields with a value each.
type hash struct{ roster[string] }

var noHash hash

// hashOf is the hash of an entry. An absent one has no fields, and must not be added to.
func hashOf(e *entry) (*hash, error) {
	if e == nil {
		return &noHash, nil
	}
	if h, ok := e.object.(*hash); ok {
		return h, nil
	}
	return nil, drivers.ErrWrongType
}

func (h *hash) get(field string) (value string, there bool) {
	if i := h.find(field); i >= 0 {
		return h.slots[i].value, true
	}
	return "", false
}

// put gives a field a value, and reports whether it had another or none.
func (h *hash) put(field, value string) bool {
	if h.add(field, value) {
		return true
	}
	old := &h.slots[h.find(field)].value
	changes := *old != value
	*old = value
	return changes
}

func hGet(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	value, there := h.get(cmd.Value)
	return drivers.Reply{Value: value, Nil: !there}, nil
}

func hLen(e *entry, _ int64, _ drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(h.len())
}

func hScan(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	slots, next := h.page(cmd.Start, cmd.Amount)
	values := make([]string, 0, 2*len(slots))
	for _, s := range slots {
		values = append(values, s.name, s.value)
	}
	return drivers.Reply{Values: values, Int: next}, nil
}
