package drivers

import (
	"crypto/sha1"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// queueOps are the Ops on queues. A transaction cannot take a job, as which one is due is known
// at the moment of execution alone; it can add, move and remove those that it names.
var queueOps = family{
	{OpJobAdd, operation{name: "JOBADD", effect: Writes, keeps: true, checks: checks{checkCondition, checkJob, checkDue}, reach: ReachJobs, elements: valueOf}},
	{OpJobTake, operation{name: "JOBTAKE", effect: Writes, keeps: true, checks: checks{checkTake}}},
	{OpJobMove, operation{name: "JOBMOVE", effect: Writes, keeps: true, checks: checks{checkJob, checkMove, checkDue}, reach: ReachJobs, elements: valueOf}},
	{OpJobRemove, operation{name: "JOBREMOVE", effect: Writes, checks: checks{checkValues, checkJobs}, reach: ReachJobs, elements: valuesOf}},
}

// JobState is what an OpJobMove makes of a job.
type JobState int64

const (
	// JobWaits for its moment.
	JobWaits JobState = iota
	// JobTaken is still whose it was, until its moment.
	JobTaken
	// JobDead is not taken any more.
	JobDead
)

// JobRecord is what a queue keeps of a job beside its turn.
type JobRecord struct {
	ID    string
	Tries int64  // how often it was taken
	Token string // of who has taken it last; empty if nobody has it
	Text  string
}

// jobSeparator is between the parts of a record. No id and no token has it.
const jobSeparator = "\x00"

// Member is the record as a member of the queue's sorted set.
func (r JobRecord) Member() string {
	return strings.Join([]string{r.ID, strconv.FormatInt(r.Tries, 10), r.Token, r.Text}, jobSeparator)
}

// JobOf is the record of a job that a member is, if it is one. What is none has an ID at most.
func JobOf(member string) (record JobRecord, is bool) {
	id, rest, _ := strings.Cut(member, jobSeparator)
	digits, rest, _ := strings.Cut(rest, jobSeparator)
	token, text, ok := strings.Cut(rest, jobSeparator)
	tries, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || len(digits) >= 10 {
		return JobRecord{ID: id}, false
	}
	return JobRecord{ID: id, Tries: int64(tries), Token: token, Text: text}, true
}

// FindJob finds the record of a job among members that were found at its JobPlace.
func FindJob(id string, members []string) (record JobRecord, there bool) {
	for _, member := range members {
		if record, is := JobOf(member); is && record.ID == id {
			return record, true
		}
	}
	return JobRecord{ID: id}, false
}

// JobPlace is the score of the record of the job with that id: below 0, where no turn is, and by
// the first 52 bits of the id's SHA-1, so that it is found by its id. It is hardly ever shared.
func JobPlace(id string) float64 {
	sum := sha1.Sum([]byte(id))
	return -float64(binary.BigEndian.Uint64(sum[:])>>12) - 1
}

// JobReads are the reads of what a queue has of jobs: their turns, and for each what is at its
// JobPlace, for FindJob.
func JobReads(ids []string) []Command {
	commands := []Command{{Op: OpZMScore, Values: ids}}
	for _, id := range ids {
		place := FormatFloat(JobPlace(id))
		commands = append(commands, Command{Op: OpZRangeByScore, Extra: &Extra{Min: place, Max: place}})
	}
	return commands
}

func checkJobID(id string) error {
	if id == "" || strings.Contains(id, jobSeparator) {
		return Errorf(ErrInvalid, "the id of a job is empty, or has a byte that is zero: %.40q", id)
	}
	return nil
}

func checkJob(cmd Command) error { return checkJobID(cmd.Value) }

func checkJobs(cmd Command) error {
	for _, id := range cmd.Values {
		if err := checkJobID(id); err != nil {
			return err
		}
	}
	return nil
}

func checkDue(cmd Command) error {
	switch {
	case cmd.Start < 0:
		return Errorf(ErrInvalid, "a delay that is negative, or "+belowMillisecond)
	case cmd.Start > MaxLeaseMillis:
		return Errorf(ErrInvalid, "a delay of %d ms is too long", cmd.Start)
	case cmd.Stop < 0 || cmd.Stop > MaxLeaseMillis:
		return Errorf(ErrInvalid, "to be due at %v: the moment must be from 1970 on, and at most 2^50 ms after that", time.UnixMilli(cmd.Stop).UTC())
	}
	return nil
}

func checkTake(cmd Command) error {
	if cmd.Value == "" || strings.Contains(cmd.Value, jobSeparator) {
		return Errorf(ErrInvalid, "the token %.40q", cmd.Value)
	}
	return checkLease(cmd)
}

func checkMove(cmd Command) error {
	if state := cmd.JobState(); state < JobWaits || state > JobDead || cmd.Expected() == "" && state != JobWaits {
		return Errorf(ErrInvalid, "a job that becomes %d, of the token %.40q", state, cmd.Expected())
	}
	if cmd.JobState() == JobTaken && cmd.Stop == 0 && cmd.Start <= 0 {
		return errShortLease
	}
	return nil
}
