package spec_test

import (
	"context"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// brokenIndexes break what the contract says of registries and their indexes.
func brokenIndexes() []brokenDriver {
	return []brokenDriver{
		{"leaves the entries of what it deletes", `^DELETE takes a child out of the registry`, onIndexes(func(cmd *drivers.Command, ix *drivers.Index) {
			if cmd.Op == drivers.OpDelete {
				ix.Names, ix.Stray = nil, nil
			}
		})},
		{"does not look whether an entry is unique", `^SET is refused a value that another child has`, onIndexes(func(_ *drivers.Command, ix *drivers.Index) {
			for i := range ix.Entries {
				ix.Entries[i].Unique = false
			}
		})},
		{"does not tell the registry of members", `^SADD leaves in a registry what is true`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpSAdd {
				cmd.OwnExtra().Indexes = nil
			}
		})},
		{"tells the registry of the first Index only", `^SMOVE tells the registry of the source and of the destination`, onCommand(func(cmd *drivers.Command) {
			cmd.OwnExtra().Indexes = cmd.Indexes()[:min(len(cmd.Indexes()), 1)]
		})},
		{"takes a part for the whole child", `^DELETE of a part leaves the child registered`, onIndexes(func(_ *drivers.Command, ix *drivers.Index) { ix.Whole = true })},
		{"leaves what is stray", `^SET takes a stray entry out`, onIndexes(func(_ *drivers.Command, ix *drivers.Index) { ix.Stray = nil })},
		{"does not look at other keys when it reconciles", `^RECONCILE registers the child of which another key is there`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpReconcile {
				cmd.OwnExtra().Keys = nil
			}
		})},
		{"keeps the entries where a value is replaced", `^SET replaces the entries`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op != drivers.OpSet || len(cmd.Indexes()) == 0 {
				return d.Do(ctx, cmd)
			}
			register := drivers.Command{Op: drivers.OpReconcile, Key: cmd.Key, Extra: &drivers.Extra{Indexes: cmd.Indexes()}}
			cmd.OwnExtra().Indexes = nil
			reply, err := d.Do(ctx, cmd)
			_, _ = d.Do(ctx, register)
			return reply, err
		})},
		{"replaces the entries of a write that was refused", `^SET refused by If replaces no entries`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			reply, err := d.Do(ctx, cmd)
			if cmd.Op == drivers.OpSet && reply.Nil && len(cmd.Indexes()) > 0 {
				held, _ := d.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: cmd.Key})
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: cmd.Key, Value: held.Value, If: drivers.IfExists, Extra: &drivers.Extra{Indexes: cmd.Indexes()}})
			}
			return reply, err
		})},
		{"takes nothing over from a child that is gone", `^a unique entry takes the value of a child that expired`, wrapDo(refusesEvery)},
		{"writes before it looks whether an entry is unique", `^SADD is refused a unique entry`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpSAdd && len(cmd.Indexes()) > 0 {
				early := cmd
				early.OwnExtra().Indexes = nil
				_, _ = d.Do(ctx, early)
			}
			return d.Do(ctx, cmd)
		})},
		{"looks for the holder of a value, and then writes", `^a unique entry is never had by two`, wrapDo(looksThenWrites)},
		{"hides who has a value", `^a unique entry is refused with the index and the holder`, onReply(func(_ drivers.Command, _ *drivers.Reply, err *error) {
			if *err != nil {
				*err = drivers.ErrDuplicate
			}
		})},
		{"writes into the registry what it has already", `^watching of "reg" is not disturbed by somebody who wrote a child`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			for _, ix := range cmd.Indexes() {
				forgetful := drivers.Index{Key: ix.Key, Registry: ix.Registry, ID: ix.ID}
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpReconcile, Key: ix.Key, Extra: &drivers.Extra{Indexes: []drivers.Index{forgetful}}})
				forgetful.ID = "another"
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpReconcile, Key: ix.Key, Extra: &drivers.Extra{Indexes: []drivers.Index{forgetful}}})
				forgetful.Key = "absent"
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpReconcile, Key: "absent", Extra: &drivers.Extra{Indexes: []drivers.Index{forgetful}}})
			}
			return d.Do(ctx, cmd)
		})},
		{"takes an end for inside", `^ZRANGEBYLEX reads between all ends`, onCommand(func(cmd *drivers.Command) {
			if strings.HasPrefix(cmd.Max(), "(") {
				cmd.OwnExtra().Max = "[" + cmd.Max()[1:]
			}
		})},
		{"counts an offset from below", `^ZRANGEBYLEX pages through thousands of members both ways`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpZRangeByLex && cmd.Reverse {
				slices.Sort(reply.Values)
			}
		})},
		{"ends a hash's scan after the first piece", `^HSCAN comes to all of a thousand fields`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpHScan {
				reply.Int = 0
			}
		})},
		{"seals what was lost when it is written anew", `^seals are not given to a registry that was lost`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			reply, err := d.Do(ctx, cmd)
			if err == nil && cmd.Op != drivers.OpDelete {
				sealAnew(d, ctx, cmd.Indexes())
			}
			return reply, err
		})},
		{"keeps the seals of a store that has ended", `^seals go with the last child`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			reply, err := d.Do(ctx, cmd)
			if cmd.Op == drivers.OpDelete {
				sealAnew(d, ctx, cmd.Indexes())
			}
			return reply, err
		})},
		{"takes a unique entry though its index was lost", `^seals refuse a unique entry where the index was lost`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			cmd.OwnExtra().Indexes = slices.Clone(cmd.Indexes())
			for i := range cmd.Indexes() {
				ix := &cmd.Indexes()[i]
				ix.Entries = slices.Clone(ix.Entries)
				for j := range ix.Entries {
					seal, _ := d.Do(ctx, drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(ix.Registry, ix.Entries[j].Name), Value: drivers.Seal})
					ix.Entries[j].Unique = ix.Entries[j].Unique && seal.Sealed()
				}
			}
			return d.Do(ctx, cmd)
		})},
		{"makes a seal of any mark", `^seals are not made of the marks of another`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpSeal && cmd.Amount == 1 {
				before := cmd
				before.Amount = 0
				_, _ = d.Do(ctx, before)
			}
			return d.Do(ctx, cmd)
		})},
		{"finds in the first group, whatever the others have", `^FIND chooses the group with the fewest`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpFind {
				cmd.OwnExtra().Keys, cmd.Values = cmd.Keys()[:min(1, len(cmd.Keys()))], cmd.Values[:min(3, len(cmd.Values))]
			}
		})},
		{"finds forwards alone", `^FIND reads them backwards`, onCommand(func(cmd *drivers.Command) {
			cmd.Reverse = cmd.Reverse && cmd.Op != drivers.OpFind
		})},
		{"says nothing of what the registry has", `^FIND reads the members of a range, with what the registry has`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			for i := 1; cmd.Op == drivers.OpFind && i < len(reply.Values); i += 2 {
				reply.Values[i] = ""
			}
		})},
		{"keeps no index of the ids", `^SET has the ids in an index of their own`, onIndexes(func(_ *drivers.Command, ix *drivers.Index) {
			ix.Names = slices.DeleteFunc(slices.Clone(ix.Names), func(name string) bool { return name == "" })
		})},
		{"keeps the slice of an Index", `^SET keeps no slice of its Indexes`, func(d drivers.Driver) drivers.Driver { return &indexKeeper{able: d.(able)} }},
	}
}

// sealAnew seals registries and their indexes, whatever they have.
func sealAnew(d able, ctx context.Context, indexes []drivers.Index) {
	for _, ix := range indexes {
		cmd := drivers.Command{Op: drivers.OpSeal, Key: ix.Registry, Start: 1}
		for _, name := range ix.Names {
			cmd.OwnExtra().Keys = append(cmd.Keys(), drivers.IndexKey(ix.Registry, name))
		}
		_, _ = d.Do(ctx, cmd)
		cmd.Amount = 1
		_, _ = d.Do(ctx, cmd)
	}
}

// onIndexes is a driver that misunderstands the Indexes of commands.
func onIndexes(misread func(cmd *drivers.Command, ix *drivers.Index)) func(drivers.Driver) drivers.Driver {
	return onCommand(func(cmd *drivers.Command) {
		cmd.OwnExtra().Indexes = slices.Clone(cmd.Indexes())
		for i := range cmd.Indexes() {
			ix := &cmd.Indexes()[i]
			ix.Entries = slices.Clone(ix.Entries)
			misread(cmd, ix)
		}
	})
}

// holderOf is another id that has a unique entry of a command, whether it is there or not.
func holderOf(d able, ctx context.Context, cmd drivers.Command) error {
	for _, ix := range cmd.Indexes() {
		for _, entry := range ix.Entries {
			index := drivers.IndexKey(ix.Registry, entry.Name)
			held, _ := d.Do(ctx, drivers.Command{Op: drivers.OpZRangeByLex, Key: index, Extra: &drivers.Extra{Min: "[" + entry.Value, Max: "(" + drivers.AfterValue(entry.Value)}})
			for _, member := range held.Values {
				if entry.Unique && member != entry.Member(ix.ID) {
					return &drivers.DuplicateError{Index: index, Holder: member[len(entry.Value):]}
				}
			}
		}
	}
	return nil
}

func refusesEvery(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := holderOf(d, ctx, cmd); err != nil {
		return drivers.Reply{}, err
	}
	return d.Do(ctx, cmd)
}

func looksThenWrites(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := holderOf(d, ctx, cmd); err != nil {
		return drivers.Reply{}, err
	}
	gap()
	cmd.OwnExtra().Indexes = slices.Clone(cmd.Indexes())
	for i := range cmd.Indexes() {
		ix := &cmd.Indexes()[i]
		ix.Entries = slices.Clone(ix.Entries)
		for j := range ix.Entries {
			ix.Entries[j].Unique = false
		}
	}
	return d.Do(ctx, cmd)
}

// indexKeeper executes a write again later, with the Indexes it was given the first time.
type indexKeeper struct {
	able
	kept drivers.Command
}

func (d *indexKeeper) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if cmd.Op == drivers.OpSet && len(cmd.Indexes()) > 0 {
		d.kept = cmd
	} else if d.kept.Op == drivers.OpSet {
		_, _ = d.able.Do(ctx, d.kept)
	}
	return d.able.Do(ctx, cmd)
}

func (d *indexKeeper) DoBatch(ctx context.Context, b *drivers.Batch) error {
	return oneByOne(ctx, d, b)
}
