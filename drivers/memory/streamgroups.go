package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// group is consumers that share the entries of a stream: each entry goes to one of them,
// for whom it is pending until it is acknowledged.
type group struct {
	last      redisvalue.StreamID // delivered last
	pending   sortedMap[*pending]
	consumers map[string]*consumer // those that got something, by name
	read      int64                // how many entries lie before last, and were ever there; negative if that is unknown
}

type consumer struct {
	name    string
	seen    int64 // when it got something at last
	pending sortedMap[*pending]
}

// pending is an entry that is not acknowledged yet. The entry itself may be deleted.
type pending struct {
	owner      *consumer
	delivered  int64 // when it was at last
	deliveries int64
}

// idle is for how long it was not delivered again.
func (p *pending) idle(now int64) int64 { return max(now-p.delivered, 0) }

// groupOf is a group of the stream of an entry, or nil.
func groupOf(e *entry, name string) (*stream, *group, error) {
	s, err := streamOf(e)
	if err != nil {
		return nil, nil, err
	}
	return s, s.groups[name], nil
}

// consumer is the one of a name, which may be new: then it is no part of the group yet.
func (g *group) consumer(name string) *consumer {
	if c := g.consumers[name]; c != nil {
		return c
	}
	return &consumer{name: name}
}

// join makes a consumer part of the group, as it gets something now.
func (g *group) join(c *consumer, now int64) {
	c.seen = now
	g.consumers[c.name] = c
}

// give makes an entry pending for a consumer.
func (g *group) give(id redisvalue.StreamID, p *pending, to *consumer) {
	if p.owner != nil {
		p.owner.pending.remove(id)
	}
	p.owner = to
	to.pending.put(id, p)
}

// settle ends what is pending.
func (g *group) settle(id redisvalue.StreamID, p *pending) {
	p.owner.pending.remove(id)
	g.pending.remove(id)
}

func xGroupCreate(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, existing, err := groupOf(e, cmd.Group())
	if err != nil || existing != nil {
		return drivers.Reply{}, err
	}
	created := &group{last: s.last, consumers: map[string]*consumer{}, read: -1}
	if cmd.After() != "$" {
		if created.last, err = valid(redisvalue.ParseStreamID(cmd.After(), 0)); err != nil {
			return drivers.Reply{}, err
		}
	}
	e, s = ks.stream(e, cmd.Key)
	if s.groups == nil {
		s.groups = map[string]*group{}
	}
	s.groups[cmd.Group()] = created
	ks.changed(e)
	return count(1)
}

func xGroupDestroy(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{}, err
	}
	delete(s.groups, cmd.Group())
	ks.changed(e)
	return count(1)
}

func xReadGroup(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	var reply drivers.Reply
	if cmd.After() == drivers.NewEntries {
		reply = s.deliver(g, g.consumer(cmd.Consumer()), cmd.Amount, ks.now)
	} else {
		from, err := behind(cmd.After())
		if err != nil {
			return drivers.Reply{}, err
		}
		to := g.consumer(cmd.Consumer())
		g.join(to, ks.now)
		reply = s.deliverAgain(to, from, cmd.Amount, ks.now)
	}
	if len(reply.Values) > 0 {
		ks.changed(e)
	}
	return reply, nil
}

// deliver gives a consumer entries that nobody in the group got yet.
func (s *stream) deliver(g *group, to *consumer, amount, now int64) (reply drivers.Reply) {
	from, more := g.last.Next()
	if !more {
		return reply
	}
	amount = limit(amount)
	for entry := range s.ascend(from) {
		if amount--; amount < 0 {
			break
		}
		put(&reply, entry.id, s.fields(entry))
		s.advance(g, entry.id)
		g.join(to, now)
		p := &pending{delivered: now, deliveries: 1}
		g.pending.put(entry.id, p)
		g.give(entry.id, p, to)
	}
	return reply
}

// deliverAgain gives a consumer what is pending for it.
func (s *stream) deliverAgain(to *consumer, from redisvalue.StreamID, amount, now int64) (reply drivers.Reply) {
	for p := range to.pending.ascend(from) {
		if limit(amount) == int64(len(reply.Ints)) {
			break
		}
		entry, there := s.get(p.id)
		if !there {
			put(&reply, p.id, nil)
			continue
		}
		put(&reply, p.id, s.fields(entry))
		p.value.delivered = now
		p.value.deliveries++
	}
	return reply
}

func xAck(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	_, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{}, err
	}
	settled := 0
	for _, text := range cmd.Values {
		id, err := valid(redisvalue.ParseStreamID(text, 0))
		if err != nil {
			return drivers.Reply{}, err
		}
		if p, ok := g.pending.get(id); ok {
			g.settle(id, p)
			settled++
		}
	}
	if settled > 0 {
		ks.changed(e)
	}
	return count(settled)
}

// xPending is a write for the table, as reads do not know the time.
func xPending(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	_, g, err := groupOf(ks.find(cmd.Key), cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	from, to, err := redisvalue.StreamRange(cmd.Min(), cmd.Max())
	if err != nil {
		return drivers.Reply{}, invalid(err)
	}
	all := &g.pending
	if cmd.Consumer() != "" {
		all = &g.consumer(cmd.Consumer()).pending
	}
	var reply drivers.Reply
	for p := range all.ascend(from) {
		if p.id.Compare(to) > 0 || int64(len(reply.Ints)/2) == limit(cmd.Amount) {
			break
		}
		if idle := p.value.idle(ks.now); idle >= cmd.MinIdleMillis() {
			reply.Values = append(reply.Values, p.id.String(), p.value.owner.name)
			reply.Ints = append(reply.Ints, idle, p.value.deliveries)
		}
	}
	return reply, nil
}

func xClaim(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	var reply drivers.Reply
	claimer, changed := g.consumer(cmd.Consumer()), false
	for _, text := range cmd.Values {
		id, err := valid(redisvalue.ParseStreamID(text, 0))
		if err != nil {
			return drivers.Reply{}, err
		}
		p, ok := g.pending.get(id)
		if !ok {
			continue
		}
		entry, there := s.get(id)
		switch {
		case !there:
			g.settle(id, p)
		case p.idle(ks.now) < cmd.MinIdleMillis():
			continue
		default:
			g.claim(id, p, claimer, ks.now)
			put(&reply, id, s.fields(entry))
		}
		changed = true
	}
	if changed {
		ks.changed(e)
	}
	return reply, nil
}

// claim makes what is pending for one consumer pending for another.
func (g *group) claim(id redisvalue.StreamID, p *pending, claimer *consumer, now int64) {
	g.join(claimer, now)
	if p.owner != claimer {
		g.give(id, p, claimer)
	}
	p.delivered = now
	p.deliveries++
}

// looksForEach is how many pending entries XAUTOCLAIM looks at for each one it may claim.
const looksForEach = 10

func xAutoClaim(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, g, err := groupOf(e, cmd.Group())
	if err != nil || g == nil {
		return drivers.Reply{Nil: err == nil}, err
	}
	from, err := valid(redisvalue.ParseStreamID(cmd.FirstClaimed(), 0))
	if err != nil {
		return drivers.Reply{}, err
	}
	var reply drivers.Reply
	var deleted []redisvalue.StreamID
	claimer := g.consumer(cmd.Consumer())
	next, more := g.pending.ceiling(from)
	for looks := looksForEach * cmd.Amount; more && looks > 0 && int64(len(reply.Ints)+len(deleted)) < cmd.Amount; looks-- {
		id, p := next.id, next.value
		if entry, there := s.get(id); !there {
			g.settle(id, p)
			deleted = append(deleted, id)
		} else if p.idle(ks.now) >= cmd.MinIdleMillis() {
			g.claim(id, p, claimer, ks.now)
			put(&reply, id, s.fields(entry))
		}
		if from, more = id.Next(); more {
			next, more = g.pending.ceiling(from)
		}
	}
	for _, id := range deleted {
		put(&reply, id, nil)
	}
	if len(reply.Values) > 0 {
		ks.changed(e)
	}
	if !more {
		next.id = redisvalue.StreamID{}
	}
	reply.Value = next.id.String()
	return reply, nil
}
