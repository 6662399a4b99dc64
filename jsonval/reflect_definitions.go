package jsonval

import (
	"reflect"
	"strconv"
	"strings"
)

// maxDefinitionName is how many bytes of a Go type are in the name of its definition: the name of a deeply generic type repeats
// those of its type arguments at every level.
const maxDefinitionName = 120

// name returns the name of a type in $defs, which no other type has.
func (r *reflector) name(t reflect.Type) string {
	if name, ok := r.names[t]; ok {
		return name
	}
	base := t.Kind().String()
	if t.Name() != "" {
		base = definitionName(t.String())
	}
	name := base
	for r.usedNames[name] {
		r.repeated[base]++
		name = base + "_" + strconv.Itoa(r.repeated[base]+1)
	}
	r.names[t], r.usedNames[name] = name, true
	return name
}

// definitionName makes a Go type, which may be generic, fit for a URI fragment.
func definitionName(goType string) string {
	goType = goType[:min(len(goType), maxDefinitionName)]
	return strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-':
			return c
		default:
			return '_'
		}
	}, goType)
}
