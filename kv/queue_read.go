package kv

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// The turns of jobs that live, and of those that are dead.
const (
	firstTurn, endOfTurns = "0", "(+inf"
	deadTurn              = "+inf"
)

// Len is how many jobs there are, taken or not, but for dead letters. One round trip (ZCOUNT),
// O(log n).
func (f QueueField[T]) Len(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpZCount, Extra: &drivers.Extra{Min: firstTurn, Max: endOfTurns}})
}

// CountDead is how many dead letters there are. One round trip (ZCOUNT), O(log n).
func (f QueueField[T]) CountDead(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "CountDead", &drivers.Command{Op: drivers.OpZCount, Extra: &drivers.Extra{Min: deadTurn, Max: deadTurn}})
}

// Get is the job with that id, whatever its state; ErrNotFound if there is none. It is not
// taken by that. One round trip (TIME, ZMSCORE and ZRANGEBYSCORE in MULTI; in a [Batch] without that, so that one who
// changes the job meanwhile may be seen in half).
func (f QueueField[T]) Get(ctx context.Context, id string) (Job[T], error) {
	var found Job[T]
	err := f.at.missing("Get", id)
	if failed := f.read(ctx, "Get", []string{id}, func(job Job[T], corrupt error) bool {
		found, err = job, corrupt
		return true
	}); failed != nil {
		return Job[T]{}, failed
	}
	return found, err
}

// All goes through all jobs but dead letters, from the one that is due first. A job that is
// there all the while, with one moment, comes exactly once. One that does not fit comes as ErrCorrupt, with its id, and the loop goes
// on; any other error ends it. Two round trips for 256 jobs (ZRANGEBYSCORE; TIME, ZMSCORE and
// ZRANGEBYSCORE in MULTI).
func (f QueueField[T]) All(ctx context.Context) iter.Seq2[Job[T], error] {
	return f.turns(ctx, "All", firstTurn, endOfTurns)
}

// AllDead goes through the dead letters, in the order of their ids. See All.
func (f QueueField[T]) AllDead(ctx context.Context) iter.Seq2[Job[T], error] {
	return f.turns(ctx, "AllDead", deadTurn, deadTurn)
}

// turns goes through the jobs of a range of turns.
func (f QueueField[T]) turns(ctx context.Context, op, from, to string) iter.Seq2[Job[T], error] {
	return func(yield func(Job[T], error) bool) {
		cmd := drivers.Command{Op: drivers.OpZRangeByScore, Extra: &drivers.Extra{Min: from, Max: to}, Amount: readPage}
		for {
			reply, err := f.at.do(ctx, op, &cmd)
			going := true
			if err == nil && len(reply.Values) > 0 {
				err = f.read(ctx, op, reply.Values, func(job Job[T], err error) bool {
					going = yield(job, err)
					return going
				})
			}
			if err != nil && going {
				yield(Job[T]{}, err)
			}
			if err != nil || !going || len(reply.Values) < readPage {
				return
			}
			afterTurns(&cmd, reply.Floats)
		}
	}
}

// afterTurns makes a command read what comes behind a page: from the last turn on, but for as
// many as have had it.
func afterTurns(cmd *drivers.Command, turns []float64) {
	last, same := turns[len(turns)-1], int64(0)
	for i := len(turns) - 1; i >= 0 && turns[i] == last; i-- {
		same++
	}
	if min := drivers.FormatFloat(last); min != cmd.Min() {
		cmd.OwnExtra().Min = min
		cmd.SetSkip(same)
	} else {
		cmd.SetSkip(cmd.Skip() + same)
	}
}

// read reads the jobs with these ids that are there, until yield has had enough.
func (f QueueField[T]) read(ctx context.Context, op string, ids []string, yield func(Job[T], error) bool) error {
	// A job that moves between the reads of its turn and of its record would have a state that it never had.
	items, err := f.at.atOnce(ctx, op, append([]drivers.Command{{Op: drivers.OpTime}}, drivers.JobReads(ids)...)...)
	if err != nil {
		return err
	}
	now, turns := items[0].Reply.Int, items[1].Reply.Floats
	for i, id := range ids {
		record, there := drivers.FindJob(id, items[2+i].Reply.Values)
		if !there && math.IsNaN(turns[i]) {
			continue // it is gone by now
		}
		job := Job[T]{ID: id, Tries: int(record.Tries)}
		job.State, job.Due = stateOf(turns[i], now, record.Token != "")
		var err error
		if job.Value, err = f.at.elements().codec.Decode[T](record.Text); err != nil {
			err = f.at.fail(op, fmt.Errorf("job %q: %w", id, err))
		}
		if !yield(job, err) {
			return nil
		}
	}
	return nil
}

// atOnce is together where nobody else gets in between. A batch cannot promise that; a transaction
// notices it when it commits.
func (k keyRef) atOnce(ctx context.Context, op string, commands ...drivers.Command) ([]drivers.Item, error) {
	if k.driver.isConfined() {
		return k.together(ctx, op, commands...)
	}
	if err := k.carried(op); err != nil {
		return nil, err
	}
	batch := k.batchOf(commands)
	batch.Atomic = true
	return k.execute(ctx, op, batch)
}

// stateOf is that of a job with this turn, and when it is due.
func stateOf(turn float64, now int64, held bool) (JobState, time.Time) {
	due := time.UnixMilli(int64(min(turn, drivers.MaxLeaseMillis)))
	switch {
	case math.IsInf(turn, 1):
		return JobDead, time.Time{}
	case turn <= float64(now):
		return JobDue, due
	case held:
		return JobTaken, due
	default:
		return JobWaiting, due
	}
}
