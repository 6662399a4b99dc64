package kv

import (
	"reflect"
	"regexp"
	"strings"
)

// importPath is what reflection puts before the name of a package: the directories it lies in.
var importPath = regexp.MustCompile(`(?:[\w.~-]+/)+`)

// aliases are the names of handles that a program writes, for those that reflection has.
var aliases = strings.NewReplacer(
	"kv.KeyedStore[string,", "kv.DynamicStore[", "kv.KeyedCollection[string,", "kv.CollectionStore[",
	"kv.SetFieldOf[string]", "kv.SetField", "kv.ListFieldOf[string]", "kv.ListField", "kv.SortedSetFieldOf[string]", "kv.SortedSetField",
	"kv.GeoFieldOf[string]", "kv.GeoField",
)

// handleName is the name of a type of handles, as a program writes it.
func handleName(handle reflect.Type) string {
	return strings.ReplaceAll(aliases.Replace(importPath.ReplaceAllString(handle.String(), "")), ",", ", ")
}
