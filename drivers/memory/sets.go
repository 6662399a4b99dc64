package memory

import "github.com/kvstore-go/kvstore/drivers"

// setHandlers are those of sets.
func setHandlers() handlers {
	return handlers{
		{drivers.OpSAdd, handler{write: sAdd}},
		{drivers.OpSRem, handler{write: sRem}},
		{drivers.OpSReplace, replacing(membersOf, fillSet)},
		{drivers.OpSIsMember, handler{read: sIsMember}},
		{drivers.OpSCard, handler{readEntry: sCard}},
		{drivers.OpSMembers, handler{readEntry: sMembers}},
		{drivers.OpSScan, handler{read: sScan}},
		{drivers.OpSPop, handler{write: sPop}},
		{drivers.OpSRandMember, handler{read: sRandMember}},
		{drivers.OpSMove, handler{write: sMove, multiKey: true}},
		{drivers.OpSInter, handler{write: sInter, multiKey: true}},
		{drivers.OpSUnion, handler{write: sUnion, multiKey: true}},
		{drivers.OpSDiff, handler{write: sDiff, multiKey: true}},
	}
}

// members is a set.
type members struct{ orderedMap[struct{}] }

var noMembers members

// membersOf is the set of an entry. An absent one has no members, and must not be added to.
func membersOf(e *entry) (*members, error) {
	if e == nil {
		return &noMembers, nil
	}
	if m, ok := e.object().(*members); ok {
		return m, nil
	}
	return nil, drivers.ErrWrongType
}

// include adds members to the set of key, whose entry is e, and returns its entry and how many were new.
func (ks keyspace) include(e *entry, key string, names ...string) (*entry, int) {
	if e == nil {
		e = ks.create(key)
		e.hold(&members{})
	}
	m, added := e.object().(*members), 0
	for _, name := range names {
		if m.add(name, struct{}{}) {
			added++
		}
	}
	if added > 0 {
		ks.changed(e)
	}
	return e, added
}

func sAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if _, err := membersOf(e); err != nil {
		return drivers.Reply{}, err
	}
	e, added := ks.include(e, cmd.Key, cmd.Values...)
	ks.startTTL(e, cmd.Expiry)
	return count(added)
}

func sRem(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	m, err := membersOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	removed := 0
	for _, name := range cmd.Values {
		if m.remove(name) {
			removed++
		}
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}

// fillSet leaves members that stay where they are, for the sake of an SSCAN that is under way.
func fillSet(ks keyspace, e *entry, cmd drivers.Command) *entry {
	if e != nil {
		wanted := make(map[string]struct{}, len(cmd.Values))
		for _, name := range cmd.Values {
			wanted[name] = struct{}{}
		}
		m := e.object().(*members)
		for _, name := range m.names() {
			if _, stays := wanted[name]; !stays {
				m.remove(name)
			}
		}
	}
	e, _ = ks.include(e, cmd.Key, cmd.Values...)
	return e
}

func sIsMember(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	m, err := membersOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return truth(m.has(cmd.Value))
}

func sCard(e *entry) (drivers.Reply, error) {
	m, err := membersOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(m.len())
}

func sMembers(e *entry) (drivers.Reply, error) {
	m, err := membersOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Values: m.names()}, nil
}

// sMove answers before it looks at the destination's type where the source is absent, as Redis does.
func sMove(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	source, destination := ks.find(cmd.Key), ks.find(cmd.Destination())
	if source == nil {
		return count(0)
	}
	from, err := membersOf(source)
	if err != nil {
		return drivers.Reply{}, err
	}
	if _, err := membersOf(destination); err != nil {
		return drivers.Reply{}, err
	}
	if !from.has(cmd.Value) {
		return count(0)
	}
	if source != destination {
		from.remove(cmd.Value)
		ks.changed(source)
		destination, _ = ks.include(destination, cmd.Destination(), cmd.Value)
	}
	ks.startTTL(destination, cmd.Expiry)
	return count(1)
}
