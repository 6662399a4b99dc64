package drivers

import "time"

// JobAdd is an OpJobAdd of a job that is due after so many milliseconds, or at a moment if that
// is not 0.
func JobAdd(id, text string, delayMillis, moment int64) Command {
	return Command{Op: OpJobAdd, Value: id, Extra: &Extra{Expected: text}, Start: delayMillis, Stop: moment}
}

// JobTake is an OpJobTake by who shows the token later.
func JobTake(token string, lease time.Duration) Command {
	return Command{Op: OpJobTake, Value: token, Amount: In(lease).Millis}
}

// JobMove is an OpJobMove to a state until so many milliseconds are over, or to a moment if that
// is not 0. Without a token it is of any job, which waits then.
func JobMove(id, token string, state JobState, delayMillis, moment int64) Command {
	return Command{Op: OpJobMove, Value: id, Extra: &Extra{Expected: token}, Amount: int64(state), Start: delayMillis, Stop: moment}
}

// JobRemove is an OpJobRemove of the jobs that the token is for, or any without one.
func JobRemove(token string, ids ...string) Command {
	return Command{Op: OpJobRemove, Extra: &Extra{Expected: token}, Values: ids}
}

// JobID is which job an OpJobAdd or OpJobMove is about.
func (c *Command) JobID() string { return c.Value }

// JobText is what an OpJobAdd adds.
func (c *Command) JobText() string { return c.Expected() }

// JobToken is whose job it must be; for OpJobTake, whose it is going to be.
func (c *Command) JobToken() string {
	if c.Op == OpJobTake {
		return c.Value
	}
	return c.Expected()
}

// JobState is what an OpJobMove makes of a job.
func (c *Command) JobState() JobState { return JobState(c.Amount) }

// DueMillis is when a job is due, given what time it is.
func (c *Command) DueMillis(now int64) int64 {
	if c.Stop != 0 {
		return c.Stop
	}
	return now + c.Start
}
