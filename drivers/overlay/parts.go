package overlay

import (
	"context"
	"errors"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

// kind is how the elements of a kind of collection are read, and put into a copy.
type kind struct {
	size, drop drivers.Op
	// read reads elements of key by their names.
	read func(key string, names []string) []drivers.Command
	// found is the command that puts those into a copy that were found, with how many they are.
	found func(names []string, replies []drivers.Item) (fill drivers.Command, there int64)
	// blank puts an element of that name into a copy, whatever belongs to it.
	blank func(name string) drivers.Command
}

var kinds = map[drivers.Reach]*kind{
	drivers.ReachMembers: {
		size: drivers.OpSCard, drop: drivers.OpSRem, read: eachMember, found: foundMembers,
		blank: func(name string) drivers.Command { return drivers.Command{Op: drivers.OpSAdd, Values: []string{name}} },
	},
	drivers.ReachFields: {
		size: drivers.OpHLen, drop: drivers.OpHDel, read: together(drivers.OpHMGet), found: foundFields,
		blank: func(name string) drivers.Command {
			return drivers.Command{Op: drivers.OpHSet, Values: []string{name, ""}}
		},
	},
	drivers.ReachScores: {
		size: drivers.OpZCard, drop: drivers.OpZRem, read: together(drivers.OpZMScore), found: foundScores,
		blank: blankScored,
	},
	drivers.ReachJobs: { // each of which is two members
		size: drivers.OpZCard, drop: drivers.OpZRem, read: eachJob, found: foundJobs,
		blank: blankScored,
	},
}

// counts reports a read of how many elements there are.
func (p *part) counts(op drivers.Op) bool { return kinds[p.reach].size == op }

func eachMember(key string, names []string) []drivers.Command {
	commands := make([]drivers.Command, len(names))
	for i, name := range names {
		commands[i] = drivers.Command{Op: drivers.OpSIsMember, Key: key, Value: name}
	}
	return commands
}

func together(op drivers.Op) func(key string, names []string) []drivers.Command {
	return func(key string, names []string) []drivers.Command {
		return []drivers.Command{{Op: op, Key: key, Values: names}}
	}
}

func foundMembers(names []string, replies []drivers.Item) (drivers.Command, int64) {
	fill := drivers.Command{Op: drivers.OpSAdd}
	for i, name := range names {
		if replies[i].Reply.Int == 1 {
			fill.Values = append(fill.Values, name)
		}
	}
	return fill, int64(len(fill.Values))
}

func foundFields(names []string, replies []drivers.Item) (drivers.Command, int64) {
	fill := drivers.Command{Op: drivers.OpHSet}
	for i, name := range names {
		if replies[0].Reply.Ints[i] == 1 {
			fill.Values = append(fill.Values, name, replies[0].Reply.Values[i])
		}
	}
	return fill, int64(len(fill.Values) / 2)
}

func foundScores(names []string, replies []drivers.Item) (drivers.Command, int64) {
	fill, scores := drivers.Command{Op: drivers.OpZAdd}, []float64(nil)
	for i, name := range names {
		if score := replies[0].Reply.Floats[i]; !math.IsNaN(score) {
			fill.Values, scores = append(fill.Values, name), append(scores, score)
		}
	}
	fill.OwnExtra().Scores = scores
	return fill, int64(len(fill.Values))
}

func blankScored(name string) drivers.Command {
	return drivers.Command{Op: drivers.OpZAdd, Values: []string{name}, Extra: &drivers.Extra{Scores: []float64{0}}}
}

// eachJob reads the turns of jobs, and what is where their records are.
func eachJob(key string, ids []string) []drivers.Command {
	commands := drivers.JobReads(ids)
	for i := range commands {
		commands[i].Key = key
	}
	return commands
}

func foundJobs(ids []string, replies []drivers.Item) (drivers.Command, int64) {
	fill, _ := foundScores(ids, replies)
	scores := fill.Scores()
	for i, id := range ids {
		if record, there := drivers.FindJob(id, replies[1+i].Reply.Values); there {
			fill.Values, scores = append(fill.Values, record.Member()), append(scores, drivers.JobPlace(id))
		}
	}
	fill.OwnExtra().Scores = scores
	return fill, int64(len(fill.Values))
}

// copyPart sees to it that the copy of a key has the named elements. It reports false where
// the key holds something else than such a collection.
func (o *Overlay) copyPart(ctx context.Context, key, pattern string, reach drivers.Reach, names []string) (bool, error) {
	v, k := o.at(key), kinds[reach]
	if v.copy == all { // by now, for a command that names the key twice
		return true, nil
	}
	var fresh []string
	asked := map[string]struct{}{}
	for _, name := range names {
		_, seen := v.part.seen[name]
		if _, twice := asked[name]; !seen && !twice {
			asked[name] = struct{}{}
			fresh = append(fresh, name)
		}
	}
	if len(fresh) == 0 && v.copy == some {
		return true, nil
	}
	var commands []drivers.Command
	if len(fresh) > 0 {
		commands = k.read(key, fresh)
	}
	elements := len(commands)
	if v.copy == nothing {
		commands = append(commands, drivers.Command{Op: k.size, Key: key}, drivers.Command{Op: drivers.OpTTL, Key: key})
	}
	items := drivers.NewBatch(commands...).Items
	for i := range items {
		items[i].Command.Pattern = pattern
	}
	if err := o.begin(ctx, items); err != nil {
		return false, err
	}
	for i := range items {
		switch err := items[i].Err; {
		case errors.Is(err, drivers.ErrWrongType):
			return false, nil
		case err != nil:
			return false, err
		}
	}
	fill, there := k.found(fresh, items[:elements])
	fill.Key = key
	if v.copy == nothing {
		v.part = part{reach: reach, seen: map[string]struct{}{}, rest: items[elements].Reply.Int - there}
	} else {
		v.part.rest -= there
	}
	for name := range asked {
		v.part.seen[name] = struct{}{}
	}
	return true, o.fill(ctx, v, k, fill, items[elements:])
}

// fill puts elements into a copy that has none, or only some.
func (o *Overlay) fill(ctx context.Context, v *value, k *kind, cmd drivers.Command, begun []drivers.Item) error {
	var commands []drivers.Command
	if len(cmd.Values) > 0 {
		commands = append(commands, cmd)
	}
	switch {
	case v.copy == nothing:
		if v.part.rest > 0 {
			rest := k.blank(o.copies.rest)
			rest.Key = cmd.Key
			commands = append(commands, rest)
		}
		if ttl := begun[1].Reply; !ttl.Nil && ttl.Int >= 0 {
			commands = append(commands, drivers.Command{Op: drivers.OpExpire, Key: cmd.Key, Expiry: expiresIn(ttl.Int)})
		}
	case v.part.rest == 0:
		commands = append(commands, drivers.Command{Op: k.drop, Key: cmd.Key, Values: []string{o.copies.rest}})
	}
	v.copy = some
	if v.part.rest == 0 {
		v.copy, v.part = all, part{}
	}
	return o.copies.engine.execute(ctx, commands...)
}

// hasRest reports whether a copy still has what stands for the elements that it does not have.
func (o *Overlay) hasRest(ctx context.Context, key string, k *kind) bool {
	name := []string{o.copies.rest}
	items := drivers.NewBatch(k.read(key, name)...).Items
	if o.copies.engine.DoBatch(ctx, &drivers.Batch{Items: items}) != nil || items[0].Err != nil {
		return false // it is of another type
	}
	_, there := k.found(name, items)
	return there > 0
}
