package kv

// Key is the name of a field of a static store, together with the type of handle
// the field is reached by. Declared once as a constant it gives Take its type:
//
//	const Baz kv.Key[kv.SetField] = "baz"
//
// An untyped string constant is a Key of any type, which Take checks at run time.
type Key[H any] string
