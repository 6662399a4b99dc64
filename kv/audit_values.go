package kv

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// examiner is how the values of a node are read and judged.
type examiner struct {
	read drivers.Command // its first part
	// examine tells what is amiss with a value of which the first part was read.
	examine func(a *auditing, ctx context.Context, v *visit, read *drivers.Item) error
	// whole judges a value that is erased as a whole if it does not fit, given all of it.
	whole func(reply drivers.Reply) (content content, form string, err error)
	// timed says that the time to live is to be known, or whether there is a value, of which read tells nothing.
	timed bool
}

// examiner is that of a node, worked out once.
func (a *auditing) examiner(node *bound) *examiner {
	how := a.examiners[node]
	if how == nil {
		made := examinerOf(node)
		how = &made
		how.timed = node.expiry.Mode == drivers.ExpireIn || len(node.indexed) > 0 || how.whole != nil && how.read.Op != drivers.OpGet
		a.examiners[node] = how
	}
	return how
}

// sizes are reads that tell the type of a value, where nothing more is to be known of it.
var sizes = map[dsl.Kind]drivers.Op{
	dsl.String: drivers.OpStrLen, dsl.Bytes: drivers.OpStrLen, dsl.Bitmap: drivers.OpStrLen, dsl.BitSet: drivers.OpStrLen,
	dsl.Limiter: drivers.OpStrLen, dsl.Lock: drivers.OpHLen, dsl.Set: drivers.OpSCard, dsl.List: drivers.OpLLen, dsl.SortedSet: drivers.OpZCard,
}

func examinerOf(node *bound) examiner {
	kind := node.kind()
	switch {
	case kind == dsl.HyperLogLog:
		return wholeExaminer(drivers.Command{Op: drivers.OpGetRange, Stop: int64(len(sketchMagic)) - 1}, judgeSketch)
	case kind == dsl.Hash:
		fields := node.shared.(gotext.PairsInspector)
		return wholeExaminer(drivers.Command{Op: drivers.OpHGetAll}, func(reply drivers.Reply) (content, string, error) {
			form, err := fields.InspectPairs(reply.Values)
			return content{}, form, err
		})
	case sizes[kind] != 0 && !node.judges():
		return examiner{read: drivers.Command{Op: sizes[kind]}, examine: func(*auditing, context.Context, *visit, *drivers.Item) error { return nil }}
	}
	how := transferOf(kind)
	if how.inParts() {
		return examiner{read: how.read, examine: (*auditing).examineParts}
	}
	return wholeExaminer(how.read, judgeSingle(node))
}

// inspector judges the elements of a field; nil where there is nothing to be judged by.
func (b *bound) inspector() gotext.Inspector {
	if all, ok := b.shared.(*elements); ok {
		return all.codec
	}
	return nil
}

// judges reports whether there is a text that would be none of the field's elements.
func (b *bound) judges() bool {
	all, ok := b.shared.(*elements)
	return ok && !all.codec.Total
}

func wholeExaminer(read drivers.Command, judge func(reply drivers.Reply) (content, string, error)) examiner {
	return examiner{read: read, whole: judge, examine: func(a *auditing, ctx context.Context, v *visit, read *drivers.Item) error {
		content, form, err := judge(read.Reply)
		if err != nil {
			return a.tell(Finding{Kind: CorruptValue, Path: v.key, Err: err}, func() error { return a.eraseCorrupt(ctx, v) })
		}
		if v.content, v.known = content, true; form != "" {
			return a.tellForm(v.key, "", form)
		}
		return nil
	}}
}

// judgeSingle judges single values and documents.
func judgeSingle(node *bound) func(reply drivers.Reply) (content, string, error) {
	if how, ok := node.shared.(*document); ok {
		return func(reply drivers.Reply) (content, string, error) {
			if reply.Nil {
				return content{}, "", nil
			}
			return how.judge(reply.Value)
		}
	}
	how, judged := ref{node: node}.validator()
	return func(reply drivers.Reply) (next content, form string, err error) {
		if !reply.Nil && judged {
			next, err = how.validate(reply.Value)
		}
		return next, "", err
	}
}

// judge is what indexes have of a document as it is stored, and the older form that it has.
func (d *document) judge(text string) (content, string, error) {
	next, older, err := d.renew(text)
	next.text = text
	if older == nil {
		return next, "", err
	}
	return next, older.String(), err
}

// sketchMagic is what the value of a HyperLogLog begins with.
const sketchMagic = "HYLL"

func judgeSketch(reply drivers.Reply) (content, string, error) {
	if reply.Value != sketchMagic {
		return content{}, "", drivers.Errorf(ErrCorrupt, "it is no HyperLogLog")
	}
	return content{}, "", nil
}

func (a *auditing) tellForm(key, at, form string) error {
	return a.tell(Finding{Kind: OlderForm, Path: key, At: at, Err: fmt.Errorf("the form of a %s, which is an older one", form), Form: form}, nil)
}

// audited is a part of a collection, and how it is judged and taken out.
type audited struct {
	at     string // what it is called
	text   string
	judge  func() (form string, err error)
	remove drivers.Command
	// check reads what it has to be still to be removed, which unchanged decides; without Op its text is all there is of it.
	check     drivers.Command
	unchanged func(reply drivers.Reply) bool
}

// examineParts judges a collection part by part.
func (a *auditing) examineParts(ctx context.Context, v *visit, read *drivers.Item) error {
	kind, text := v.node.kind(), v.node.inspector()
	how := transferOf(kind)
	number := int64(0)
	for {
		removed := int64(0)
		remove := func(found audited) error {
			err := a.remove(ctx, v, found)
			if err == nil {
				removed++
			}
			return err
		}
		for element := range elementsOfReply(v.node, text, number, read.Reply) {
			form, err := element.judge()
			switch {
			case err != nil:
				err = a.tell(Finding{Kind: CorruptValue, Path: v.key, At: element.at, Err: err}, func() error { return remove(element) })
			case form != "":
				err = a.tellForm(v.key, element.at, form)
			}
			if err != nil {
				return err
			}
		}
		number += int64(len(read.Reply.Values)) - removed
		if !how.next(&read.Command, read.Reply) {
			return nil
		}
		if kind == dsl.List { // what follows has moved up
			read.Command.Start, read.Command.Stop = read.Command.Start-removed, read.Command.Stop-removed
		}
		if read.Reply, read.Err = a.root.driver.Do(ctx, read.Command); read.Err != nil {
			if ofOneValue(read.Err) {
				return nil // it is another by now
			}
			return fail("Audit", v.key, read.Err)
		}
	}
}

// elementsOfReply goes through the elements of a part of a collection that have something to be judged by; the
// first of a list has that number.
func elementsOfReply(node *bound, text gotext.Inspector, number int64, reply drivers.Reply) func(yield func(audited) bool) {
	kind := node.kind()
	named := func(name string, remove drivers.Op) audited {
		return audited{at: name, text: name, judge: func() (string, error) { return text.Inspect(name) }, remove: drivers.Command{Op: remove, Values: []string{name}}}
	}
	return func(yield func(audited) bool) {
		switch kind {
		case dsl.Map:
			pairs := node.shared.(gotext.PairsInspector)
			for i := 0; i+1 < len(reply.Values); i += 2 {
				name, value := reply.Values[i], reply.Values[i+1]
				field := audited{
					at: name, text: value, judge: func() (string, error) { return pairs.InspectPairs([]string{name, value}) },
					remove: drivers.Command{Op: drivers.OpHDel, Values: []string{name}},
					check:  drivers.Command{Op: drivers.OpHGet, Value: name}, unchanged: func(reply drivers.Reply) bool { return !reply.Nil && reply.Value == value },
				}
				if !yield(field) {
					return
				}
			}
		case dsl.Stream:
			for id, fields := range drivers.Entries(reply) {
				if !yield(entryElement(text, id, fields)) {
					return
				}
			}
		case dsl.Queue:
			for i, member := range reply.Values {
				if reply.Floats[i] < 0 && !yield(jobElement(text, member, reply.Floats[i])) {
					return
				}
			}
		case dsl.Geo:
			for i, member := range reply.Values {
				if !yield(geoElement(named(member, drivers.OpZRem), reply.Floats[i])) {
					return
				}
			}
		default:
			remove := map[dsl.Kind]drivers.Op{dsl.Set: drivers.OpSRem, dsl.SortedSet: drivers.OpZRem}[kind]
			for i, member := range reply.Values {
				found := named(member, remove)
				if kind == dsl.List { // all that are like it do not fit either
					found.at, found.remove = strconv.FormatInt(number+int64(i), 10), drivers.Command{Op: drivers.OpLRem, Value: member}
				}
				if !yield(found) {
					return
				}
			}
		}
	}
}

func entryElement(text gotext.Inspector, id string, fields []string) audited {
	return audited{at: id, remove: drivers.Command{Op: drivers.OpXDel, Values: []string{id}}, judge: func() (string, error) {
		stored, err := textOfEntry(id, fields)
		if err != nil {
			return "", err
		}
		return text.Inspect(stored)
	}}
}

// jobElement is a job by its record, whose score is where it lies.
func jobElement(text gotext.Inspector, member string, place float64) audited {
	record, is := drivers.JobOf(member)
	id := record.ID
	if !is || drivers.JobPlace(id) != place {
		foreign := audited{at: id, text: member, remove: drivers.Command{Op: drivers.OpZRem, Values: []string{member}}}
		foreign.judge = func() (string, error) { return "", drivers.Errorf(ErrCorrupt, "%.40q is no job", member) }
		return foreign
	}
	score := drivers.FormatFloat(place)
	return audited{
		at: id, text: record.Text, judge: func() (string, error) { return text.Inspect(record.Text) },
		remove: drivers.Command{Op: drivers.OpJobRemove, Values: []string{id}},
		check:  drivers.Command{Op: drivers.OpZRangeByScore, Extra: &drivers.Extra{Min: score, Max: score}},
		unchanged: func(reply drivers.Reply) bool {
			now, there := drivers.FindJob(id, reply.Values)
			return there && now.Text == record.Text
		},
	}
}

// positions is how many there are that a score can stand for.
const positions = 1 << 52

func geoElement(member audited, score float64) audited {
	if score >= 0 && score < positions && score == math.Trunc(score) {
		return member
	}
	member.judge = func() (string, error) { return "", drivers.Errorf(ErrCorrupt, "the score %v is no position", score) }
	member.check = drivers.Command{Op: drivers.OpZScore, Value: member.at}
	member.unchanged = func(reply drivers.Reply) bool { return !reply.Nil && reply.Float == score }
	return member
}
