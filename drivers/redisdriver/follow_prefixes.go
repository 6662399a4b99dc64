package redisdriver

import (
	"slices"
	"strings"
)

// mostPrefixes is how many prefixes a server compares each key with that it writes.
const mostPrefixes = 32

// prefixesOf is what keys, and those below them, begin with: sorted, none the beginning of another, and
// no more than mostPrefixes. Where there are more keys, those with the longest beginnings in common share one.
func prefixesOf(keys []string) []string {
	prefixes := apart(keys)
	if len(prefixes) <= mostPrefixes {
		return prefixes
	}
	// Between neighbours that have least in common, one group of keys ends and the next begins.
	borders := make([]int, 0, len(prefixes)-1)
	for i := 1; i < len(prefixes); i++ {
		borders = append(borders, i)
	}
	slices.SortStableFunc(borders, func(a, b int) int {
		return len(common(prefixes[a-1], prefixes[a])) - len(common(prefixes[b-1], prefixes[b]))
	})
	borders = borders[:mostPrefixes-1]
	slices.Sort(borders)
	var groups []string
	begin := 0
	for _, end := range append(borders, len(prefixes)) {
		groups = append(groups, common(prefixes[begin], prefixes[end-1])) // of sorted texts it is that of all in between
		begin = end
	}
	return apart(groups)
}

// apart is keys, sorted, without those that begin with another.
func apart(keys []string) []string {
	sorted := slices.Sorted(slices.Values(keys))
	var apart []string
	for _, key := range sorted {
		if len(apart) == 0 || !strings.HasPrefix(key, apart[len(apart)-1]) {
			apart = append(apart, key)
		}
	}
	return apart
}

// common is the longest text that a and b begin with.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// hasPrefixAmong reports whether key begins with one of prefixes, which are apart.
func hasPrefixAmong(prefixes []string, key string) bool {
	after, found := slices.BinarySearch(prefixes, key)
	return found || after > 0 && strings.HasPrefix(key, prefixes[after-1])
}
