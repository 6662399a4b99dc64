package memory

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

// queueHandlers are those of queues, which are sorted sets: of turns, and of records below 0.
func queueHandlers() handlers {
	return handlers{
		{drivers.OpJobAdd, handler{write: jobAdd, timed: true}},
		{drivers.OpJobTake, handler{write: jobTake, timed: true}},
		{drivers.OpJobMove, handler{write: jobMove, timed: true}},
		{drivers.OpJobRemove, handler{write: jobRemove}},
	}
}

// job finds the record of a job.
func (z *sortedSet) job(id string) (drivers.JobRecord, bool) {
	place := drivers.JobPlace(id)
	var members []string
	z.order.ascend(z.order.rank(func(s scored) bool { return s.score < place }), func(s scored) bool {
		if s.score == place {
			members = append(members, s.member)
		}
		return s.score == place
	})
	return drivers.FindJob(id, members)
}

// firstTurn is the first turn from a moment on, or behind it.
func (z *sortedSet) firstTurn(from float64, behind bool) (turn scored, there bool) {
	skip := z.order.rank(func(s scored) bool { return s.score < from || behind && s.score == from })
	z.order.ascend(skip, func(s scored) bool {
		turn, there = s, true
		return false
	})
	return turn, there && !math.IsInf(turn.score, 1)
}

// putJob gives a job a turn and a record in place of the one that it has.
func (ks keyspace) putJob(e *entry, key string, old drivers.JobRecord, there bool, record drivers.JobRecord, due float64) {
	e, z := ks.growSortedSet(e, key)
	z.add(record.ID, due)
	z.add(record.Member(), drivers.JobPlace(record.ID))
	if there && old != record {
		z.remove(old.Member())
	}
	ks.changed(e)
}

func jobAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	old, there := z.job(cmd.JobID())
	if cmd.If.Refuses(there) {
		return drivers.Reply{Nil: true}, nil
	}
	ks.putJob(e, cmd.Key, old, there, drivers.JobRecord{ID: cmd.JobID(), Text: cmd.JobText()}, float64(cmd.DueMillis(ks.now)))
	if there {
		return count(0)
	}
	return count(1)
}

func jobTake(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	now := float64(ks.now)
	turn, there := z.firstTurn(0, false)
	if !there || turn.score > now {
		none := drivers.Reply{Nil: true}
		if turn, there = z.firstTurn(now, true); there {
			none.Ints = []int64{int64(min(math.Ceil(turn.score-now), drivers.MaxLeaseMillis))}
		}
		return none, nil
	}
	old, there := z.job(turn.member)
	record := old
	record.Tries, record.Token = old.Tries+1, cmd.JobToken()
	ks.putJob(e, cmd.Key, old, there, record, float64(ks.now+cmd.LeaseMillis()))
	return drivers.Reply{Value: record.ID, Values: []string{record.Text}, Int: record.Tries}, nil
}

func jobMove(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	old, there := z.job(cmd.JobID())
	if !there || cmd.JobToken() != "" && old.Token != cmd.JobToken() {
		return count(0)
	}
	record, due := old, float64(cmd.DueMillis(ks.now))
	if cmd.JobToken() == "" {
		record.Tries = 0
	}
	if cmd.JobState() != drivers.JobTaken {
		record.Token = ""
	}
	if cmd.JobState() == drivers.JobDead {
		due = math.Inf(1)
	}
	ks.putJob(e, cmd.Key, old, there, record, due)
	return count(1)
}

func jobRemove(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	removed := 0
	for _, id := range cmd.Values {
		record, there := z.job(id)
		if !there || cmd.JobToken() != "" && record.Token != cmd.JobToken() {
			continue
		}
		z.remove(id)
		z.remove(record.Member())
		removed++
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}
