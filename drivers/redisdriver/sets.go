package redisdriver

import "github.com/kvstore-go/kvstore/drivers"

func setAddArgs(cmd drivers.Command) []any {
	if starts(cmd.Expiry) {
		return appendStrings(startTTLArgs(cmd, 1, "sadd", cmd.Key), cmd.Values)
	}
	return withValues("sadd", cmd)
}

func setRemoveArgs(cmd drivers.Command) []any { return withValues("srem", cmd) }

func withValues(name any, cmd drivers.Command) []any {
	args := append(make([]any, 0, 2+len(cmd.Values)), name, cmd.Key)
	return appendStrings(args, cmd.Values)
}

var conditionNames = [...]any{drivers.Always: "", drivers.IfAbsent: "nx", drivers.IfExists: "xx"}

func setReplaceArgs(cmd drivers.Command) []any {
	command, millis := startArgs(cmd.Expiry)
	if cmd.Expiry.Mode == drivers.KeepTTL {
		command = "keepttl"
	}
	args := make([]any, 0, 7+len(cmd.Values))
	args = append(args, "evalsha", replaceSet.sha, 1, cmd.Key, conditionNames[cmd.If], command, millis)
	return appendStrings(args, cmd.Values)
}

// scanArgs are those of a scan of one key.
func scanArgs(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 5), name, cmd.Key, uint64(cmd.Start))
		if cmd.Amount > 0 {
			args = append(args, "count", cmd.Amount)
		}
		return args
	}
}

func withAmount(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Amount} }
}

func withKeys(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any {
		args := append(make([]any, 0, 2+len(cmd.Keys)), name, cmd.Key)
		for _, key := range cmd.Keys {
			args = append(args, key)
		}
		return args
	}
}

func moveArgs(cmd drivers.Command) []any {
	if starts(cmd.Expiry) {
		return append(startTTLArgs(cmd, 2, "smove", cmd.Key, cmd.Keys[0]), cmd.Value)
	}
	return []any{"smove", cmd.Key, cmd.Keys[0], cmd.Value}
}

func destination(cmd drivers.Command) []string { return cmd.Keys[:1] }

func checkMembers(cmd drivers.Command) error {
	if len(cmd.Values) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "%v needs at least one member", cmd.Op)
	}
	return nil
}

func checkSetAdd(cmd drivers.Command) error {
	if err := checkMembers(cmd); err != nil {
		return err
	}
	return cmd.Expiry.Check()
}

func checkSetReplace(cmd drivers.Command) error {
	if err := checkCondition(cmd); err != nil {
		return err
	}
	return cmd.Expiry.Check()
}

func checkPop(cmd drivers.Command) error {
	if cmd.Amount < 0 {
		return drivers.Errorf(drivers.ErrInvalid, "%v of %d members", cmd.Op, cmd.Amount)
	}
	return nil
}

func checkRandom(cmd drivers.Command) error {
	if cmd.Amount < -drivers.MaxRepeats {
		return drivers.Errorf(drivers.ErrInvalid, "%v of %d members", cmd.Op, cmd.Amount)
	}
	return nil
}

func checkCursor(cmd drivers.Command) error {
	if cmd.Start < 0 {
		return drivers.Errorf(drivers.ErrInvalid, "%v from the cursor %d", cmd.Op, cmd.Start)
	}
	return nil
}

func checkMove(cmd drivers.Command) error {
	if len(cmd.Keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "%v needs a destination", cmd.Op)
	}
	return cmd.Expiry.Check()
}
