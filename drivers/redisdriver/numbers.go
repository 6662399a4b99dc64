package redisdriver

import (
	"math/big"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// integerInText is a number that a script answers with, as text.
var integerInText = replyType{command: newString, read: func(answer redis.Cmder) drivers.Reply {
	number, _ := strconv.ParseInt(answer.(*redis.StringCmd).Val(), 10, 64)
	return drivers.Reply{Int: number}
}}

func incrByCall(cmd drivers.Command) call {
	c := incrementCall(boundedBefore(cmd), "get", command("incrby", cmd.Key, cmd.Amount))
	if c.script != nil {
		return c.readAs(&integerInText)
	}
	return c
}

func incrByFloatCall(cmd drivers.Command) call {
	return incrementCall(cmd, "get", withValue("incrbyfloat")(cmd))
}

// boundedBefore gives an increment of an integer the bounds of what is there before it,
// so that nothing has to be taken back.
func boundedBefore(cmd drivers.Command) drivers.Command {
	extra := cmd.OwnExtra()
	extra.Min, extra.Max = less(cmd.Min(), cmd.Amount), less(cmd.Max(), cmd.Amount)
	return cmd
}

// less is bound - amount, which may be beyond 64 bits; empty as the bound is.
func less(bound string, amount int64) string {
	if bound == "" {
		return ""
	}
	number, ok := new(big.Int).SetString(bound, 10)
	if !ok {
		return ""
	}
	return number.Sub(number, big.NewInt(amount)).String()
}

// incrementCall makes a command that adds to a number a call of a script, where there is
// something that the command cannot do itself: start a time to live, keep to bounds, begin with
// another number than 0, tell an index the exact number. The command that is called read asks for the number.
func incrementCall(cmd drivers.Command, read any, plain call) call {
	if !startsTTL(cmd.Expiry) && cmd.Min() == "" && cmd.Max() == "" && cmd.Initial() == "" && len(cmd.Indexes()) == 0 {
		return plain
	}
	expire, millis := startArgs(cmd.Expiry)
	between := len(plain.words) - 2 // the name and the amount
	return increment.onKeys([]string{cmd.Key}, len(plain.words), expire, millis, cmd.Min(), cmd.Max(), cmd.Initial(), between, read).and(plain.words...)
}
