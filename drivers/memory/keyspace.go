package memory

import "github.com/kvstore-go/kvstore/drivers"

// keyspace is what a command sees of the driver: the keys it has locked, at one
// moment. All coming, going and changing of entries happens through it, so that
// the tree of keys, the deadlines and the watching transactions always agree
// with the entries.
type keyspace struct {
	d *Driver
	// now is known only if an entry that is locked, or a command, has a deadline.
	now int64
	// exclusive says that the locks are those of a writer, so that what is over can be taken out.
	exclusive bool
}

// collection is a value that ends when it is empty.
type collection interface{ len() int }

// sweptByWrite is how many due entries a write removes at most. It is more than
// a write can create, so a backlog shrinks.
const sweptByWrite = 4

// keyspace is made under the locks, so that no deadline is set that it does not know of.
func (d *Driver) keyspace(timed, exclusive bool) keyspace {
	ks := keyspace{d: d, exclusive: exclusive}
	if timed {
		ks.now = d.now()
	}
	return ks
}

// run executes a command whose keys are locked.
func (ks keyspace) run(h *handler, cmd *drivers.Command) (reply drivers.Reply, err error) {
	if ks.exclusive {
		ks.sweep(ks.d.shardOf(cmd.Key), sweptByWrite)
	}
	if h.reads() {
		err = h.answer(ks.find(cmd.Key), ks.now, cmd, &reply)
		return reply, err
	}
	if len(cmd.Indexes()) > 0 {
		return ks.runIndexed(h, cmd)
	}
	return h.write(ks, *cmd)
}

// find is the entry of key, or nil if there is none that is alive. It changes nothing but
// that fields are taken out whose time is over.
func (ks keyspace) find(key string) *entry {
	s, hash := ks.d.locate(key)
	e := s.entries.find(hash, key)
	if e == nil || e.expired(ks.now) {
		return nil
	}
	if ks.exclusive && e.overdue(ks.now) {
		ks.end(e)
	}
	return e
}

// evict removes the entry of key if its time is over, and its fields whose time is.
func (ks keyspace) evict(key string) {
	s, hash := ks.d.locate(key)
	if e := s.entries.find(hash, key); e != nil && e.overdue(ks.now) {
		ks.end(e)
	}
}

// create makes an entry for a key that find did not find. Once it has its value,
// changed must be called.
func (ks keyspace) create(key string) *entry {
	s, hash := ks.d.locate(key)
	if e := s.entries.find(hash, key); e != nil {
		ks.remove(e) // its time is over
	}
	e := &entry{key: key, hash: hash}
	s.entries.add(e)
	ks.d.keyTree.add(e)
	return e
}

// changed must be called after every change of a value. An emptied collection goes.
func (ks keyspace) changed(e *entry) {
	if c, ok := e.object().(collection); ok && c.len() == 0 {
		ks.remove(e)
		return
	}
	ks.d.touch(ks.d.shardWith(e), e.key)
}

func (ks keyspace) remove(e *entry) {
	s := ks.d.shardWith(e)
	s.schedule(e, never)
	s.entries.remove(e)
	ks.d.keyTree.remove(e)
	ks.d.touch(s, e.key)
}

// deadline is the moment an Expiry means, or never.
func (ks keyspace) deadline(expiry drivers.Expiry) int64 {
	switch expiry.Mode {
	case drivers.ExpireIn:
		return ks.now + expiry.Millis
	case drivers.ExpireAt:
		return expiry.Millis
	default:
		return never
	}
}

// replacing is how an Op gives a key a collection of cmd.Values and nothing else. of
// refuses an entry of another type; fill puts the Values into the entry, nil if there is
// none yet, and returns it.
func replacing[C collection](of func(e *entry) (C, error), fill func(ks keyspace, e *entry, cmd drivers.Command) *entry) handler {
	return handler{write: func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
		e := ks.find(cmd.Key)
		if _, err := of(e); err != nil {
			return drivers.Reply{}, err
		}
		switch {
		case cmd.If.Refuses(e != nil):
			return drivers.Reply{Nil: true}, nil
		case len(cmd.Values) == 0:
			if e != nil {
				ks.remove(e)
			}
			return count(0)
		}
		e = fill(ks, e, cmd)
		size := e.object().(collection).len()
		ks.changed(e)
		ks.replaceTTL(e, cmd.Expiry)
		return count(size)
	}}
}

// replaceTTL is what an Expiry means to a command that replaces the value, as the
// options of SET do: an entry whose time is over goes.
func (ks keyspace) replaceTTL(e *entry, expiry drivers.Expiry) {
	if expiry.Mode == drivers.KeepTTL {
		return
	}
	ks.d.shardWith(e).setDeadline(e, ks.deadline(expiry))
	if e.expired(ks.now) {
		ks.remove(e)
	}
}

// startTTL is what an Expiry means to a command that changes a part of the value.
func (ks keyspace) startTTL(e *entry, expiry drivers.Expiry) {
	if expiry.Mode >= drivers.ExpireIn && e.deadline() == never {
		ks.expire(e, ks.deadline(expiry))
	}
}

// expire sets a deadline as PEXPIREAT does: the key goes at once if that moment has come.
func (ks keyspace) expire(e *entry, deadline int64) {
	if deadline <= ks.now {
		ks.remove(e)
		return
	}
	s := ks.d.shardWith(e)
	s.setDeadline(e, deadline)
	ks.d.touch(s, e.key)
}
