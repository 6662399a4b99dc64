package memory

import "github.com/kvstore-go/kvstore/drivers"

// keyHandlers are those of any value.
func keyHandlers() handlers {
	return handlers{
		{drivers.OpExists, handler{readEntry: exists}},
		{drivers.OpDelete, handler{write: del}},
		{drivers.OpTTL, handler{read: ttl}},
		{drivers.OpTime, handler{write: timeNow, timed: true}},
		{drivers.OpExpire, handler{write: expire}},
		{drivers.OpPersist, handler{write: persist}},
		{drivers.OpReconcile, handler{write: reconcile, multiKey: true}},
		{drivers.OpSeal, handler{write: seal, multiKey: true}},
		{drivers.OpFind, handler{write: find, multiKey: true}},
		{drivers.OpMemoryUsage, handler{readEntry: memoryUsage}},
	}
}

// count makes the reply of commands that say how often they did something.
func count(n int) (drivers.Reply, error) { return drivers.Reply{Int: int64(n)}, nil }

// truth makes the reply of commands that answer with 1 or 0.
func truth(yes bool) (drivers.Reply, error) {
	if yes {
		return count(1)
	}
	return count(0)
}

func exists(e *entry) (drivers.Reply, error) { return truth(e != nil) }

func ttl(e *entry, now int64, _ drivers.Command) (drivers.Reply, error) {
	switch {
	case e == nil:
		return drivers.Reply{Nil: true}, nil
	case e.deadline() == never:
		return drivers.Reply{Int: -1}, nil
	}
	return drivers.Reply{Int: e.deadline() - now}, nil
}

// timeNow is the time on the clock that everything in the store goes by.
func timeNow(ks keyspace, _ drivers.Command) (drivers.Reply, error) {
	return drivers.Reply{Int: ks.now}, nil
}

func del(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if e != nil {
		ks.remove(e)
	}
	return truth(e != nil)
}

func expire(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if e != nil {
		ks.expire(e, ks.deadline(cmd.Expiry))
	}
	return truth(e != nil)
}

func persist(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if e == nil || e.deadline() == never {
		return count(0)
	}
	ks.expire(e, never)
	return count(1)
}
