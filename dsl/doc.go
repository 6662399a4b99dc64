// Package dsl is the untyped schema: an immutable tree of stores and fields, and
// the one mapping between its paths and storage keys.
//
// A Tree is a root Node and the segments it is stored behind. Validate reports all
// mistakes of a schema at once; Visit walks it; String draws it; Mermaid makes a
// chart of it; Parse leads from a storage key back to the declared path.
//
// # Keys
//
// A path is joined with ":", as in foo:bar:any. Names that the schema declares are
// stored as they are, and refused if they could not be. Segments that a user
// supplies are percent-encoded where, and only where, they would be read as
// something else, so that ordinary ids stay readable and two paths never share a
// key: see EscapeSegment.
//
// Package kv is the typed front end; this package knows nothing of Go types.
package dsl
