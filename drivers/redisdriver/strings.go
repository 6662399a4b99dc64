package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

// Redis reads SET's options in any order; these come last, so that what is there
// without any is the plain command.
func setArgs(cmd drivers.Command) []any {
	args := make([]any, 0, 6)
	return appendSetOptions(append(args, "set", cmd.Key, cmd.Value), cmd)
}

func swapArgs(cmd drivers.Command) []any {
	args := make([]any, 0, 7)
	return appendSetOptions(append(args, "set", cmd.Key, cmd.Value, "get"), cmd)
}

func appendSetOptions(args []any, cmd drivers.Command) []any {
	if cmd.If != drivers.Always {
		args = append(args, conditionNames[cmd.If])
	}
	return appendSetExpiry(args, cmd)
}

func appendSetExpiry(args []any, cmd drivers.Command) []any {
	switch cmd.Expiry.Mode {
	case drivers.KeepTTL:
		args = append(args, "keepttl")
	case drivers.ClearTTL: // is what SET does
	case drivers.ExpireIn:
		args = append(args, "px", cmd.Expiry.Millis)
	case drivers.ExpireAt:
		args = append(args, "pxat", cmd.Expiry.Millis)
	}
	return args
}

func compareAndSwapArgs(cmd drivers.Command) []any {
	args := make([]any, 0, 8)
	return appendSetExpiry(append(args, "evalsha", compareAndSwap.sha, 1, cmd.Key, cmd.Expected, cmd.Value), cmd)
}

func appendArgs(cmd drivers.Command) []any {
	if starts(cmd.Expiry) {
		return append(startTTLArgs(cmd, 1, "append", cmd.Key), cmd.Value)
	}
	return []any{"append", cmd.Key, cmd.Value}
}

func checkSet(cmd drivers.Command) error {
	if err := checkCondition(cmd); err != nil {
		return err
	}
	return checkValue(cmd)
}

// checkValue spares a value that is too long the way to a server that would
// answer it by closing the connection.
func checkValue(cmd drivers.Command) error {
	if len(cmd.Value) > drivers.MaxBits/8 {
		return drivers.Errorf(drivers.ErrInvalid, "a value of %d bytes exceeds 512 MB", len(cmd.Value))
	}
	return cmd.Expiry.Check()
}
