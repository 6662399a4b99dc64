package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// hyperLogLogHandlers are those of HyperLogLogs. PFCOUNT writes, as in Redis: it
// caches what it has counted.
func hyperLogLogHandlers() handlers {
	return handlers{
		{drivers.OpPFAdd, handler{write: pfAdd}},
		{drivers.OpPFCount, handler{write: pfCount, multiKey: true, exclusive: true}},
		{drivers.OpPFMerge, handler{write: pfMerge, multiKey: true}},
	}
}

// hyperLogLogOf is the HyperLogLog of an entry itself, which must have been locked for
// writing; nil for an absent one.
func hyperLogLogOf(e *entry) (redisvalue.HyperLogLog, error) {
	if e == nil {
		return nil, nil
	}
	if err := isString(e); err != nil {
		return nil, err
	}
	h, valid := redisvalue.AsHyperLogLog(e.buffer().bytes)
	if !valid {
		return nil, drivers.Errorf(drivers.ErrWrongType, "the string is no HyperLogLog")
	}
	return h, nil
}

// hyperLogLogs are those of keys that have one, none of them damaged.
func (ks keyspace) hyperLogLogs(keys ...string) ([]redisvalue.HyperLogLog, error) {
	var all []redisvalue.HyperLogLog
	for _, key := range keys {
		h, err := hyperLogLogOf(ks.find(key))
		if err == nil && h != nil {
			all, err = append(all, h), corrupt(h.Check())
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// storeHyperLogLog puts h under key, whose entry is e.
func (ks keyspace) storeHyperLogLog(e *entry, key string, h redisvalue.HyperLogLog) *entry {
	if e == nil {
		e = ks.create(key)
	}
	e.hold(&buffer{h})
	ks.changed(e)
	return e
}

func pfAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hyperLogLogOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	changed := h == nil
	if changed {
		h = redisvalue.NewHyperLogLog()
	}
	for _, element := range cmd.Values {
		var raised bool
		if h, raised, err = h.Add(element); err != nil {
			return drivers.Reply{}, corrupt(err)
		}
		changed = changed || raised
	}
	if changed {
		h.Forget()
		e = ks.storeHyperLogLog(e, cmd.Key, h)
	}
	ks.startTTL(e, cmd.Expiry)
	return truth(changed)
}

func pfCount(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	if len(cmd.Keys()) == 0 {
		return ks.countOne(cmd.Key)
	}
	all, err := ks.hyperLogLogs(append([]string{cmd.Key}, cmd.Keys()...)...)
	if err != nil || len(all) == 0 {
		return drivers.Reply{}, err
	}
	counted, err := sound(redisvalue.CountHyperLogLogs(all...))
	return drivers.Reply{Int: counted}, err
}

// countOne counts what the HyperLogLog of a key has seen, if that is not cached.
func (ks keyspace) countOne(key string) (drivers.Reply, error) {
	e := ks.find(key)
	h, err := hyperLogLogOf(e)
	if err != nil || h == nil {
		return drivers.Reply{}, err
	}
	counted, cached := h.Cached()
	if !cached {
		if counted, err = sound(redisvalue.CountHyperLogLogs(h)); err != nil {
			return drivers.Reply{}, err
		}
		h.Remember(counted)
		ks.storeHyperLogLog(e, key, h)
	}
	return drivers.Reply{Int: counted}, nil
}

func pfMerge(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	own, err := ks.hyperLogLogs(cmd.Key)
	if err != nil {
		return drivers.Reply{}, err
	}
	others, err := ks.hyperLogLogs(cmd.Keys()...)
	if err != nil {
		return drivers.Reply{}, err
	}
	merged := redisvalue.NewHyperLogLog()
	if len(own) > 0 {
		merged = own[0]
	}
	if merged, err = sound(merged.Merge(others...)); err != nil {
		return drivers.Reply{}, err
	}
	ks.startTTL(ks.storeHyperLogLog(e, cmd.Key, merged), cmd.Expiry)
	return drivers.Reply{}, nil
}
