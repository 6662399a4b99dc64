package queues_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// modelled is a job as a plain queue would have it.
type modelled struct {
	id, text string
	due      time.Time
	tries    int
	holder   int // of the taking that has it; 0 if nobody has
	dead     bool
}

// machine applies the same operations to a queue and to a list of jobs.
type machine struct {
	ctx   context.Context
	clock *kvtest.Clock
	mails kv.QueueField[mail]
	jobs  map[string]*modelled
	taken []kv.Job[mail] // all that ever were
}

func (m *machine) id(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id")
}

func (m *machine) due(t *rapid.T) (kv.Due, time.Time) {
	after := time.Duration(rapid.IntRange(-3, 10).Draw(t, "seconds")) * time.Second
	if rapid.Bool().Draw(t, "at") {
		return kv.DueAt(m.clock.Now().Add(after)), m.clock.Now().Add(after)
	}
	return kv.DueIn(after), m.clock.Now().Add(max(after, 0))
}

func (m *machine) expect(t *rapid.T, what string, err, want error) {
	if !errors.Is(err, want) || (err == nil) != (want == nil) {
		t.Fatalf("%s: %v instead of %v", what, err, want)
	}
}

func (m *machine) add(t *rapid.T) {
	id, text := m.id(t), rapid.StringN(0, 3, -1).Draw(t, "text")
	due, at := m.due(t)
	option, want := kv.JobOption(kv.JobID(id)), error(nil)
	if rapid.Bool().Draw(t, "if absent") {
		option = kv.JobID(id).IfAbsent()
		if m.jobs[id] != nil {
			want = kv.ErrConditionFailed
		}
	}
	_, err := m.mails.Add(m.ctx, mail{text}, option, due)
	if m.expect(t, "Add", err, want); err == nil {
		m.jobs[id] = &modelled{id: id, text: text, due: at}
	}
}

// inOrder are those that live, the first that is due first.
func (m *machine) inOrder() (all []*modelled) {
	for _, job := range m.jobs {
		if !job.dead {
			all = append(all, job)
		}
	}
	slices.SortFunc(all, func(a, b *modelled) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id)) })
	return all
}

func (m *machine) take(t *rapid.T) {
	lease := time.Duration(rapid.IntRange(1, 5).Draw(t, "lease")) * time.Second
	job, err := m.mails.Take(m.ctx, lease)
	all := m.inOrder()
	if len(all) == 0 || all[0].due.After(m.clock.Now()) {
		m.expect(t, "Take", err, kv.ErrNotFound)
		return
	}
	m.expect(t, "Take", err, nil)
	first := all[0]
	m.taken = append(m.taken, job)
	first.tries, first.due, first.holder = first.tries+1, m.clock.Now().Add(lease), len(m.taken)
	if job.ID != first.id || job.Value.To != first.text || job.Tries != first.tries {
		t.Fatalf("took %+v instead of %+v", job, *first)
	}
}

// settle is an operation on a job that was taken at some time.
func (m *machine) settle(what string, do func(t *rapid.T, job kv.Job[mail], modelled *modelled) error) func(t *rapid.T) {
	return func(t *rapid.T) {
		if len(m.taken) == 0 {
			return
		}
		place := rapid.IntRange(max(0, len(m.taken)-3), len(m.taken)-1).Draw(t, "which")
		job := m.jobs[m.taken[place].ID]
		if job != nil && job.holder == place+1 {
			m.expect(t, what, do(t, m.taken[place], job), nil)
			return
		}
		m.expect(t, what, do(t, m.taken[place], &modelled{}), kv.ErrJobLost)
	}
}

func (m *machine) reschedule(t *rapid.T) {
	id := m.id(t)
	due, at := m.due(t)
	there, err := m.mails.Reschedule(m.ctx, id, due)
	m.expect(t, "Reschedule", err, nil)
	job := m.jobs[id]
	if there != (job != nil) {
		t.Fatalf("rescheduled %q: %t", id, there)
	}
	if there {
		*job = modelled{id: id, text: job.text, due: at}
	}
}

func (m *machine) remove(t *rapid.T) {
	id := m.id(t)
	removed, err := m.mails.Remove(m.ctx, id, id)
	m.expect(t, "Remove", err, nil)
	if (removed == 1) != (m.jobs[id] != nil) {
		t.Fatalf("removed %q: %d", id, removed)
	}
	delete(m.jobs, id)
}

func (m *machine) check(t *rapid.T) {
	all := m.inOrder()
	listed := 0
	for job, err := range m.mails.All(m.ctx) {
		m.expect(t, "All", err, nil)
		if listed >= len(all) {
			t.Fatalf("%+v is one too many", job)
		}
		want, state := all[listed], kv.JobWaiting
		switch {
		case !want.due.After(m.clock.Now()):
			state = kv.JobDue
		case want.holder != 0:
			state = kv.JobTaken
		}
		if job.ID != want.id || job.Value.To != want.text || job.Tries != want.tries || job.State != state || !job.Due.Equal(want.due) {
			t.Fatalf("%+v instead of %+v", job, *want)
		}
		listed++
	}
	length, err := m.mails.Len(m.ctx)
	m.expect(t, "Len", err, nil)
	dead, err := m.mails.CountDead(m.ctx)
	m.expect(t, "CountDead", err, nil)
	if listed != len(all) || length != len(all) || dead != len(m.jobs)-len(all) {
		t.Fatalf("%d listed, %d and %d dead counted, of %d and %d", listed, length, dead, len(all), len(m.jobs)-len(all))
	}
}

func TestQueueAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := kvtest.NewClock()
		m := &machine{ctx: context.Background(), clock: clock, jobs: map[string]*modelled{}}
		m.mails = kv.MustOpen(kv.Queue[mail](), memory.New(memory.WithClock(clock.Now)), kv.At("mails"))
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "add": m.add, "take": m.take, "reschedule": m.reschedule, "remove": m.remove,
			"wait": func(t *rapid.T) {
				clock.Advance(time.Duration(rapid.IntRange(1, 5000).Draw(t, "milliseconds")) * time.Millisecond)
			},
			"done": m.settle("Done", func(_ *rapid.T, job kv.Job[mail], is *modelled) error {
				delete(m.jobs, is.id)
				return m.mails.Done(m.ctx, job)
			}),
			"retry": m.settle("Retry", func(t *rapid.T, job kv.Job[mail], is *modelled) error {
				due, at := m.due(t)
				is.due, is.holder = at, 0
				return m.mails.Retry(m.ctx, job, due)
			}),
			"renew": m.settle("Renew", func(_ *rapid.T, job kv.Job[mail], is *modelled) error {
				is.due = clock.Now().Add(time.Minute)
				return m.mails.Renew(m.ctx, job, time.Minute)
			}),
			"bury": m.settle("Bury", func(_ *rapid.T, job kv.Job[mail], is *modelled) error {
				is.dead, is.holder = true, 0
				return m.mails.Bury(m.ctx, job)
			}),
		})
	})
}
