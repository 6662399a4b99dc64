package spec

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// textChecks: a drivers.TextReader answers what OpGet does, whatever the key holds.
func textChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check {
		return check{about: "reading a text by its key", says: says, run: run}
	}
	if !h.Texts {
		return []check{topic("is no ability of this driver", func(t *trial) {
			t.Expect(drivers.Texts(t.Driver)).To(gomega.BeNil())
		})}
	}
	checks := []check{
		topic("is no ability of a driver that embeds this one, and may do more in its Do", func(t *trial) {
			t.Expect(drivers.Texts(struct{ drivers.Driver }{t.Driver})).To(gomega.BeNil())
			t.Expect(drivers.Texts(embedding{t.Driver, drivers.Texts(t.Driver)})).To(gomega.BeNil())
		}),
		topic("is the context's error after its end", func(t *trial) {
			t.given(put("k", "v"))
			ended, end := context.WithCancel(t.ctx)
			end()
			_, _, err := drivers.Texts(t.Driver).ReadText(ended, t.key("k"))
			t.Expect(err).To(gomega.MatchError(context.Canceled))
		}),
		topic("finds nothing once the time is over", func(t *trial) {
			t.given(putFor(time.Hour, "k", "v"))
			t.sameText("k", drivers.Reply{Value: "v"})
			t.expire("k")
			t.sameText("k", drivers.Reply{Nil: true})
		}),
		topic("is ErrWrongType for what is no text", func(t *trial) {
			t.given(fill("k", "a"))
			_, exists, err := drivers.Texts(t.Driver).ReadText(t.ctx, t.key("k"))
			t.fails(err, drivers.ErrWrongType)
			t.Expect(exists).To(gomega.BeFalse())
		}),
	}
	for _, r := range []row{
		{says: "finds nothing where there is nothing", want: drivers.Reply{Nil: true}},
		{says: "reads a text", given: given(put("k", "value")), want: drivers.Reply{Value: "value"}},
		{says: "reads a text that goes by itself", given: given(putFor(time.Hour, "k", "value")), want: drivers.Reply{Value: "value"}},
		{says: "reads an empty text", given: given(put("k", "")), want: drivers.Reply{Value: ""}},
		{says: "reads a number", given: given(drivers.Command{Op: drivers.OpIncrBy, Key: "k", Amount: 12}), want: drivers.Reply{Value: "12"}},
		{says: "reads what was put together", given: given(put("k", "a"), drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "b"}), want: drivers.Reply{Value: "ab"}},
	} {
		checks = append(checks, topic(r.says, func(t *trial) {
			t.given(r.given...)
			t.sameText("k", r.want)
		}))
	}
	if h.Close {
		checks = append(checks, topic("is ErrClosed after Close", func(t *trial) {
			t.close()
			_, _, err := drivers.Texts(t.Driver).ReadText(t.ctx, t.key("k"))
			t.fails(err, drivers.ErrClosed)
		}))
	}
	return checks
}

// embedding is a driver that has its TextReader from the one inside.
type embedding struct {
	drivers.Driver
	drivers.TextReader
}

// sameText expects want of an OpGet and of the TextReader.
func (t *trial) sameText(name string, want drivers.Reply) {
	t.replies(t.must(get(name)), want)
	text, exists, err := drivers.Texts(t.Driver).ReadText(t.ctx, t.key(name))
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.replies(drivers.Reply{Value: text, Nil: !exists}, want)
}
