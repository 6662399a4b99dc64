package kv

import (
	"reflect"
	"strings"
)

// aliases are the names of handles that a program writes, for those that reflection has.
var aliases = strings.NewReplacer(
	"kv.KeyedStore[string,", "kv.DynamicStore[", "kv.KeyedCollection[string,", "kv.CollectionStore[",
	"kv.SetFieldOf[string]", "kv.SetField", "kv.ListFieldOf[string]", "kv.ListField", "kv.SortedSetFieldOf[string]", "kv.SortedSetField",
	"kv.GeoFieldOf[string]", "kv.GeoField",
)

// handleName is the name of a type of handles, as a program writes it.
func handleName(handle reflect.Type) string {
	return strings.ReplaceAll(aliases.Replace(withoutDirectories(handle.String())), ",", ", ")
}

// withoutDirectories cuts out what reflection puts before the names of packages: where they lie.
func withoutDirectories(name string) string {
	for slash := strings.LastIndexByte(name, '/'); slash >= 0; slash = strings.LastIndexByte(name, '/') {
		path := strings.LastIndexAny(name[:slash], "[]*,( ") + 1
		name = name[:path] + name[slash+1:]
	}
	return name
}
