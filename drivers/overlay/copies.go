package overlay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// extent is how much of a value its copy has.
type extent uint8

const (
	nothing extent = iota
	some           // the elements of a part
	all
)

// part is a copy that has some elements of a collection, and one more that stands for the rest.
type part struct {
	reach drivers.Reach
	seen  map[string]struct{} // the elements that were asked for, be they there or not
	rest  int64               // how many the collection has besides
}

// copies are the copies of values, in a store in memory whose clock stands still. It is not
// the store's own, by which nothing goes but moments: see relative.
type copies struct {
	engine    *engine
	rest      string                       // stands for the elements that a part does not have
	committed map[string][]drivers.Command // by key: how a copy is made of all that is committed
}

// begin executes reads for copies.
func (o *Overlay) begin(ctx context.Context, items []drivers.Item) error {
	if c := &o.copies; c.engine == nil {
		c.engine = newEngine()
		c.rest, c.committed = "\x00"+rand.Text(), map[string][]drivers.Command{}
	}
	return o.load(ctx, items)
}

// copy makes copies of a command's values, as far as it reaches.
func (o *Overlay) copy(ctx context.Context, cmd drivers.Command) error {
	reach, names := cmd.Reach()
	var whole, parts []string
	for _, key := range keysOf(&cmd) {
		v := o.at(key)
		switch {
		case v.copy == all:
		case v.copy == some && (reach == drivers.ReachSize || reach > drivers.ReachSize && v.part.reach != reach):
		case v.copy == some && reach == v.part.reach, v.copy == nothing && reach > drivers.ReachSize && !v.written:
			parts = append(parts, key)
		default:
			whole = append(whole, key)
		}
	}
	for _, key := range parts {
		ok, err := o.copyPart(ctx, key, cmd.Pattern, reach, names)
		if err != nil {
			return err
		}
		if !ok {
			whole = append(whole, key)
		}
	}
	return o.copyAll(ctx, cmd, whole)
}

// copyAll makes copies of all of what is under keys: those of what is committed, on which the
// writes so far are executed. Writes with several keys bring those of the others along.
func (o *Overlay) copyAll(ctx context.Context, cmd drivers.Command, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	o.connect(&keys, keysOf)
	if err := o.read(ctx, keys, cmd.Pattern); err != nil {
		return err
	}
	for _, key := range keys {
		if err := o.copies.restore(ctx, o.copies.engine, key); err != nil {
			return err
		}
		v := o.at(key)
		v.copy, v.part, v.answers = all, part{}, nil
	}
	return o.replay(ctx, o.copies.engine, func(write *drivers.Command) bool {
		write.OwnExtra().Indexes = nil
		return anyKey(write, func(key string) bool { return slices.Contains(keys, key) })
	})
}

// connect adds the keys that writes have brought together with keys.
func (o *Overlay) connect(keys *[]string, of func(cmd *drivers.Command) []string) {
	for before := -1; before < len(*keys); {
		before = len(*keys)
		for i := range o.writes {
			with := of(&o.writes[i].Command)
			if !slices.ContainsFunc(with, func(key string) bool { return slices.Contains(*keys, key) }) {
				continue
			}
			for _, key := range with {
				if !slices.Contains(*keys, key) {
					*keys = append(*keys, key)
				}
			}
		}
	}
}

// wholeReads answer, together, with the value of a key, whatever its type. All of the others
// are refused.
var wholeReads = []drivers.Command{
	{Op: drivers.OpTTL}, {Op: drivers.OpGet}, {Op: drivers.OpSMembers}, {Op: drivers.OpHGetAll}, {Op: drivers.OpLRange, Stop: -1},
	{Op: drivers.OpZRange, Stop: -1}, {Op: drivers.OpXRange, Extra: &drivers.Extra{Min: "-", Max: "+"}}, {Op: drivers.OpXLastID},
}

// read reads all of what is committed under keys, in one round trip.
func (o *Overlay) read(ctx context.Context, keys []string, pattern string) error {
	var items []drivers.Item
	var fresh []string
	for _, key := range keys {
		if _, known := o.copies.committed[key]; known {
			continue
		}
		fresh = append(fresh, key)
		for _, cmd := range wholeReads {
			cmd.Key, cmd.Pattern = key, pattern
			items = append(items, drivers.Item{Command: cmd})
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if o.passed {
		return ErrShared
	}
	if err := o.begin(ctx, items); err != nil {
		return err
	}
	for i, key := range fresh {
		value, err := valueOf(key, items[i*len(wholeReads):(i+1)*len(wholeReads)])
		if err != nil {
			return err
		}
		o.copies.committed[key] = value
	}
	return nil
}

// valueOf are the commands that make the value which wholeReads have found under key.
func valueOf(key string, found []drivers.Item) ([]drivers.Command, error) {
	var made []drivers.Command
	for i := range found {
		reply := &found[i].Reply
		switch err := found[i].Err; {
		case errors.Is(err, drivers.ErrWrongType):
			continue
		case err != nil:
			return nil, err
		}
		switch op := found[i].Command.Op; op {
		case drivers.OpGet:
			if !reply.Nil {
				made = append(made, drivers.Command{Op: drivers.OpSet, Value: reply.Value})
			}
		case drivers.OpXRange:
			for id, fields := range drivers.Entries(*reply) {
				made = append(made, drivers.XAdd(id, fields, 0))
			}
		case drivers.OpXLastID:
			made = append(made, lastID(reply.Value, made, !found[0].Reply.Nil)...)
		default:
			if fill := fills[op]; fill != drivers.OpInvalid && len(reply.Values) > 0 {
				made = append(made, drivers.Command{Op: fill, Values: reply.Values, Extra: &drivers.Extra{Scores: reply.Floats}})
			}
		}
	}
	ttl := &found[0].Reply
	switch {
	case ttl.Nil:
	case len(made) == 0:
		return nil, fmt.Errorf("%s, which holds a value of an unknown type, within a transaction: %w", key, errors.ErrUnsupported)
	case ttl.Int >= 0:
		made = append(made, drivers.Command{Op: drivers.OpExpire, Expiry: expiresIn(ttl.Int)})
	}
	for i := range made {
		made[i].Key = key
	}
	return made, nil
}

// fills are the Ops that make a collection of what another has read.
var fills = map[drivers.Op]drivers.Op{
	drivers.OpSMembers: drivers.OpSAdd, drivers.OpHGetAll: drivers.OpHSet, drivers.OpLRange: drivers.OpRPush, drivers.OpZRange: drivers.OpZAdd,
}

// lastID makes a stream remember an id that is no entry's any more.
func lastID(id string, made []drivers.Command, there bool) []drivers.Command {
	newest := len(made) > 0 && made[len(made)-1].Value == id
	if newest || !there {
		return nil
	}
	if id == (redisvalue.StreamID{}).String() { // of a stream that never had an entry
		const maker = "maker" // a group makes the stream that it is of
		return []drivers.Command{drivers.XGroupCreate(maker, "0"), drivers.XGroupDestroy(maker)}
	}
	return []drivers.Command{drivers.XAdd(id, []string{"", ""}, 0), {Op: drivers.OpXDel, Values: []string{id}}}
}

func expiresIn(millis int64) drivers.Expiry {
	return drivers.Expiry{Mode: drivers.ExpireIn, Millis: max(millis, 1)}
}

// restore makes a copy of what is committed under key, in place of what is there.
func (c *copies) restore(ctx context.Context, engine *engine, key string) error {
	if err := engine.execute(ctx, drivers.Command{Op: drivers.OpDelete, Key: key}); err != nil {
		return err
	}
	return engine.execute(ctx, c.committed[key]...)
}

// replay executes those writes so far that chosen reports, which may change them.
func (o *Overlay) replay(ctx context.Context, engine *engine, chosen func(write *drivers.Command) bool) error {
	for i := range o.writes {
		write := o.writes[i].Command
		if !chosen(&write) {
			continue
		}
		if err := o.relative(ctx, engine, &write); err != nil {
			return err
		}
		if _, err := engine.Do(ctx, write); err != nil {
			return fmt.Errorf("what was written to %s, again on a copy: %w", write.Key, err)
		}
	}
	return nil
}

// read executes a read on a store in memory. One that is paged has all pages in one:
// nobody could know whom to ask for the next.
func read(ctx context.Context, engine *engine, cmd drivers.Command) (drivers.Reply, error) {
	reply, err := engine.Do(ctx, cmd)
	if err != nil || !cmd.Op.Paged() {
		return reply, err
	}
	for page := reply; cmd.Continue(page); {
		if page, err = engine.Do(ctx, cmd); err != nil {
			return reply, err
		}
		reply.Values, reply.Floats = append(reply.Values, page.Values...), append(reply.Floats, page.Floats...)
	}
	reply.Int, reply.Value = 0, ""
	return reply, nil
}

// executeOnCopies executes a write on the copies of its values.
func (o *Overlay) executeOnCopies(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	cmd.OwnExtra().Indexes = nil
	if err := o.relative(ctx, o.copies.engine, &cmd); err != nil {
		return drivers.Reply{}, err
	}
	reply, err := o.copies.engine.Do(ctx, cmd)
	if err != nil {
		return reply, err
	}
	for _, key := range cmd.Written() {
		if v := o.at(key); v.copy == some && !o.hasRest(ctx, key, kinds[v.part.reach]) {
			v.copy, v.part = all, part{} // the value was replaced, and is known
		}
	}
	return reply, nil
}
