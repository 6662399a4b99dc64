package redisdriver

import (
	"fmt"
	"slices"
	"strings"
)

var (
	PrefixesOf     = prefixesOf
	HasPrefixAmong = hasPrefixAmong
)

// RightsTable is the features' table as README.md has it.
func RightsTable() string {
	var table strings.Builder
	for _, f := range features {
		without := f.without
		if f.newer {
			without = "(Redis 7.4)"
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s |\n", f.name, strings.ReplaceAll(f.rights, "|", `\|`), without)
	}
	return table.String()
}

// Samples are the commands by which rights are asked for.
func Samples() (samples []string) {
	for _, f := range features {
		if !f.newer && !f.outside {
			samples = append(samples, f.commands...)
		}
	}
	return samples
}

// RightsOf are the rights that features take, and those of every value.
func RightsOf(names ...string) (rights []string) {
	for _, f := range features {
		if f.name == "every value" || slices.Contains(names, f.name) {
			rights = append(rights, strings.Fields(f.rights)...)
		}
	}
	return rights
}
