package drivers

// MarkUnsealed is an OpSeal that marks a registry and its indexes, those that are not sealed.
func MarkUnsealed(mark int64, indexes []string) Command {
	return Command{Op: OpSeal, Extra: &Extra{Keys: indexes}, Start: mark}
}

// SealMarked is an OpSeal that makes seals of the marks of MarkUnsealed.
func SealMarked(mark int64, indexes []string) Command {
	return Command{Op: OpSeal, Extra: &Extra{Keys: indexes}, Start: mark, Amount: 1}
}

// Publish is an OpPublish.
func Publish(message string) Command {
	return Command{Op: OpPublish, Value: message, Extra: &Extra{Indexes: NoIndexes}}
}

// Mark is what an OpSeal marks with, or makes seals of.
func (c *Command) Mark() int64 { return c.Start }

// SealsMarks reports whether an OpSeal makes seals of marks.
func (c *Command) SealsMarks() bool { return c.Amount == 1 }

// Cursor is where an OpSScan, OpHScan or OpZScan goes on. See Continue.
func (c *Command) Cursor() int64 { return c.Start }

// CursorServer is what the last Reply said of the server that gave the Cursor.
func (c *Command) CursorServer() string { return c.Expected() }
