package spec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	chunkSize  = 100   // commands that Redis gets in one round trip
	stateEvery = 1_000 // commands between comparisons of all there is
	remembered = 30    // commands that a divergence prints
)

// differential executes every command on memory at once, and on Redis in chunks.
type differential struct {
	generator
	memory, redis drivers.Driver
	plainOnly     bool // no atomic batches

	steps, trips int
	chunk        []step
	recent       []string
	executed     map[drivers.Op]int
	failed       map[string]int
	divergence   string // what was different, and empty while nothing was
}

// step is a command with the answer of memory.
type step struct {
	number  int
	cmd     drivers.Command
	reply   drivers.Reply
	err     error
	members []string // what a random draw draws from
}

func (d *differential) run(ctx context.Context, commands int) {
	for d.steps < commands && d.divergence == "" {
		d.steps++
		cmd := d.command()
		d.executed[cmd.Op]++
		if cmd.Op.Known() && cmd.Op.Effect() == drivers.Lists {
			d.flush(ctx)
			d.compareListing(ctx, cmd)
		} else {
			d.execute(ctx, cmd)
		}
		if d.steps%stateEvery == 0 || d.steps == commands {
			d.flush(ctx)
			d.compareState(ctx)
		}
	}
}

// execute runs cmd on memory and puts it into the chunk for Redis.
func (d *differential) execute(ctx context.Context, cmd drivers.Command) {
	s := step{number: d.steps, cmd: cmd}
	if cmd.Op == drivers.OpSPop || cmd.Op == drivers.OpSRandMember {
		members, _ := d.memory.Do(ctx, drivers.Command{Op: drivers.OpSMembers, Key: cmd.Key})
		s.members = members.Values
	}
	s.reply, s.err = d.memory.Do(ctx, cmd)
	if s.err != nil {
		d.failed[classOf(s.err)]++
	}
	d.chunk = append(d.chunk, s)
	switch {
	case cmd.Op == drivers.OpSPop && len(s.reply.Values) < len(s.members) && len(s.reply.Values) > 0:
		d.flush(ctx, d.settlePop(ctx, s)...)
	case len(d.chunk) == chunkSize:
		d.flush(ctx)
	}
}

// settlePop brings both sides, which popped different members at random, to the
// same state, which is also that of a replay: they get their members back and lose
// the smallest. It does so on memory, and returns what has to be done on Redis.
func (d *differential) settlePop(ctx context.Context, s step) []drivers.Command {
	settle := []drivers.Command{
		{Op: drivers.OpSAdd, Key: s.cmd.Key, Values: s.members},
		{Op: drivers.OpSRem, Key: s.cmd.Key, Values: slices.Sorted(slices.Values(s.members))[:len(s.reply.Values)]},
	}
	for _, cmd := range settle {
		if _, err := d.memory.Do(ctx, cmd); err != nil {
			d.diverge("settling a pop on memory: %v", err)
		}
	}
	return settle
}

// flush executes the chunk on Redis and compares the answers, then what follows.
func (d *differential) flush(ctx context.Context, after ...drivers.Command) {
	if len(d.chunk) == 0 || d.divergence != "" {
		return
	}
	b := drivers.NewBatch()
	for _, s := range d.chunk {
		b.Items = append(b.Items, drivers.Item{Command: s.cmd})
	}
	// A transaction answers the same, but is refused as a whole for an argument.
	b.Atomic = !d.plainOnly && d.oneIn(4) && !slices.ContainsFunc(d.chunk, func(s step) bool {
		return errors.Is(s.err, drivers.ErrInvalid) || errors.Is(s.err, errors.ErrUnsupported)
	})
	d.trips++
	if err := drivers.DoBatch(ctx, d.redis, b); err != nil && !allFailed(d.chunk) {
		d.diverge("the batch on Redis: %v", err)
		return
	}
	for i, s := range d.chunk {
		d.compare(s, b.Items[i].Reply, b.Items[i].Err)
	}
	d.chunk = d.chunk[:0]
	for _, cmd := range after {
		if _, err := d.redis.Do(ctx, cmd); err != nil {
			d.diverge("settling a pop on Redis: %v", err)
		}
	}
}

// allFailed: a driver may say of a batch without a success that it failed as a whole.
func allFailed(chunk []step) bool {
	return !slices.ContainsFunc(chunk, func(s step) bool { return s.err == nil })
}

func (d *differential) remember(format string, args ...any) {
	d.recent = append(d.recent, fmt.Sprintf(format, args...))
	if len(d.recent) > remembered {
		d.recent = d.recent[1:]
	}
}

// diverge notes the first difference with the commands that led to it.
func (d *differential) diverge(format string, args ...any) {
	if d.divergence == "" {
		d.divergence = fmt.Sprintf(format, args...) + "\nthe last commands, with memory's answers:\n  " + strings.Join(d.recent, "\n  ")
	}
}
