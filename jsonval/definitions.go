package jsonval

import (
	"reflect"
	"strconv"
	"strings"
)

// name returns the name of a type in $defs, which no other type has.
func (r *reflector) name(t reflect.Type) string {
	if name, ok := r.names[t]; ok {
		return name
	}
	taken := func(name string) bool {
		for _, other := range r.names {
			if other == name {
				return true
			}
		}
		return false
	}
	base := definitionName(t.String())
	name := base
	for i := 2; taken(name); i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	r.names[t] = name
	return name
}

// definitionName makes a Go type, which may be generic, fit for a URI fragment.
func definitionName(goType string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-':
			return c
		default:
			return '_'
		}
	}, goType)
}
