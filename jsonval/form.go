package jsonval

import "encoding/json"

// Form is a schema as a codec enforces it.
type Form struct {
	Schema json.RawMessage
	// HandWritten is whether it was given by schemas.HandWritten: contentEncoding is no more than a remark then.
	HandWritten bool
	// Orders are the orders in which the members of structs are written, of which a schema says nothing, sorted. schemas.Compare does not look at them.
	Orders [][]string
}

// Form returns the schema that is enforced, to be compared with another.
func (c *codec) Form() Form { return Form{c.Schema(), c.handWritten, c.orders.Sorted()} }
