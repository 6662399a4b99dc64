// Package jsonval turns Go values into JSON text and back, and validates both ways against a JSON Schema.
//
//	codec, err := jsonval.NewCodec[Config]()
//	text, err := codec.Encode(room) // refused unless it satisfies the schema
//	room, err = codec.Decode(text)  // so is what comes back, from whoever wrote it
//
// # The rule
//
// What encoding/json writes for a valid value passes; a constraint that a jsonschema tag declares is enforced; a tag
// that cannot be enforced is an error of [NewCodec].
//
// The schema is reflected from the Go type, or hand-written (schemas.HandWritten, which brings a validator of all drafts along). The text is that of encoding/json (v1), with a
// pointer to the value, so that pointer methods are called. Three leniencies of encoding/json are off, because through
// each a value could come in that is not the one the schema judged: duplicate member names, invalid UTF-8, and member
// names that match in another case. Unknown members are ignored unless [Strict] is given. Formats are asserted.
//
// A member is required unless omitempty, omitzero or an embedded pointer lets it be left out. null is accepted for the
// types of which encoding/json writes it: pointers, interfaces, slices, maps, and types that write themselves. It is not
// for scalars and structs, where encoding/json would read it as "leave the value alone". [NilAsEmpty] writes nil slices and maps as
// [] and {}.
//
// A type of which a part could be written and never read is an error of [NewCodec] that names what is missing: an interface with
// methods, MarshalText without UnmarshalText (but for strings), MarshalJSON without UnmarshalJSON where encoding/json has no place for
// what it would read, and an UnmarshalJSON or UnmarshalText that is promoted from an embedded pointer, which is nil then.
//
// # Tags
//
// The tag language is that of github.com/alecthomas/jsonschema, enforced:
//
//   - numbers: minimum, maximum, exclusiveMinimum, exclusiveMaximum (a number, or true beside the inclusive bound), multipleOf
//   - strings: minLength, maxLength (characters), pattern (not anchored; see below), format
//   - arrays, slices: minItems, maxItems, uniqueItems; with minItems of 1 or more, a nil slice is refused
//   - maps, structs: minProperties, maxProperties; the same goes for a nil map
//   - scalars: enum (repeated), const, default and example (repeated); on a slice, enum and default are about the elements
//   - types that write any JSON: type, oneof_type=string;integer
//   - elements of slices and arrays, and values of maps: any of these behind items. and values., as in items.minLength=1,
//     values.pattern=^[a-z]+$, items.values.maximum=9
//   - members: required (of a member with omitempty: its empty value is refused), nullable, oneof_required=group
//   - annotations: title, description, readOnly, writeOnly, jsonschema_description:"...", jsonschema_extras:"x-name=value"
//
// A comma inside a value is written \\, as in `jsonschema:"pattern=^[a-z]{1\\,8}$"`. A default is an annotation: it does
// not fill in a missing member. Refused are, among others, unknown keywords and formats, keywords of another type,
// malformed numbers and patterns, keywords given twice, bounds that leave no value, an enum value, default or example
// that breaks the other constraints, constraints on base64 or on a value that the string option quotes, and tags on
// fields that encoding/json does not write.
//
// # Patterns
//
// The pattern keyword, the names in patternProperties and the pattern of a tag are regular expressions of ECMA-262 with the flag u, as
// JSON Schema has them. They are translated for package regexp, so that every match takes time in proportion to the text. Translated
// are, with the meaning they have there:
//
//   - escapes: \u00e9, \uD83D\uDE00 (one character), \u{1F600}, \xe9, \cJ, \t \n \v \f \r \0, and \ before punctuation
//   - classes: \d and \w (ASCII), \s (the white space of Unicode), \D \W \S, within brackets too, [^] and [], and . (any character but
//     \n, \r, U+2028 and U+2029)
//   - \p{...} and \P{...} with Any, ASCII, Assigned, a general category (L, Letter, gc=Lu), Script= and the name of a script, Alphabetic,
//     Lowercase, Uppercase, and the properties that package unicode has tables of
//   - ^ and $, the very beginning and end of the text, \b and \B
//   - groups, named ones, and those with the modifiers i and s: (?i:...)
//   - repetitions of any number of times; those beyond what package regexp repeats (1000, within each other multiplied) as long as
//     they are of 10,000 characters or fewer: a{1,10000} and (?:ab){1,5000}, but not a{1,65535}, which is better said with maxLength
//
// As in Annex B, braces and brackets that are no syntax stand for themselves, and so does the hyphen in [\w-.].
//
// Refused, with the pattern, its place and the reason in the error, is what package regexp cannot match: lookaheads and lookbehinds,
// backreferences, the modifier m, \b under the modifier i, larger repetitions, and properties that are not named above. Refused is
// also what is not ECMA-262, though package regexp knows it: (?i) without a colon, (?P<name>...), \A, \z, \a, \Q, \x{e9}, \pL,
// [[:alpha:]]. The format regex accepts all of ECMA-262, what cannot be matched included.
//
// # Design
//
// The library's reflector is asked about leaves: scalars, times, bytes, and types that declare their own schema in a
// JSONSchemaType method; its draft-04 answers are rewritten as 2020-12. What is made of leaves is written here, beside a
// walk of the Go type by the rules of encoding/json, because none of the library's answers about it can be kept: members,
// requiredness, embedding, null, map keys, names of definitions, and every tag whose value is 0, has a comma or a
// mistake. The library also does not return from a type that contains itself without a struct between.
//
// A text is judged by an engine behind a small interface that takes the text, not a tree. A plan is made of a schema's keywords: nodes
// with those for each type, over which a scanner takes the bytes in one pass, without a tree and without allocation,
// and checks syntax, nesting, names, UTF-8 and numbers on the way. The keywords of a reflected schema are read here. Those of one written by
// hand come from santhosh-tekuri/jsonschema, the validator of record, which knows all drafts and says what they mean: package schemas, which is where
// it is imported, so that programs without such schemas are spared a megabyte, and the compiling of its meta-schemas before main. In-place applicators (allOf, anyOf, not, if, ...) read the same
// instance once more, unless the types of the alternatives tell them apart. Where the schema is recursive, what each of
// them says of an instance is remembered during the walk, as the time would otherwise double with every level. A text that is refused
// is walked a second time, to report every violation. The few schemas written by hand that have no plan ([Codec.Compiled]) are left to the
// validator of record as a whole. A differential test holds the two to the same verdicts and the same violations.
//
// The engines are internal packages, each of which imports only what stands behind it: plan (makes plans of schemas, judges texts and Go
// values, reads texts), encode (writes Go values), inclusion (compares schemas), record (the validator of record), compiled (schemas as their keywords, and the
// formats), tree (parses texts), ecma (patterns), violation (what is wrong, in words), gotype (Go types as encoding/json sees them), engine (which of them a codec asks). What is in this package is the codec, its options and errors, and what makes a schema of a Go
// type: reflection and tags.
//
// [Members] tells the same of a struct whose members are stored one by one.
//
// Decode sets the Go value in the pass that judges the text: each part of the Go type has a reader, made of the type and of the node of the
// plan that is about it. A text that the pass leaves alone, be it refused or rare, goes the long way: the plan says what is wrong with
// it, and encoding/json reads what is not. encoding/json also reads the parts that the pass does not know: types with methods of their own,
// interfaces, maps whose keys are no strings, and structs with fields that are quoted or lie behind an embedded pointer. What a schema
// cannot say, such as the range of a quoted integer, is refused by the decoder, with a pointer like everything else. The text is
// copied first only where methods of the type would get to see its bytes.
//
// Encode writes with writers that are chosen once for the type, and leaves the same parts to encoding/json. What it writes is not read again
// where the Go value itself shows that it satisfies the schema: of most types, only the fields with constraints are looked at. Types that
// write themselves, interfaces, recursive types, and rules that compare values leave it to the text.
//
// Differential tests hold both to encoding/json and the validator of record: the same verdict on every text and value, the same Go value
// of each text that is accepted, the same text of each value.
//
// schemas.Compare decides whether each text that one schema accepts is accepted by another. One side proves it, keyword by keyword; the other
// looks for a text that is refused; where neither succeeds, the answer is that nobody can tell. A differential test of random pairs of
// schemas holds every answer to what the validator of record says of documents.
package jsonval
