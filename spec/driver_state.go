package spec

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// content is what a check expects a key to hold. Its zero value is an absent key.
type content struct {
	value string // as holding prints it; "" for an absent key
	life  life
}

// life is the time to live a check expects; the zero life goes on for ever.
type life struct {
	kept   bool          // as it was before
	lasts  time.Duration // counted from the command
	until  int64         // a moment, in milliseconds after the epoch
	millis int64         // like lasts, for what a Duration cannot hold
}

var gone = content{}

func holds(text string) content { return content{value: fmt.Sprintf("string %q", text)} }

func contains(members ...string) content {
	members = slices.Sorted(slices.Values(members))
	return content{value: fmt.Sprintf("set %q", members)}
}

// fields are a hash: names and values by turns. When the lease of a lock ends is for
// OpLockHolder to see.
func fields(pairs ...string) content {
	lines := []string{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[0] == "until" {
			pair = []string{"until", "…"}
		}
		lines = append(lines, fmt.Sprintf("%q=%q", pair[0], pair[1]))
	}
	slices.Sort(lines)
	return content{value: fmt.Sprintf("hash %s", lines)}
}

// ordered are a sorted set whose scores are all 0.
func ordered(members ...string) content { return scored(members, make([]float64, len(members))) }

// scored are a sorted set.
func scored(members []string, scores []float64) content {
	return content{value: fmt.Sprintf("sorted set %q %v", members, scores)}
}

func (c content) kept() content                      { c.life.kept = true; return c }
func (c content) lasting(d time.Duration) content    { c.life.lasts = d; return c }
func (c content) until(millis int64) content         { c.life.until = millis; return c }
func (c content) lastingMillis(millis int64) content { c.life.millis = millis; return c }

// sight is what a key was seen to hold, and the window in which its end lies.
type sight struct {
	value    string
	mortal   bool
	from, to int64
}

// see looks a key up with every Op that reads it, and expects them to agree. It does so in
// batches: checks look at keys far more often than they do anything else.
func (t *trial) see(name string) sight {
	before := t.now()
	items := t.look(ttl(name), drivers.Command{Op: drivers.OpExists, Key: name}, get(name), drivers.Command{Op: drivers.OpStrLen, Key: name})
	after := t.now()
	t.Expect(items[0].Err).NotTo(gomega.HaveOccurred(), "TTL %q", name)
	t.Expect(items[1].Err).NotTo(gomega.HaveOccurred(), "EXISTS %q", name)
	left, exists, text := items[0].Reply, items[1].Reply, items[2]
	seen := sight{mortal: !left.Nil && left.Int >= 0, from: before + left.Int - 1, to: after + left.Int + 1}
	if errors.Is(text.Err, drivers.ErrWrongType) {
		seen.value = t.seeOther(name)
	} else {
		t.Expect(text.Err).NotTo(gomega.HaveOccurred(), "GET %q", name)
		t.Expect(items[3].Err).NotTo(gomega.HaveOccurred(), "STRLEN %q", name)
		t.replies(items[3].Reply, drivers.Reply{Int: int64(len(text.Reply.Value))}, "STRLEN %q", name)
		if !text.Reply.Nil {
			seen.value = holds(text.Reply.Value).value
		}
	}
	there := int64(1)
	if seen.value == "" {
		there = 0
		if bookkeeping(name) && exists.Int == 1 { // it has nothing but its seal
			return sight{}
		}
	}
	t.replies(exists, drivers.Reply{Int: there}, "EXISTS %q, which holds %q", name, seen.value)
	t.Expect(left.Nil).To(gomega.Equal(there == 0), "TTL %q, which holds %q", name, seen.value)
	return seen
}

// seeOther sees what is no string.
func (t *trial) seeOther(name string) string {
	var kinds []family
	var commands []drivers.Command
	for _, kind := range families() {
		if kind.content != nil {
			kind.all.Key, kind.size.Key = name, name
			kinds, commands = append(kinds, kind), append(commands, kind.all, kind.size)
		}
	}
	items := t.look(commands...)
	for i, kind := range kinds {
		all, size := items[2*i], items[2*i+1]
		if errors.Is(all.Err, drivers.ErrWrongType) {
			continue
		}
		t.Expect(all.Err).NotTo(gomega.HaveOccurred(), kind.all.Op.String())
		t.Expect(size.Err).NotTo(gomega.HaveOccurred(), kind.size.Op.String())
		_, count := kind.content(all.Reply)
		t.replies(size.Reply, drivers.Reply{Int: int64(count)}, "%v %q", kind.size.Op, name)
		reply := all.Reply
		if bookkeeping(name) {
			if reply = unsealed(reply); len(reply.Values) == 0 {
				return ""
			}
		}
		value, _ := kind.content(reply)
		return value
	}
	return "something of another type"
}

// look executes reads, each of which may fail.
func (t *trial) look(commands ...drivers.Command) []drivers.Item {
	b, err := t.batch(false, commands...)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	return b.Items
}

// observe sees all the keys named.
func (t *trial) observe(names []string) map[string]sight {
	seen := map[string]sight{}
	for _, name := range names {
		seen[name] = t.see(name)
	}
	return seen
}

// changed expects name to have become what want says, through a command that ran
// between the moments start and end.
func (t *trial) changed(name string, before sight, want content, start, end int64) {
	now := t.see(name)
	t.Expect(now.value).To(gomega.Equal(want.value), "what %q holds", name)
	life := want.life
	if life.kept {
		t.sameLife(name, before, now)
		return
	}
	millis := max(life.millis, life.lasts.Milliseconds())
	mortal := millis > 0 || life.until > 0
	t.Expect(now.mortal).To(gomega.Equal(mortal), "whether %q has a time to live", name)
	switch {
	case life.until > 0:
		t.window(name, now, life.until, life.until)
	case mortal:
		t.window(name, now, start+millis, end+millis)
	}
}

// unchanged expects name to hold what it held before, for as long.
func (t *trial) unchanged(name string, before sight) {
	now := t.see(name)
	t.Expect(now.value).To(gomega.Equal(before.value), "what %q holds: nothing should have changed", name)
	t.sameLife(name, before, now)
}

func (t *trial) sameLife(name string, before, now sight) {
	t.Expect(now.mortal).To(gomega.Equal(before.mortal), "whether %q has a time to live, which should not have changed", name)
	if now.mortal {
		t.window(name, now, before.from, before.to)
	}
}

// window expects the end of what was seen to lie between from and to, as far as
// two clocks that count whole milliseconds can tell.
func (t *trial) window(name string, seen sight, from, to int64) {
	late := seen.from - to
	early := from - seen.to
	t.Expect(late).To(gomega.BeNumerically("<=", 1), "%q lives longer than it should", name)
	t.Expect(early).To(gomega.BeNumerically("<=", 1), "%q ends earlier than it should", name)
}
