package jsonval

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// explainMarshal turns an error of jsonv2.Marshal into a refusal. The value is a pointer, and is marshaled once more to
// find the place.
func explainMarshal(value any, cause error) error {
	_, again := jsonv2.Marshal(value, wireParsed)
	pointer := locate(cause, again)
	var unsupported *json.UnsupportedValueError
	var marshaler *json.MarshalerError
	switch {
	case errors.Is(again, jsontext.ErrDuplicateName):
		return refusal(cause, pointer, violation.UniqueNames, "two keys of the map have the same text")
	case strings.Contains(cause.Error(), "invalid UTF-8"):
		return refusal(cause, pointer, violation.UTF8, "the string is not valid UTF-8")
	case strings.Contains(cause.Error(), "max depth"):
		return refusal(cause, "", violation.MaxDepth, "arrays and objects are nested deeper than encoding/json allows")
	case errors.As(cause, &marshaler):
		return refusal(cause, pointer, violation.Marshal, "a marshal method of the value failed")
	case !errors.As(cause, &unsupported):
		return refusal(cause, pointer, violation.Marshal, "encoding/json cannot write the value")
	case strings.HasPrefix(unsupported.Str, "encountered a cycle"):
		return refusal(cause, "", violation.Cycle, "the value contains itself")
	case slices.Contains([]string{"NaN", "+Inf", "-Inf"}, unsupported.Str):
		return refusal(cause, pointer, violation.Number, "JSON has no number for NaN or an infinity")
	default:
		return refusal(cause, pointer, violation.Marshal, "encoding/json cannot write the value")
	}
}

// explainUnmarshal turns an error of jsonv2.Unmarshal into a refusal. The text is unmarshaled once more, into a fresh
// value, to find the place.
func explainUnmarshal(text []byte, target any, cause error) error {
	again := jsonv2.Unmarshal(text, target, wireParsed)
	pointer := locate(cause, again)
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.Is(again, jsontext.ErrDuplicateName):
		return refusal(cause, pointer, violation.UniqueNames, "two member names stand for the same map key")
	case errors.As(cause, &mismatch) && mismatch.Type != nil:
		found := describeFound(mismatch.Value)
		return refusal(cause, pointer, violation.Unmarshal, found+" does not fit "+describeType(mismatch.Type))
	default:
		return refusal(cause, pointer, violation.Unmarshal, "the value cannot be read into its Go type")
	}
}

// describeFound keeps the kind of what was found, and drops the value that encoding/json puts after it.
func describeFound(found string) string {
	kind, _, _ := strings.Cut(found, " ")
	if kind == "" {
		return "the value"
	}
	return "the " + kind
}

func describeType(t reflect.Type) string {
	return "Go type " + t.String()
}

// locate returns the pointer in the second, located, error when that is the same failure as the first.
func locate(first, second error) string {
	var syntactic *jsontext.SyntacticError
	var semantic *jsonv2.SemanticError
	switch {
	case errors.As(second, &semantic):
		if sameFailure(first, semantic) {
			return string(semantic.JSONPointer)
		}
	case errors.As(second, &syntactic):
		return string(syntactic.JSONPointer)
	}
	return ""
}

func sameFailure(first error, second *jsonv2.SemanticError) bool {
	var mismatch *json.UnmarshalTypeError
	if errors.As(first, &mismatch) {
		return mismatch.Type == second.GoType
	}
	var unsupported *json.UnsupportedValueError
	if errors.As(first, &unsupported) && second.Err != nil {
		return strings.Contains(second.Err.Error(), unsupported.Str)
	}
	return rootCause(first).Error() == rootCause(second).Error()
}

func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
