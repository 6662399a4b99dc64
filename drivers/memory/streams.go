package memory

import (
	"iter"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// streamHandlers are those of streams.
func streamHandlers() handlers {
	return handlers{
		{drivers.OpXAdd, handler{write: xAdd, timed: true}},
		{drivers.OpXLen, handler{readEntry: xLen}},
		{drivers.OpXRange, handler{read: xRange}},
		{drivers.OpXRead, handler{read: xRead}},
		{drivers.OpXTrim, handler{write: xTrim}},
		{drivers.OpXDel, handler{write: xDel}},
		{drivers.OpXLastID, handler{readEntry: xLastID}},

		{drivers.OpXGroupCreate, handler{write: xGroupCreate}},
		{drivers.OpXGroupDestroy, handler{write: xGroupDestroy}},
		{drivers.OpXReadGroup, handler{write: xReadGroup, timed: true}},
		{drivers.OpXAck, handler{write: xAck}},
		{drivers.OpXPending, handler{write: xPending, timed: true}},
		{drivers.OpXClaim, handler{write: xClaim, timed: true}},
		{drivers.OpXAutoClaim, handler{write: xAutoClaim, timed: true}},
		{drivers.OpXClaimOwn, handler{write: xClaimOwn, timed: true}},
		{drivers.OpXMove, handler{write: xMove, timed: true, multiKey: true}},
		{drivers.OpXConsumers, handler{write: xConsumers, timed: true}},
		{drivers.OpXDelConsumer, handler{write: xDelConsumer, timed: true}},
		{drivers.OpXLag, handler{read: xLag}},
		{drivers.OpXGroups, handler{readEntry: xGroups}},
	}
}

// stream has entries, and groups of consumers. It stays where it has neither.
type stream struct {
	blocks
	last    redisvalue.StreamID // the greatest id there was
	added   int64               // how many entries ever
	deleted redisvalue.StreamID // the greatest id that was taken out, but for trimming
	groups  map[string]*group
}

var noEntries stream

// streamOf is the stream of an entry. An absent one has nothing, and must not be changed.
func streamOf(e *entry) (*stream, error) {
	if e == nil {
		return &noEntries, nil
	}
	if s, ok := e.object().(*stream); ok {
		return s, nil
	}
	return nil, drivers.ErrWrongType
}

// stream is that of a key, whose entry is e, made if it is absent.
func (ks keyspace) stream(e *entry, key string) (*entry, *stream) {
	if e == nil {
		e = ks.create(key)
		e.hold(&stream{})
	}
	return e, e.object().(*stream)
}

func xAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	id, err := valid(redisvalue.NewStreamID(cmd.EntryID(), s.last, ks.now))
	if err != nil {
		return drivers.Reply{}, err
	}
	e, s = ks.stream(e, cmd.Key)
	s.append(id, cmd.Values, cmd.Cap())
	ks.changed(e)
	ks.startTTL(e, cmd.Expiry)
	return drivers.Reply{Value: id.String()}, nil
}

// append adds an entry, and keeps at most limit of them, all if it is 0.
func (s *stream) append(id redisvalue.StreamID, fields []string, limit int64) {
	s.add(id, fields)
	s.last = id
	s.added++
	if limit > 0 {
		s.cap(limit)
	}
}

func xLen(e *entry) (drivers.Reply, error) {
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(s.size)
}

func xLastID(e *entry) (drivers.Reply, error) {
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Value: s.last.String()}, nil
}

func xRange(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to, err := redisvalue.StreamRange(cmd.Min(), cmd.Max())
	if err != nil {
		return drivers.Reply{}, invalid(err)
	}
	if cmd.Reverse {
		return s.entries(s.descend(to), cmd.Amount, func(id redisvalue.StreamID) bool { return id.Compare(from) >= 0 }), nil
	}
	return s.entries(s.ascend(from), cmd.Amount, func(id redisvalue.StreamID) bool { return id.Compare(to) <= 0 }), nil
}

func xRead(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	s, err := streamOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, err := behind(cmd.After())
	if err != nil {
		return drivers.Reply{}, err
	}
	return s.entries(s.ascend(from), cmd.Amount, func(redisvalue.StreamID) bool { return true }), nil
}

// behind is the first id behind another.
func behind(text string) (redisvalue.StreamID, error) {
	id, err := valid(redisvalue.ParseStreamID(text, 0))
	id, _ = id.Next()
	return id, err
}

// limit is how many of something there may be, where 0 stands for any number.
func limit(amount int64) int64 {
	if amount == 0 {
		return math.MaxInt64
	}
	return amount
}

// entries are a reply of the first entries of a walk, while their ids are in a range.
func (s *stream) entries(walk iter.Seq[packed], amount int64, in func(redisvalue.StreamID) bool) (reply drivers.Reply) {
	amount = limit(amount)
	for p := range walk {
		if amount == 0 || !in(p.id) {
			break
		}
		amount--
		put(&reply, p.id, s.fields(p))
	}
	return reply
}

// put adds an entry to a reply, its id alone where it has no fields.
func put(reply *drivers.Reply, id redisvalue.StreamID, fields []string) {
	reply.Values = append(append(reply.Values, id.String()), fields...)
	reply.Ints = append(reply.Ints, int64(1+len(fields)))
}

func xTrim(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, err := streamOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	removed := 0
	if cmd.FirstKept() == "" {
		removed = s.cap(cmd.Keep())
	} else {
		id, err := valid(redisvalue.ParseStreamID(cmd.FirstKept(), 0))
		if err != nil {
			return drivers.Reply{}, err
		}
		removed = s.dropBefore(id)
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}

func xDel(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	s, err := streamOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	removed := 0
	for _, text := range cmd.Values {
		id, err := valid(redisvalue.ParseStreamID(text, 0))
		if err != nil {
			return drivers.Reply{}, err
		}
		if s.remove(id) {
			removed++
			if id.Compare(s.deleted) > 0 {
				s.deleted = id
			}
		}
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}
