package overlay

import (
	"context"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// group is what the transaction has done to a group of a stream.
type group struct {
	made, gone bool // by the transaction, which knows then that nothing is pending in it
	acked      []string
}

// groupOf goes through the writes of a stream. What may have made another value of it is beyond
// foresight.
func (o *Overlay) groupOf(cmd *drivers.Command) (g group, err error) {
	for i := range o.writes {
		write := &o.writes[i].Command
		if write.Key != cmd.Key { // nothing moves into a stream
			continue
		}
		if write.Expiry.Mode == drivers.ExpireAt { // in the past, perhaps
			return g, unknown(cmd.Key)
		}
		ours := write.Group() == cmd.Group()
		switch write.Op {
		case drivers.OpXAdd, drivers.OpXTrim, drivers.OpXDel, drivers.OpExpire, drivers.OpPersist:
		case drivers.OpXGroupCreate:
			if ours {
				g = group{made: true}
			}
		case drivers.OpXGroupDestroy:
			if ours {
				g = group{gone: true}
			}
		case drivers.OpXAck:
			if ours {
				g.acked = append(g.acked, redisvalue.SpellOutStreamIDs(write.Values)...)
			}
		case drivers.OpDelete:
			g = group{gone: true}
		default:
			return g, unknown(cmd.Key)
		}
	}
	return g, nil
}

// pending answers OpXPending of a stream that was written.
func (o *Overlay) pending(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	g, err := o.groupOf(&cmd)
	switch {
	case err != nil:
		return drivers.Reply{}, err
	case g.gone:
		return drivers.Reply{Nil: true}, nil
	case g.made:
		return drivers.Reply{}, nil
	}
	limit := cmd.Amount
	if limit > 0 {
		cmd.Amount += int64(len(g.acked))
	}
	items := []drivers.Item{{Command: cmd}}
	if err := o.load(ctx, items); err != nil {
		return drivers.Reply{}, err
	}
	found := items[0].Reply
	left := drivers.Reply{Nil: found.Nil}
	for i := 0; i < len(found.Values); i += 2 {
		enough := limit > 0 && int64(len(left.Values)/2) == limit
		if !enough && !slices.Contains(g.acked, found.Values[i]) {
			left.Values, left.Ints = append(left.Values, found.Values[i:i+2]...), append(left.Ints, found.Ints[i:i+2]...)
		}
	}
	return left, items[0].Err
}
