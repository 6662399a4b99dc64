package kv

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// element is a part of a collection that has a text.
type element struct {
	place string // the field of a map, the index in a list
	part  string // as it is stored
	text  string // of what is declared
}

// with is the part with another text.
func (e element) with(text string) string { return strings.TrimSuffix(e.part, e.text) + text }

// renewal is a part of a collection in an older form, and what takes its place.
type renewal struct{ place, old, renewed string }

// rewrite is how the elements of a kind of collection are replaced.
type rewrite struct {
	// elements takes apart what a transfer has read; first is the place of the first.
	elements func(parts []string, first int64) []element
	repeats  bool // one element may be there several times
	moves    bool // an element may come to be where the migration has been
	// look reads what write has to know, and write replaces what is still there; nil for what stays as it is.
	look  func([]renewal) []drivers.Command
	write func(renewals []renewal, seen []drivers.Item) (writes []drivers.Command, replaced int)
}

// passes bounds how often a migration goes through a collection that others change meanwhile.
const passes = 64

// elements migrates a collection, and goes through it again where others were faster.
func (m *migration) elements(ctx context.Context, at keyRef) error {
	for pass := range passes {
		again, err := m.pass(ctx, at, pass == 0)
		if err != nil || !again {
			return err
		}
	}
	return at.fail("Migrate", ErrConflict)
}

// pass goes through a collection part by part.
func (m *migration) pass(ctx context.Context, at keyRef, first bool) (again bool, err error) {
	kind := at.node.kind()
	transfer, how := transferOf(kind), rewrites[kind]
	var met drivers.RecentNames
	read := transfer.read
	for {
		at.address(&read)
		reply, err := at.driver.Do(ctx, read)
		if err != nil {
			return false, at.fail("Migrate", err)
		}
		elements := how.elements(transfer.parts(reply), read.Start)
		if !how.repeats {
			elements = lo.Filter(elements, func(e element, _ int) bool { return !met.Seen(e.place + separator + e.part) })
		}
		older, err := m.older(at, how, elements, first)
		if err != nil {
			return false, err
		}
		replaced, err := how.replace(ctx, at, older)
		if err != nil {
			return false, at.fail("Migrate", err)
		}
		for _, renewal := range older {
			met.Seen(renewal.place + separator + renewal.renewed)
		}
		m.report.Rewritten += replaced
		again = again || replaced < len(older) || replaced > 0 && how.moves
		if !transfer.next(&read, reply) {
			return again, nil
		}
	}
}

// older are the elements that are to be replaced. The others are counted, in the first pass.
func (m *migration) older(at keyRef, how rewrite, elements []element, first bool) (older []renewal, err error) {
	document, others := at.node.shared.(formed).Document(), Migration{}
	for _, e := range elements {
		renewed, _, form, err := document.Renew(e.text)
		switch {
		case err != nil && first:
			if err := m.refused(at.key, &CorruptElementError{Text: e.text, Err: err}); err != nil {
				return nil, err
			}
		case err != nil:
		case form == nil:
			others.Current++
		case how.write == nil:
			others.Kept++
		case m.dry:
			others.Rewritten++
		default:
			older = append(older, renewal{e.place, e.part, e.with(renewed)})
		}
	}
	if first {
		m.report.Current += others.Current
		m.report.Kept += others.Kept
		m.report.Rewritten += others.Rewritten
	}
	return older, nil
}

// replace replaces elements where they still are, in one step, and returns how many those were. Two round trips.
func (how rewrite) replace(ctx context.Context, at keyRef, older []renewal) (replaced int, err error) {
	if len(older) == 0 {
		return 0, nil
	}
	err = at.optimistically(ctx, func() (bool, error) {
		tx, err := drivers.Begin(ctx, at.driver.inside(), at.key)
		if err != nil {
			return false, err
		}
		defer tx.End()
		seen := at.batchOf(how.look(older))
		if err := tx.DoBatch(ctx, seen); err != nil {
			return false, err
		}
		var writes []drivers.Command
		if writes, replaced = how.write(older, seen.Items); replaced == 0 {
			return true, seen.Items[0].Err
		}
		return tryCommit(ctx, tx, at.batchOf(writes))
	})
	return replaced, err
}

// rewrites has a line for each kind whose elements may be documents.
var rewrites = map[dsl.Kind]rewrite{
	dsl.Set:       {elements: eachPart, look: lookForMembers, write: writeMembers},
	dsl.List:      {elements: eachPlace, repeats: true, moves: true, look: lookAtPlaces, write: writePlaces},
	dsl.SortedSet: {elements: eachScored, look: lookForScores, write: writeScored},
	dsl.Geo:       {elements: eachScored, look: lookForScores, write: writeScored},
	dsl.Queue:     {elements: eachJob, look: lookForScores, write: writeScored},
	dsl.Map:       {elements: eachField, look: lookAtFields, write: writeFields},
	dsl.Stream:    {elements: eachEntry},
}

func olds(renewals []renewal) []string {
	return lo.Map(renewals, func(r renewal, _ int) string { return r.old })
}

func places(renewals []renewal) []string {
	return lo.Map(renewals, func(r renewal, _ int) string { return r.place })
}

// Sets.

func eachPart(parts []string, _ int64) []element {
	return lo.Map(parts, func(part string, _ int) element { return element{part: part, text: part} })
}

func lookForMembers(renewals []renewal) []drivers.Command {
	return lo.Map(renewals, func(r renewal, _ int) drivers.Command {
		return drivers.Command{Op: drivers.OpSIsMember, Value: r.old}
	})
}

// writeMembers adds before it removes, so that the set, and its time to live, is there all the time.
func writeMembers(renewals []renewal, seen []drivers.Item) ([]drivers.Command, int) {
	var add, remove []string
	for i, r := range renewals {
		if seen[i].Reply.Int == 1 {
			add, remove = append(add, r.renewed), append(remove, r.old)
		}
	}
	return []drivers.Command{{Op: drivers.OpSAdd, Values: add}, {Op: drivers.OpSRem, Values: remove}}, len(add)
}

// Sorted sets.

func eachScored(parts []string, first int64) []element {
	return eachPart(lo.Filter(parts, func(_ string, i int) bool { return i%2 == 0 }), first)
}

// eachJob is the records of a queue's jobs; their turns have no text.
func eachJob(parts []string, first int64) (jobs []element) {
	for _, member := range eachScored(parts, first) {
		if record, is := drivers.JobOf(member.part); is {
			jobs = append(jobs, element{part: member.part, text: record.Text})
		}
	}
	return jobs
}

func lookForScores(renewals []renewal) []drivers.Command {
	return []drivers.Command{{Op: drivers.OpZMScore, Values: olds(renewals)}}
}

func writeScored(renewals []renewal, seen []drivers.Item) ([]drivers.Command, int) {
	add, scores := drivers.Command{Op: drivers.OpZAdd, If: drivers.IfAbsent}, []float64(nil)
	remove := drivers.Command{Op: drivers.OpZRem}
	for i, score := range seen[0].Reply.Floats {
		if !math.IsNaN(score) {
			add.Values, scores = append(add.Values, renewals[i].renewed), append(scores, score)
			remove.Values = append(remove.Values, renewals[i].old)
		}
	}
	add.OwnExtra().Scores = scores
	return []drivers.Command{add, remove}, len(remove.Values)
}

// Lists.

func eachPlace(parts []string, first int64) []element {
	return lo.Map(parts, func(part string, i int) element {
		return element{place: strconv.FormatInt(first+int64(i), 10), part: part, text: part}
	})
}

func lookAtPlaces(renewals []renewal) []drivers.Command {
	return lo.Map(renewals, func(r renewal, _ int) drivers.Command {
		return drivers.Command{Op: drivers.OpLIndex, Start: indexIn(r)}
	})
}

func indexIn(r renewal) int64 {
	index, _ := strconv.ParseInt(r.place, 10, 64) // as eachPlace has written it
	return index
}

func writePlaces(renewals []renewal, seen []drivers.Item) (writes []drivers.Command, replaced int) {
	for i, r := range renewals {
		if reply := seen[i].Reply; !reply.Nil && reply.Value == r.old {
			writes = append(writes, drivers.Command{Op: drivers.OpLSet, Start: indexIn(r), Value: r.renewed})
		}
	}
	return writes, len(writes)
}

// Maps.

func eachField(parts []string, _ int64) (fields []element) {
	for i := 0; i+1 < len(parts); i += 2 {
		fields = append(fields, element{place: parts[i], part: parts[i+1], text: parts[i+1]})
	}
	return fields
}

func lookAtFields(renewals []renewal) []drivers.Command {
	names := places(renewals)
	return []drivers.Command{{Op: drivers.OpHMGet, Values: names}, {Op: drivers.OpHTTL, Values: names}}
}

// writeFields keeps the times to live of fields, which a value that is set ends, where the store knows of such.
func writeFields(renewals []renewal, seen []drivers.Item) (writes []drivers.Command, replaced int) {
	set := drivers.Command{Op: drivers.OpHSet}
	values, ttls := seen[0].Reply, seen[1].Reply.Ints
	for i, r := range renewals {
		if values.Ints[i] == 0 || values.Values[i] != r.old {
			continue
		}
		set.Values, replaced = append(set.Values, r.place, r.renewed), replaced+1
		if seen[1].Err == nil && ttls[i] > 0 {
			expiry := drivers.In(time.Duration(ttls[i]) * time.Millisecond)
			writes = append(writes, drivers.Command{Op: drivers.OpHExpire, Values: []string{r.place}, Expiry: expiry})
		}
	}
	return append([]drivers.Command{set}, writes...), replaced
}

// Streams.

func eachEntry(packed []string, _ int64) (entries []element) {
	for _, part := range packed {
		id, fields, err := unpackEntry(part)
		if err != nil {
			continue
		}
		if text, err := textOfEntry(id, fields); err == nil {
			entries = append(entries, element{place: id, part: part, text: text})
		}
	}
	return entries
}
