package kv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// ErrJobLost: the job is no longer whose it was: its lease has ended and another took it, or it
// was removed, replaced or rescheduled, or is done.
var ErrJobLost = errors.New("the job is no longer held")

// Queue declares a queue of jobs of type T, each of which is due at a moment of its own. What T
// may be is said at SetOf; any other T is a mistake of the schema.
func Queue[T any](options ...FormOption) Schema[QueueField[T]] {
	node, all := elementsNode(dsl.Queue, typeOf((*T)(nil)), options)
	return fieldSchema[QueueField[T]](node, all)
}

// Queue adds a queue of jobs of type T to the store.
func (s StaticSchema) Queue[T any](key Key[QueueField[T]], options ...FormOption) StaticSchema {
	return s.Field(key, Queue[T](options...))
}

// QueueField is the handle of a queue that any number of programs fill and work off. An absent
// queue is an empty one, and one that loses its last job is absent.
//
// What it promises:
//
//   - A job is handed out at least once, and to one at a time: whoever takes it has it for a
//     lease, which can be renewed. Who has not finished by then, because it was killed or
//     is slow, loses it: the job is due again when the lease ends, with one more try counted.
//     So work may be begun twice, and be done twice. What must not be goes into one
//     [Atomic] with Done, which is ErrJobLost for all but the one who has the job.
//   - The first to be taken is the one that is due first, and of those with one moment
//     the first by id. A job that comes back has the moment that it comes back at.
//   - Moments are those of the store's clock, in milliseconds.
//   - An id is that of one job. Adding a job under an id that is there replaces it, whatever its
//     state: text, moment and tries begin anew, and who works on it loses it. With JobID.IfAbsent
//     it is refused instead.
//   - Within [Atomic], what names its job can be done together with other writes: Add, Remove, Reschedule,
//     Done, Retry, Renew, Bury, and reading. Taking is errors.ErrUnsupported there. Within
//     a [Batch] there is everything but Handle, and nothing is tied to anything else.
//   - Dead letters are jobs that are never due. They stay until they are removed, rescheduled
//     or replaced.
//
// It is as durable as its key, and is one key: Erase, Expire, Copy and Export see all of it. A copy
// has the leases that were running, and no worker that could renew them. Do not import into a
// queue that is being worked off, as a large one comes in parts.
//
// In Redis it is a sorted set, with two members for each job: [ZADD], [ZREM], [ZRANGEBYSCORE],
// [ZMSCORE], [ZCOUNT].
//
// [ZADD]: https://redis.io/docs/latest/commands/zadd/
// [ZREM]: https://redis.io/docs/latest/commands/zrem/
// [ZRANGEBYSCORE]: https://redis.io/docs/latest/commands/zrangebyscore/
// [ZMSCORE]: https://redis.io/docs/latest/commands/zmscore/
// [ZCOUNT]: https://redis.io/docs/latest/commands/zcount/
type QueueField[T any] struct {
	Field
}

// Job is a job of a queue. One that was taken is what Done, Retry, Renew and Bury ask for.
type Job[T any] struct {
	ID    string
	Value T
	Tries int // how often it was taken, this time included
	State JobState
	// Due is from when on it may be taken: of one that somebody has, when the lease ends. It is
	// zero for one that was just taken, and for one that is dead.
	Due   time.Time
	token string
}

// JobState is what a job is about.
type JobState uint8

const (
	// JobWaiting: it is not due yet.
	JobWaiting JobState = iota
	// JobDue: it may be taken.
	JobDue
	// JobTaken: somebody works on it.
	JobTaken
	// JobDead: it failed too often, and is not taken any more.
	JobDead
)

// String is the state in lower case.
func (s JobState) String() string {
	names := [...]string{"waiting", "due", "taken", "dead"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("JobState(%d)", uint8(s))
}

// JobOption is what a job can be added with: DueIn, DueAt, JobID.
type JobOption interface{ job(*addition) }

// addition is a job that is added.
type addition struct {
	id       string
	ifAbsent bool
	due      Due
}

// Due is when a job may be taken. The zero Due is at once.
type Due struct{ delay, moment int64 } // in milliseconds

// DueIn is a time from now, rounded up to milliseconds; at once if d is not positive. One that is
// positive and below a millisecond is ErrInvalid.
func DueIn(d time.Duration) Due {
	if d <= 0 {
		return Due{}
	}
	return Due{delay: drivers.In(d).Millis}
}

// DueAt is a moment, rounded up to milliseconds; at once if it is past. One more than 2^50 ms after 1970, in some 35,000
// years, is ErrInvalid.
func DueAt(t time.Time) Due {
	millis := drivers.At(t).Millis
	if t.Nanosecond()%int(time.Millisecond) != 0 && millis < math.MaxInt64 {
		millis++
	}
	return Due{moment: max(millis, 1)}
}

func (d Due) job(a *addition) { a.due = d }

// JobID is the id of a job, which is not empty and has no byte that is zero. A job that is added
// with it replaces one that is there.
type JobID string

func (id JobID) job(a *addition) { a.id = string(id) }

// IfAbsent lets a job that is there stay: the addition is ErrConditionFailed.
func (id JobID) IfAbsent() JobOption { return newJobID(id) }

type newJobID JobID

func (id newJobID) job(a *addition) { a.id, a.ifAbsent = string(id), true }

// Add adds a job and returns its id, which is a random one unless JobID says otherwise. It is due at
// once unless DueIn or DueAt says otherwise. One round trip (a script: ZRANGEBYSCORE,
// ZADD, ZREM), O(log n).
func (f QueueField[T]) Add(ctx context.Context, value T, options ...JobOption) (id string, err error) {
	text, err := textOf(&f.at, "Add", value)
	if err != nil {
		return "", err
	}
	adding := addition{id: rand.Text()}
	for option := range given(options) {
		option.job(&adding)
	}
	cmd := drivers.JobAdd(adding.id, text, adding.due.delay, adding.due.moment)
	if adding.ifAbsent {
		cmd.If = drivers.IfAbsent
	}
	reply, err := f.at.do(ctx, "Add", &cmd)
	switch {
	case err != nil:
		return "", err
	case reply.Nil:
		return "", f.at.fail("Add", fmt.Errorf("%w: there is a job %q", ErrConditionFailed, adding.id))
	}
	return adding.id, nil
}

// Remove takes jobs out, whatever their state, and returns how many there were. Who works on
// one loses it. One round trip (a script: ZRANGEBYSCORE, ZREM), O(log n) a job.
func (f QueueField[T]) Remove(ctx context.Context, ids ...string) (int, error) {
	if len(ids) == 0 {
		return 0, f.at.carried("Remove")
	}
	cmd := drivers.JobRemove("", ids...)
	return f.at.doInt(ctx, "Remove", &cmd)
}

// Reschedule makes a job due at another moment, whatever its state, and reports whether it is
// there. It begins anew, without any tries: so a dead letter is tried again, and who works on the job
// loses it. One round trip (a script: ZRANGEBYSCORE, ZADD, ZREM), O(log n).
func (f QueueField[T]) Reschedule(ctx context.Context, id string, due Due) (bool, error) {
	cmd := drivers.JobMove(id, "", drivers.JobWaits, due.delay, due.moment)
	return f.at.doBool(ctx, "Reschedule", &cmd)
}

// Take takes the first job that is due, for the time of a lease, which is rounded up to
// milliseconds. If there is none it is ErrNotFound. A job whose text does not fit comes beside
// ErrCorrupt, a *CorruptElementError with its text, and is taken all the same. After ErrIndeterminate a job may be taken, by nobody
// who knows, until the lease ends. One round trip (a script: ZRANGEBYSCORE, ZADD, ZREM), O(log n).
func (f QueueField[T]) Take(ctx context.Context, lease time.Duration) (Job[T], error) {
	job, _, err := f.take(ctx, "Take", lease)
	return job, err
}

// take is Take, with how long it is until something is due where nothing is: 0 if that is
// not known.
func (f QueueField[T]) take(ctx context.Context, op string, lease time.Duration) (job Job[T], wait time.Duration, err error) {
	token := rand.Text()
	cmd := drivers.JobTake(token, lease)
	reply, err := f.at.do(ctx, op, &cmd)
	if err != nil {
		return job, 0, err
	}
	if reply.Nil {
		if len(reply.Ints) > 0 {
			wait = milliseconds(reply.Ints[0])
		}
		return job, wait, f.at.fail(op, ErrNotFound)
	}
	job = Job[T]{ID: reply.Value, Tries: int(reply.Int), State: JobTaken, token: token}
	if job.Value, err = f.at.elements().codec.Decode[T](reply.Values[0]); err != nil {
		err = f.at.fail(op, fmt.Errorf("job %q: %w", job.ID, &CorruptElementError{Text: reply.Values[0], Err: err}))
	}
	return job, 0, err
}

// Done takes a job out that is done. If it is held no longer it is ErrJobLost, and nothing
// changes; a lease that has ended does no harm as long as nobody else took the job. One
// round trip (a script: ZRANGEBYSCORE, ZREM), O(log n).
func (f QueueField[T]) Done(ctx context.Context, job Job[T]) error {
	cmd := drivers.JobRemove(job.token, job.ID)
	return f.own(ctx, "Done", job, &cmd)
}

// Retry gives a job back, to be taken once it is due again. Its tries stay counted. See Done for
// what is ErrJobLost. One round trip (a script: ZRANGEBYSCORE, ZADD, ZREM), O(log n).
func (f QueueField[T]) Retry(ctx context.Context, job Job[T], due Due) error {
	cmd := drivers.JobMove(job.ID, job.token, drivers.JobWaits, due.delay, due.moment)
	return f.own(ctx, "Retry", job, &cmd)
}

// Renew lets the lease of a job begin anew, for another time. See Done for what is ErrJobLost. One round
// trip (a script: ZRANGEBYSCORE, ZADD), O(log n).
func (f QueueField[T]) Renew(ctx context.Context, job Job[T], lease time.Duration) error {
	cmd := drivers.JobMove(job.ID, job.token, drivers.JobTaken, drivers.In(lease).Millis, 0)
	return f.own(ctx, "Renew", job, &cmd)
}

// Bury puts a job among the dead letters. See Done for what is ErrJobLost. One round trip (a
// script: ZRANGEBYSCORE, ZADD, ZREM), O(log n).
func (f QueueField[T]) Bury(ctx context.Context, job Job[T]) error {
	cmd := drivers.JobMove(job.ID, job.token, drivers.JobDead, 0, 0)
	return f.own(ctx, "Bury", job, &cmd)
}

// own executes a command that does something only if the job is held.
func (f QueueField[T]) own(ctx context.Context, op string, job Job[T], cmd *drivers.Command) error {
	if err := f.at.carried(op); err != nil {
		return err
	}
	if job.token == "" {
		return f.at.fail(op, drivers.Errorf(ErrInvalid, "job %q was not taken", job.ID))
	}
	own, err := f.at.doBool(ctx, op, cmd)
	if err == nil && !own {
		err = f.at.fail(op, fmt.Errorf("job %q: %w", job.ID, ErrJobLost))
	}
	return err
}
