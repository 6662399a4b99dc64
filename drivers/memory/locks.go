package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// lockHandlers are those of locks. A lock is a hash, whose token outlives its holders.
func lockHandlers() handlers {
	return handlers{
		{drivers.OpLockAcquire, handler{write: lockAcquire, timed: true}},
		{drivers.OpLockRenew, handler{write: lockRenew, timed: true}},
		{drivers.OpLockRelease, handler{write: lockRelease, timed: true}},
		{drivers.OpLockHolder, handler{write: lockHolder, timed: true}},
	}
}

// The fields of a lock.
const (
	lockOwner = "owner"
	lockUntil = "until" // the end of the lease, in milliseconds
	lockToken = "token" // of the holding that began last
)

// holding is who has a lock, for how many milliseconds more.
type holding struct {
	owner     string
	remaining int64 // not positive if nobody has it
	token     string
	began     bool // once, so that there is a token
}

// holdingOf is what the hash of an entry says of a lock.
func (ks keyspace) holdingOf(e *entry) (holding, error) {
	lock, err := hashOf(e)
	if err != nil {
		return holding{}, err
	}
	owner, _ := lock.get(lockOwner)
	text, _ := lock.get(lockUntil)
	token, began := lock.get(lockToken)
	until, err := redisvalue.ParseInt(text)
	if err != nil {
		until = 0 // nothing that a lock has put there
	}
	return holding{owner, until - ks.now, token, began}, nil
}

// of reports whether owner has the lock.
func (h holding) of(owner string) bool { return h.remaining > 0 && h.owner == owner }

func lockAcquire(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	held, err := ks.holdingOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	step := drivers.Command{Amount: 1}
	switch {
	case held.of(cmd.Owner()):
		step.Amount = 0
	case held.remaining > 0:
		return drivers.Reply{Nil: true, Ints: []int64{held.remaining}}, nil
	}
	token, err := addInt(step, held.token, held.began)
	if err != nil || token.Nil {
		return token, err
	}
	if step.Amount == 1 {
		token.Int = max(token.Int, ks.d.clock().UnixMicro())
	}
	ks.putIn(e, cmd.Key, lockOwner, cmd.Owner(), lockUntil, ks.lease(cmd), lockToken, strconv.FormatInt(token.Int, 10))
	return token, nil
}

// lease is the moment when the lease of cmd ends.
func (ks keyspace) lease(cmd drivers.Command) string {
	return strconv.FormatInt(ks.now+cmd.LeaseMillis(), 10)
}

func lockRenew(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	held, err := ks.holdingOf(e)
	if err != nil || !held.of(cmd.Owner()) {
		return drivers.Reply{}, err
	}
	ks.putIn(e, cmd.Key, lockUntil, ks.lease(cmd))
	return count(1)
}

// lockRelease leaves the token where it is.
func lockRelease(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	held, err := ks.holdingOf(e)
	if err != nil || !held.of(cmd.Owner()) {
		return drivers.Reply{}, err
	}
	lock := e.object().(*hash)
	lock.remove(lockOwner)
	lock.remove(lockUntil)
	ks.changed(e)
	return count(1)
}

func lockHolder(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	held, err := ks.holdingOf(ks.find(cmd.Key))
	if err != nil {
		return drivers.Reply{}, err
	}
	if held.remaining <= 0 {
		return drivers.Reply{Nil: true}, nil
	}
	token, _ := strconv.ParseInt(held.token, 10, 64) //nolint:errcheck // 0 if somebody else has written there
	return drivers.Reply{Value: held.owner, Int: token, Ints: []int64{held.remaining}}, nil
}
