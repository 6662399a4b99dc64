package spec_test

import (
	"fmt"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

var streamKeys = []string{"d:x", "x", "x:y"}

// randomStreams are streams whose ids ascend slowly, so that what is drawn meets what is
// there. The store never chooses an id: there are two clocks.
var randomStreams = random{
	keys: streamKeys,
	ops: map[drivers.Op]int{
		drivers.OpXAdd: 24, drivers.OpXLen: 2, drivers.OpXRange: 8, drivers.OpXRead: 4, drivers.OpXTrim: 1, drivers.OpXDel: 5, drivers.OpXLastID: 2,
		drivers.OpXGroupCreate: 5, drivers.OpXGroupDestroy: 1, drivers.OpXReadGroup: 16, drivers.OpXAck: 5, drivers.OpXPending: 6,
		drivers.OpXClaim: 6, drivers.OpXAutoClaim: 6, drivers.OpPublish: 1,
		drivers.OpXClaimOwn: 4, drivers.OpXMove: 3, drivers.OpXConsumers: 3, drivers.OpXDelConsumer: 1, drivers.OpXLag: 6, drivers.OpXGroups: 2,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		cmd.Value = pick(g, "g", "g", "g", "h", "")
		cmd.OwnExtra().Expected = pick(g, "ann", "ann", "bob", "cid")
		cmd.Amount = pick[int64](g, 0, 0, 1, 2, 5, 100)
		if g.oneIn(100) {
			cmd.Amount, cmd.OwnExtra().Expected = -1, ""
		}
		cmd.Start = pick[int64](g, 0, 0, 0, 1<<40)
		cmd.Reverse = g.oneIn(2)
		extra := cmd.OwnExtra()
		extra.Min, extra.Max = g.streamEnd(cmd.Key), g.streamEnd(cmd.Key)
		switch cmd.Op {
		case drivers.OpXAdd:
			g.entry(cmd)
		case drivers.OpXRead:
			cmd.Value = g.streamID(cmd.Key)
		case drivers.OpXTrim:
			cmd.OwnExtra().Min = pick(g, "", "", g.streamID(cmd.Key))
		case drivers.OpXDel, drivers.OpXAck, drivers.OpXClaim:
			cmd.Values = make([]string, g.rng.IntN(6))
			for i := range cmd.Values {
				cmd.Values[i] = g.streamID(cmd.Key)
			}
		case drivers.OpXClaimOwn, drivers.OpXMove:
			cmd.Values = make([]string, g.rng.IntN(6))
			for i := range cmd.Values {
				cmd.Values[i] = g.streamID(cmd.Key)
			}
			if cmd.Op == drivers.OpXMove { // out of sight, as its new id is a moment
				cmd.OwnExtra().Keys, cmd.Amount = []string{"dead"}, max(cmd.Amount, 0)
			} else {
				cmd.Amount = pick[int64](g, -1, 0, 0, 1)
			}
		case drivers.OpXDelConsumer:
			cmd.OwnExtra().Min = pick(g, "ann", "bob", "heir")
		case drivers.OpXGroupCreate:
			cmd.OwnExtra().Expected = pick(g, "$", "0", g.streamID(cmd.Key))
		case drivers.OpXReadGroup:
			cmd.OwnExtra().Min = pick(g, drivers.NewEntries, drivers.NewEntries, "0-0", g.streamID(cmd.Key))
		case drivers.OpXPending:
			cmd.OwnExtra().Expected = pick(g, "", "", cmd.Expected())
		case drivers.OpXAutoClaim:
			cmd.OwnExtra().Min = pick(g, "0", g.streamID(cmd.Key))
		default: // nothing but the key
		}
	},
	state: []drivers.Command{
		{Op: drivers.OpXRange, Extra: &drivers.Extra{Min: "-", Max: "+"}}, {Op: drivers.OpXRange, Extra: &drivers.Extra{Min: "-", Max: "+"}, Reverse: true},
		{Op: drivers.OpXLen}, {Op: drivers.OpXLastID},
		{Op: drivers.OpXPending, Value: "g", Extra: &drivers.Extra{Min: "-", Max: "+"}}, {Op: drivers.OpXPending, Value: "h", Extra: &drivers.Extra{Min: "-", Max: "+"}},
		{Op: drivers.OpXPending, Value: "g", Extra: &drivers.Extra{Expected: "ann", Min: "-", Max: "+"}},
		{Op: drivers.OpXConsumers, Value: "g"}, {Op: drivers.OpXConsumers, Value: "h"}, {Op: drivers.OpXLag, Value: "g"}, {Op: drivers.OpXLag, Value: "h"}, {Op: drivers.OpXGroups},
	},
}

// newest is what the ids of a key have come to.
func (g generator) newest(key string) int {
	newest, _ := strconv.Atoi(g.last["newest "+key])
	return newest
}

func (g generator) entry(cmd *drivers.Command) {
	newest := g.newest(cmd.Key)
	if g.oneIn(3) {
		newest++
		g.last["newest "+cmd.Key] = strconv.Itoa(newest)
	}
	cmd.Value = fmt.Sprint(newest) + pick(g, "-*", "-*", "-*", "", "-0", "-3")
	if g.oneIn(20) {
		cmd.Value = g.streamID(cmd.Key)
	}
	if g.oneIn(20_000) {
		cmd.Value = "18446744073709551615-18446744073709551615" // nothing follows until the key is deleted
	}
	for range g.rng.IntN(3) {
		cmd.Values = append(cmd.Values, pick(g, members...), g.text())
	}
	if cmd.Values = append(cmd.Values, "value", g.text()); g.oneIn(100) {
		cmd.Values = cmd.Values[1:]
	}
	if cmd.Amount = 0; g.oneIn(10) {
		cmd.Amount = pick[int64](g, 1, 3, 200)
	}
	cmd.Expiry = g.rareExpiry()
}

// streamID draws an id that may be there, and seldom what is none.
func (g generator) streamID(key string) string {
	if g.oneIn(200) {
		return pick(g, "", "-", "x", "1-", "1-1-1", "18446744073709551616", "1-*-*", "$")
	}
	return fmt.Sprint(max(g.newest(key)-g.rng.IntN(20), 0)) + pick(g, "", "-0", "-1", "-2", "-3", "-4", "-7", "-18446744073709551615")
}

// streamEnd draws the end of a range.
func (g generator) streamEnd(key string) string {
	if g.oneIn(3) {
		return pick(g, "-", "+")
	}
	return pick(g, "", "", "(") + g.streamID(key)
}
