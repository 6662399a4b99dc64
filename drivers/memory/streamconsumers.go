package memory

import (
	"maps"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// ownPending goes through those of the ids of a command that are pending for its consumer.
func (g *group) ownPending(cmd drivers.Command, each func(id redisvalue.StreamID, p *pending)) error {
	for _, text := range cmd.Values {
		id, err := valid(redisvalue.ParseStreamID(text, 0))
		if err != nil {
			return err
		}
		if p, ok := g.pending.get(id); ok && p.owner.name == cmd.Consumer() {
			each(id, p)
		}
	}
	return nil
}

func xClaimOwn(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{}, err
	}
	own := 0
	err = g.ownPending(cmd, func(id redisvalue.StreamID, p *pending) {
		ks.changed(e)
		if _, there := s.get(id); !there {
			g.settle(id, p)
			return
		}
		own++
		g.join(p.owner, ks.now)
		p.deliveries = max(p.deliveries+cmd.MoreDeliveries(), 0)
		if p.delivered = ks.now - cmd.IdleMillis(); p.delivered < 0 { // as Redis does with such a moment
			p.delivered = ks.now
		}
	})
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(own)
}

func xMove(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e, other := ks.find(cmd.Key), ks.find(cmd.Destination())
	s, g, err := groupOf(e, cmd.Group())
	if err != nil {
		return drivers.Reply{}, err
	}
	if _, err := streamOf(other); err != nil || g == nil {
		return drivers.Reply{}, err
	}
	long := 0
	err = g.ownPending(cmd, func(id redisvalue.StreamID, _ *pending) {
		if entry, there := s.get(id); there {
			long = max(long, len(s.fields(entry)))
		}
	})
	if err == nil && long > drivers.MaxMoved {
		err = drivers.Errorf(drivers.ErrInvalid, "an entry of %d words cannot be moved", long)
	}
	if err != nil {
		return drivers.Reply{}, err
	}
	var moved [][]string
	err = g.ownPending(cmd, func(id redisvalue.StreamID, p *pending) {
		if entry, there := s.get(id); there {
			moved = append(moved, s.fields(entry))
		}
		ks.changed(e)
		g.settle(id, p)
	})
	if err != nil || len(moved) == 0 {
		return drivers.Reply{}, err
	}
	other, to := ks.stream(other, cmd.Destination())
	for _, fields := range moved {
		id, err := valid(redisvalue.NewStreamID("*", to.last, ks.now))
		if err != nil {
			return drivers.Reply{}, err
		}
		to.append(id, fields, cmd.Cap())
	}
	ks.changed(other)
	ks.startTTL(other, cmd.Expiry)
	return count(len(moved))
}

// xConsumers is a write for the table, as reads do not know the time.
func xConsumers(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	_, g, err := groupOf(ks.find(cmd.Key), cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	var reply drivers.Reply
	for _, name := range slices.Sorted(maps.Keys(g.consumers)) {
		c := g.consumers[name]
		reply.Values = append(reply.Values, name)
		reply.Ints = append(reply.Ints, int64(c.pending.size), max(ks.now-c.seen, 0))
	}
	return reply, nil
}

func xDelConsumer(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	handed, heir := 0, g.consumer(cmd.Heir())
	for _, p := range slices.Collect(g.consumer(cmd.Consumer()).pending.ascend(redisvalue.StreamID{})) {
		if _, there := s.get(p.id); !there {
			g.settle(p.id, p.value)
			continue
		}
		handed++
		g.join(heir, ks.now)
		g.give(p.id, p.value, heir)
	}
	delete(g.consumers, cmd.Consumer())
	ks.changed(e)
	return count(handed)
}

// advance makes an entry the last that a group was delivered.
func (s *stream) advance(g *group, id redisvalue.StreamID) {
	if g.read >= 0 && !s.hasGaps(id) {
		g.read++
	} else {
		g.read = s.countUpTo(id)
	}
	g.last = id
}

// hasGaps reports whether entries may have been taken out behind an id. As all about the lag
// it is as exact as Redis is: trimming leaves no gap, and of the entries that
// were removed only the last is remembered.
func (s *stream) hasGaps(id redisvalue.StreamID) bool {
	return s.size > 0 && s.first().Compare(s.deleted) < 0 && id.Compare(s.deleted) <= 0
}

// first is the id of the oldest entry, the zero one if there is none.
func (s *stream) first() (id redisvalue.StreamID) {
	for p := range s.ascend(id) {
		return p.id
	}
	return id
}

// countUpTo is how many entries were ever added up to an id, negative if that is unknown.
func (s *stream) countUpTo(id redisvalue.StreamID) int64 {
	toLast := id.Compare(s.last)
	switch {
	case s.added == 0:
		return 0
	case s.size == 0 && toLast <= 0, toLast == 0:
		return s.added
	case toLast > 0:
		return -1
	}
	if first := s.first(); (s.deleted == redisvalue.StreamID{}) || s.deleted.Compare(first) < 0 {
		switch toFirst := id.Compare(first); {
		case toFirst < 0:
			return s.added - int64(s.size)
		case toFirst == 0:
			return s.added - int64(s.size) + 1
		}
	}
	return -1
}

func xLag(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	read := g.read
	if s.added == 0 {
		read = 0
	} else if read < 0 || s.hasGaps(g.last) {
		read = s.countUpTo(g.last)
	}
	if read < 0 {
		return drivers.Reply{Int: -1}, nil
	}
	return drivers.Reply{Int: s.added - read}, nil
}

func xGroups(e *entry) (drivers.Reply, error) {
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Values: slices.Sorted(maps.Keys(s.groups))}, nil
}
