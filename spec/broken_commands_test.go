package spec_test

import (
	"context"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

func brokenCommands() []brokenDriver {
	return []brokenDriver{
		{"ignores If", `^SET IfAbsent refuses a string`, onCommand(func(cmd *drivers.Command) { cmd.If = drivers.Always })},
		{"ignores Expiry", `^SADD with ExpireIn starts a time to live`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op != drivers.OpExpire {
				cmd.Expiry = drivers.Expiry{}
			}
		})},
		{"clears a time to live where it should keep it", `^SET with KeepTTL keeps a time to live`, onCommand(func(cmd *drivers.Command) {
			if cmd.Expiry.Mode == drivers.KeepTTL && cmd.Op == drivers.OpSet {
				cmd.Expiry.Mode = drivers.ClearTTL
			}
		})},
		{"rounds times to live to seconds", `^TTL counts milliseconds`, onCommand(func(cmd *drivers.Command) {
			if cmd.Expiry.Mode == drivers.ExpireAt && cmd.Expiry.Millis > 1000 {
				cmd.Expiry.Millis = cmd.Expiry.Millis / 1000 * 1000
			}
		})},
		{"takes a negative time to live for none", `^SET is ErrInvalid with a negative ExpireIn`, onCommand(func(cmd *drivers.Command) {
			if cmd.Expiry.Millis < 0 {
				cmd.Expiry = drivers.Expiry{}
			}
		})},
		{"wraps whatever the overflow", `^BITINCREMENT adds exactly in signed slots of every width, saturating`, onCommand(func(cmd *drivers.Command) {
			if cmd.Bits.Overflow == drivers.Saturate {
				cmd.Bits.Overflow = drivers.Wrap
			}
		})},
		{"has no unsigned slots", `^BITGET reads an unsigned slot`, onCommand(func(cmd *drivers.Command) { cmd.Bits.Signed = true })},
		{"takes no member for one empty member", `^SADD is ErrInvalid without members`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpSAdd && len(cmd.Values) == 0 {
				cmd.Values = []string{""}
			}
		})},
		{"folds the case of keys", `^binary safety keeps all those keys apart`, onCommand(func(cmd *drivers.Command) { cmd.Key = strings.ToLower(cmd.Key) })},
		{"clears a time to live on append", `^APPEND keeps a time to live`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			reply, err := d.Do(ctx, cmd)
			if cmd.Op == drivers.OpAppend && err == nil && cmd.Expiry.Mode == drivers.KeepTTL {
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpPersist, Key: cmd.Key})
			}
			return reply, err
		})},
		{"executes writes twice", `^APPEND makes a key`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpAppend {
				_, _ = d.Do(ctx, cmd)
			}
			return d.Do(ctx, cmd)
		})},
		{"gives a job whoever has it", `^JOBREMOVE leaves what another has`, onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpJobRemove {
				cmd.OwnExtra().Expected = ""
			}
		})},
		{"does not know when the next job is due", `^JOBTAKE answers how long it is`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpJobTake {
				reply.Ints = nil
			}
		})},
		{"ignores its context", `^GET with a cancelled context`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			return d.Do(context.WithoutCancel(ctx), cmd)
		})},
		{"looks and then writes, in two steps", `^concurrency loses no increment by OpCompareAndSwap`, wrapDo(lookThenWrite)},
		{"replaces a set in two steps", `^concurrency replaces a set in one step`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpSReplace && cmd.If == drivers.Always && len(cmd.Values) > 0 {
				empty := cmd
				empty.Values = nil
				_, _ = d.Do(ctx, empty)
				gap()
			}
			return d.Do(ctx, cmd)
		})},
		{"writes before it looks at the expiry", `^SADD is ErrInvalid with ExpireIn 0`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpSAdd && cmd.Expiry.Check() != nil {
				early := cmd
				early.Expiry = drivers.Expiry{}
				_, _ = d.Do(ctx, early)
			}
			return d.Do(ctx, cmd)
		})},
		{"forgets what is pending for a consumer that it removes", `^XDELCONSUMER hands on what is pending`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpXDelConsumer {
				pending, _ := d.Do(ctx, drivers.Command{Op: drivers.OpXPending, Key: cmd.Key, Value: cmd.Value, Extra: &drivers.Extra{Expected: cmd.Expected()}})
				for i := 0; i < len(pending.Values); i += 2 {
					_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXAck, Key: cmd.Key, Value: cmd.Value, Values: pending.Values[i : i+1]})
				}
			}
			return d.Do(ctx, cmd)
		})},
		{"moves what is pending for others", `^XMOVE leaves what is not pending for the consumer`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpXMove && len(cmd.Values) > 0 && cmd.Expected() != "" && len(cmd.Keys()) > 0 {
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpXClaim, Key: cmd.Key, Value: cmd.Value, Extra: &drivers.Extra{Expected: cmd.Expected()}, Values: cmd.Values})
			}
			return d.Do(ctx, cmd)
		})},
		{"goes on after Close", `^GET is ErrClosed after Close`, func(d drivers.Driver) drivers.Driver { return unclosed{d.(able)} }},
	}
}

// lookThenWrite compares and swaps as if nobody else were there.
func lookThenWrite(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if cmd.Op != drivers.OpCompareAndSwap || cmd.Expiry.Check() != nil {
		return d.Do(ctx, cmd)
	}
	now, err := d.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: cmd.Key})
	if err != nil || now.Nil || now.Value != cmd.Expected() {
		return drivers.Reply{}, err
	}
	gap()
	_, err = d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: cmd.Key, Value: cmd.Value})
	return drivers.Reply{Int: 1}, err
}

type unclosed struct{ able }

func (unclosed) Close() error { return nil }

// wrapDo is a driver that executes single commands, and those of plain batches,
// in its own way.
func wrapDo(do func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error)) func(drivers.Driver) drivers.Driver {
	return func(d drivers.Driver) drivers.Driver { return doing{d.(able), do} }
}

type doing struct {
	able
	do func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error)
}

func (d doing) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.do(d.able, ctx, cmd)
}
