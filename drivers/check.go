package drivers

// Check reports a command that no driver executes, whatever the data, as ErrInvalid: an
// Op that is unknown or for a Scanner, arguments that the table of the package
// documentation excludes. Drivers call it before anything else. What is wrong with an argument is said in words that
// whoever calls a handle understands: he does not know of Ops.
func Check(cmd *Command) error {
	if !cmd.Op.Known() {
		return Errorf(ErrInvalid, "unknown operation %v", cmd.Op)
	}
	op := &ops[cmd.Op]
	if op.effect == Lists {
		return Errorf(ErrInvalid, "%v is executed by Scan", cmd.Op)
	}
	if len(cmd.Indexes()) > 0 {
		if err := checkIndexes(*cmd); err != nil {
			return err
		}
	}
	return op.checks.judge(*cmd)
}

// checks are made in turn, until one refuses the command.
type checks []func(cmd Command) error

func (c checks) judge(cmd Command) error {
	for _, check := range c {
		if err := check(cmd); err != nil {
			return err
		}
	}
	return nil
}

func checkExpiry(cmd Command) error { return cmd.Expiry.Check() }

func checkCondition(cmd Command) error {
	if cmd.If > IfExists {
		return Errorf(ErrInvalid, "unknown condition %d", cmd.If)
	}
	return nil
}

// checkValue refuses a value that is longer than a string may be.
func checkValue(cmd Command) error { return CheckLength(int64(len(cmd.Value))) }

// CheckLength refuses a string that is longer than one may be, as ErrInvalid.
func CheckLength(length int64) error {
	if length > MaxBytes {
		return Errorf(ErrInvalid, "string exceeds maximum allowed size: %d bytes", length)
	}
	return nil
}

// checkValues refuses a command without members, fields or ids.
func checkValues(cmd Command) error {
	if len(cmd.Values) == 0 {
		return Errorf(ErrInvalid, "there are no values")
	}
	return nil
}

// checkKeys refuses a command without further keys.
func checkKeys(cmd Command) error {
	if len(cmd.Keys()) == 0 {
		return Errorf(ErrInvalid, "there is no other key")
	}
	return nil
}

// checkCount refuses a negative number of things.
func checkCount(cmd Command) error {
	if cmd.Amount < 0 {
		return Errorf(ErrInvalid, "a count of %d", cmd.Amount)
	}
	return nil
}

func checkCursor(cmd Command) error {
	if cmd.Cursor() < 0 {
		return Errorf(ErrInvalid, "the cursor %d", cmd.Cursor())
	}
	return nil
}
