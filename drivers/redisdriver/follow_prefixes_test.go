package redisdriver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

func TestPrefixesAreFewCoverAllKeysAndDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab:\x00é")), 1, 6, -1), 1, 200).Draw(t, "keys")
		prefixes := redisdriver.PrefixesOf(keys)
		if len(prefixes) > 32 {
			t.Fatalf("%d prefixes", len(prefixes))
		}
		for i, prefix := range prefixes {
			for _, other := range prefixes[i+1:] {
				if strings.HasPrefix(prefix, other) || strings.HasPrefix(other, prefix) {
					t.Fatalf("%q overlaps with %q", prefix, other)
				}
			}
		}
		for _, key := range append(keys, "other", "a:b") {
			covered := slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
			if covered != redisdriver.HasPrefixAmong(prefixes, key) {
				t.Fatalf("%q: covered by %q is %t", key, prefixes, covered)
			}
			if !covered && slices.Contains(keys, key) {
				t.Fatalf("%q is not covered by %q", key, prefixes)
			}
		}
	})
}

func TestPrefixesAreOfKeysThatAreMostAlike(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want []string
	}{
		{[]string{"b", "a", "b"}, []string{"a", "b"}},
		{[]string{"user:7", "user", "users"}, []string{"user"}},
		{append(numbered("shop:articles:", 10_000)[1000:], "config", "shop:prices"), nil},
		{append(numbered("a:1", 20), numbered("b:", 20)...), nil},
	} {
		got := redisdriver.PrefixesOf(c.keys)
		if c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%.60s…: %q", fmt.Sprint(c.keys), got)
		}
		if slices.Contains(got, "") {
			t.Errorf("%.60s…: all keys", fmt.Sprint(c.keys))
		}
	}
}
