package spec

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// queued is a job of a queue, with its turn.
type queued struct {
	drivers.JobRecord
	due float64
}

// waits is a job that nobody has.
func waits(id string, due float64, tries int64) queued {
	return queued{drivers.JobRecord{ID: id, Tries: tries, Text: "text of " + id}, due}
}

// takenBy is a job that somebody has.
func takenBy(token, id string, due float64, tries int64) queued {
	job := waits(id, due, tries)
	job.Token = token
	return job
}

// queueOf is a command that makes a queue of these jobs.
func queueOf(jobs ...queued) drivers.Command {
	cmd := drivers.Command{Op: drivers.OpZAdd, Key: "k"}
	for _, job := range jobs {
		cmd.Values = append(cmd.Values, job.ID, job.Member())
		cmd.OwnExtra().Scores = append(cmd.Scores(), job.due, drivers.JobPlace(job.ID))
	}
	return cmd
}

// holdsJobs is a queue of these jobs and no others.
func holdsJobs(jobs ...queued) content {
	made := queueOf(jobs...)
	places := make([]int, len(made.Values))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		return cmp.Or(cmp.Compare(made.Scores()[a], made.Scores()[b]), strings.Compare(made.Values[a], made.Values[b]))
	})
	var members []string
	var scores []float64
	for _, place := range places {
		members, scores = append(members, made.Values[place]), append(scores, made.Scores()[place])
	}
	return scored(members, scores)
}

// jobAt is the addition of a job that is due at a moment.
func jobAt(id string, moment int64) drivers.Command {
	return onK(drivers.JobAdd(id, "text of "+id, 0, moment))
}

func onK(cmd drivers.Command) drivers.Command { cmd.Key = "k"; return cmd }

func jobTake(token string, lease time.Duration) drivers.Command {
	return onK(drivers.JobTake(token, lease))
}

func jobMove(id, token string, state drivers.JobState, moment int64) drivers.Command {
	return onK(drivers.JobMove(id, token, state, 0, moment))
}

func jobRemove(token string, ids ...string) drivers.Command {
	return onK(drivers.JobRemove(token, ids...))
}

// queueFamily is that of queues, which are sorted sets.
func queueFamily() family {
	waiting := kind{sortedSetKind.name, queueOf(takenBy("me", "old", float64(longAgo), 1))}
	return family{checks: queueChecks, examples: []example{
		{jobAt("new", farAhead), sortedSetKind, "Value Expected If Start Stop"},
		{jobTake("me", hour), waiting, "Value Amount"},
		{jobMove("old", "me", drivers.JobWaits, farAhead), waiting, "Value Expected Amount Start Stop"},
		{jobRemove("me", "old"), waiting, "Expected Values"},
	}}
}

func queueChecks(Harness) []check {
	const past, ahead = float64(longAgo), float64(farAhead)
	one, none, refused := drivers.Reply{Int: 1}, drivers.Reply{}, drivers.Reply{Nil: true}
	never := math.Inf(1)
	a, b := waits("a", past, 0), waits("b", ahead, 2)
	mine := takenBy("me", "a", ahead, 3)
	two := given(queueOf(a, b))
	iff := func(cond drivers.Condition, cmd drivers.Command) drivers.Command { cmd.If = cond; return cmd }
	var odd []queued // in one step of a script there are no more than some thousand values
	for i := range 4001 {
		odd = append(odd, waits("job"+strconv.Itoa(i), ahead, 0))
	}
	var oddIDs []string
	for _, job := range odd {
		oddIDs = append(oddIDs, job.ID)
	}
	table := []row{
		{says: "makes a queue", when: jobAt("b", farAhead), want: one, then: then{"k": holdsJobs(waits("b", ahead, 0))}},
		{says: "adds a job beside others", given: given(queueOf(a)), when: jobAt("b", farAhead), want: one, then: then{"k": holdsJobs(a, waits("b", ahead, 0))}},
		{says: "replaces a job with that id, which begins anew", given: two, when: jobAt("b", longAgo), want: none, then: then{"k": holdsJobs(a, waits("b", past, 0))}},
		{says: "takes a job from whoever has it", given: given(queueOf(mine)), when: onK(drivers.JobAdd("a", "other", 0, farAhead)), want: none,
			then: then{"k": holdsJobs(queued{drivers.JobRecord{ID: "a", Text: "other"}, ahead})}},
		{says: "IfAbsent leaves a job that is there", given: two, when: iff(drivers.IfAbsent, jobAt("b", longAgo)), want: refused},
		{says: "IfAbsent adds one that is not", given: given(queueOf(a)), when: iff(drivers.IfAbsent, jobAt("b", farAhead)), want: one, then: then{"k": holdsJobs(a, waits("b", ahead, 0))}},
		{says: "IfExists makes no queue", when: iff(drivers.IfExists, jobAt("a", farAhead)), want: refused},
		{says: "IfExists replaces a job", given: two, when: iff(drivers.IfExists, jobAt("b", longAgo)), want: none, then: then{"k": holdsJobs(a, waits("b", past, 0))}},
		{says: "takes any text", when: onK(drivers.JobAdd("\xff", "\x00\xff\x00", 0, farAhead)), want: one,
			then: then{"k": holdsJobs(queued{drivers.JobRecord{ID: "\xff", Text: "\x00\xff\x00"}, ahead})}},
		{says: "keeps a time to live", given: given(queueOf(a), drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}), when: jobAt("b", farAhead), want: one,
			then: then{"k": holdsJobs(a, waits("b", ahead, 0)).kept()}},
		{says: "is ErrInvalid without an id", given: two, when: jobAt("", farAhead), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with a zero in the id", given: two, when: jobAt("a\x00b", farAhead), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with a negative delay", given: two, when: onK(drivers.JobAdd("a", "", -1, 0)), err: drivers.ErrInvalid},
		{says: "is ErrInvalid at a negative moment", given: two, when: jobAt("a", -1), err: drivers.ErrInvalid},

		{says: "is Nil for an absent queue", when: jobTake("me", hour), want: refused},
		{says: "is Nil where all are dead", given: given(queueOf(waits("a", never, 3))), when: jobTake("me", hour), want: refused},
		{says: "is ErrInvalid without a token", given: two, when: jobTake("", hour), err: drivers.ErrInvalid},
		{says: "is ErrInvalid without a lease", given: two, when: jobTake("me", 0), err: drivers.ErrInvalid},

		{says: "makes a job wait for another moment", given: given(queueOf(mine, b)), when: jobMove("a", "me", drivers.JobWaits, longAgo), want: one,
			then: then{"k": holdsJobs(waits("a", past, 3), b)}},
		{says: "makes a lease longer", given: given(queueOf(mine)), when: jobMove("a", "me", drivers.JobTaken, farAhead+7), want: one, then: then{"k": holdsJobs(takenBy("me", "a", ahead+7, 3))}},
		{says: "puts a job among the dead", given: given(queueOf(mine)), when: jobMove("a", "me", drivers.JobDead, 0), want: one, then: then{"k": holdsJobs(waits("a", never, 3))}},
		{says: "is 0 for a job that another has", given: given(queueOf(mine)), when: jobMove("a", "she", drivers.JobWaits, longAgo), want: none},
		{says: "is 0 for a job that nobody has", given: two, when: jobMove("b", "me", drivers.JobWaits, longAgo), want: none},
		{says: "is 0 for an unknown job", given: two, when: jobMove("c", "", drivers.JobWaits, longAgo), want: none},
		{says: "is 0 for an absent queue", when: jobMove("a", "", drivers.JobWaits, longAgo), want: none},
		{says: "without a token lets any job begin anew", given: given(queueOf(mine, b)), when: jobMove("a", "", drivers.JobWaits, longAgo), want: one,
			then: then{"k": holdsJobs(waits("a", past, 0), b)}},
		{says: "without a token brings the dead back", given: given(queueOf(waits("a", never, 9))), when: jobMove("a", "", drivers.JobWaits, longAgo), want: one, then: then{"k": holdsJobs(a)}},
		{says: "of what is so already changes nothing", given: two, when: jobMove("a", "", drivers.JobWaits, longAgo), want: one},
		{says: "is ErrInvalid without an id", given: two, when: jobMove("", "", drivers.JobWaits, longAgo), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for another's lease", given: two, when: jobMove("a", "", drivers.JobTaken, longAgo), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for an unknown state", given: two, when: jobMove("a", "me", drivers.JobDead+1, longAgo), err: drivers.ErrInvalid},

		{says: "takes a job out", given: two, when: jobRemove("", "b"), want: one, then: then{"k": holdsJobs(a)}},
		{says: "leaves nothing of the last one", given: given(queueOf(mine)), when: jobRemove("me", "a"), want: one, then: then{"k": content{}}},
		{says: "counts those that were there, once", given: two, when: jobRemove("", "a", "c", "a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": content{}}},
		{says: "takes many out", given: given(queueOf(append(odd, a)...)), when: jobRemove("", oddIDs...), want: drivers.Reply{Int: int64(len(odd))}, then: then{"k": holdsJobs(a)}},
		{says: "leaves what another has", given: given(queueOf(mine)), when: jobRemove("she", "a"), want: none},
		{says: "leaves what nobody has, where there is a token", given: two, when: jobRemove("me", "a", "b"), want: none},
		{says: "is 0 for an absent queue", when: jobRemove("", "a"), want: none},
		{says: "is ErrInvalid without ids", given: two, when: jobRemove(""), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for an id that none has", given: two, when: jobRemove("", "a", ""), err: drivers.ErrInvalid},
	}
	return append(rows(table...),
		about(drivers.OpJobTake, "takes the first that is due, by its moment and then its id", func(t *trial) {
			t.given(queueOf(waits("c", past, 0), waits("b", past+1, 4), waits("a", past+1, 0), b, waits("0", never, 0)))
			for _, want := range []struct {
				id    string
				tries int64
			}{{"c", 1}, {"a", 1}} {
				t.takes(want.id, want.tries)
			}
		}),
		about(drivers.OpJobTake, "makes a job due again when its lease ends", (*trial).takesAgain),
		about(drivers.OpJobTake, "answers how long it is until something is due", func(t *trial) {
			t.given(onK(drivers.JobAdd("a", "", hour.Milliseconds(), 0)))
			reply := t.must(jobTake("me", hour))
			t.Expect(reply.Nil).To(gomega.BeTrue())
			t.Expect(reply.Ints).To(gomega.HaveExactElements(gomega.BeNumerically("~", hour.Milliseconds(), 60_000)))
		}),
		about(drivers.OpJobTake, "leaves a record with the token, and the number of tries", func(t *trial) {
			t.given(queueOf(waits("a", past, 4)))
			t.takes("a", 5)
			record := takenBy("me", "a", 0, 5)
			t.Expect(t.must(drivers.Command{Op: drivers.OpZScore, Key: "k", Value: record.Member()}).Float).To(gomega.Equal(drivers.JobPlace("a")))
			t.Expect(t.must(command(drivers.OpZCard)).Int).To(gomega.BeEquivalentTo(2))
		}),
		about(drivers.OpJobTake, "takes a turn without a record for a job without a text", func(t *trial) {
			t.given(zadd("k", 1, "a"))
			t.Expect(t.must(jobTake("me", hour))).To(gomega.Equal(drivers.Reply{Value: "a", Values: []string{""}, Int: 1}))
		}),
		about(drivers.OpJobMove, "is of no use to who had the job before", (*trial).losesJob),
		check{about: "queues", says: "give each job to one at a time, whatever many goroutines do", run: (*trial).takeTogether},
	)
}

// takes expects to get a job.
func (t *trial) takes(id string, tries int64) {
	t.Expect(t.must(jobTake("me", hour))).To(gomega.Equal(drivers.Reply{Value: id, Values: []string{"text of " + id}, Int: tries}))
}

// whenOver takes a job as soon as its lease, which is short, is over.
func (t *trial) whenOver(token string) drivers.Reply {
	if t.Advance != nil {
		t.Advance(time.Second)
	}
	var reply drivers.Reply
	t.Eventually(func() bool {
		reply = t.must(jobTake(token, hour))
		return reply.Nil
	}).WithPolling(time.Millisecond).Should(gomega.BeFalse())
	return reply
}

func (t *trial) takesAgain() {
	t.given(jobAt("a", longAgo))
	t.Expect(t.must(jobTake("me", 20*time.Millisecond)).Int).To(gomega.BeEquivalentTo(1))
	t.Expect(t.whenOver("she").Int).To(gomega.BeEquivalentTo(2))
	t.Expect(t.must(jobTake("me", hour)).Nil).To(gomega.BeTrue(), "within her lease")
}

func (t *trial) losesJob() {
	t.given(jobAt("a", longAgo), jobTake("me", 20*time.Millisecond))
	t.Expect(t.must(jobMove("a", "me", drivers.JobTaken, longAgo)).Int).To(gomega.BeEquivalentTo(1), "as nobody else has taken it")
	t.whenOver("she")
	for _, late := range []drivers.Command{jobMove("a", "me", drivers.JobWaits, longAgo), jobMove("a", "me", drivers.JobDead, 0), jobRemove("me", "a")} {
		t.Expect(t.must(late).Int).To(gomega.BeZero(), describe(late))
	}
	t.Expect(t.must(jobRemove("she", "a")).Int).To(gomega.BeEquivalentTo(1))
}

func (t *trial) takeTogether() {
	const goroutines, jobs = 16, 10
	for i := range jobs {
		t.given(jobAt(strconv.Itoa(i), longAgo))
	}
	taken := make(chan string, goroutines)
	for i := range goroutines {
		go func() {
			reply, err := t.Driver.Do(t.ctx, t.place(jobTake("worker"+strconv.Itoa(i), hour)))
			if err != nil {
				reply.Value = err.Error()
			}
			taken <- reply.Value
		}()
	}
	count := map[string]int{}
	for range goroutines {
		count[<-taken]++
	}
	t.Expect(count).To(gomega.HaveLen(1 + jobs))
	t.Expect(count).To(gomega.HaveKeyWithValue("", goroutines-jobs))
}
