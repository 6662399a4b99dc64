package spec

import (
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

// hostile are prefixes that a pattern would take for something else, and keys it
// would list for them.
var hostile = []struct {
	prefix    string
	strangers []string
}{
	{"users", []string{"users2:1:a", "user:1:a", "usersX:1:a", "xusers:1:a", "a:users:1:a", "users", "users;1"}},
	{"user*", []string{"users:1:a", "user:1:a", "userABC:1:a"}},
	{"*", []string{"users:1:a", "a:1:a", "**:1:a"}},
	{"user?", []string{"users:1:a", "user1:1:a"}},
	{"[ab]", []string{"a:1:a", "b:1:a"}},
	{"[^a]", []string{"b:1:a", "^:1:a"}},
	{"[a-c]", []string{"a:1:a", "b:1:a", "-:1:a"}},
	{"a[", []string{"a:1:a"}},
	{"a]", []string{"a:1:a"}},
	{`a\`, []string{"a:1:a", `a\\:1:a`}},
	{`\*`, []string{"*:1:a", "a:1:a"}},
	{`a\b`, []string{"ab:1:a"}},
	{"a-z", []string{"b:1:a"}},
	{"^a", []string{"a:1:a"}},
	{"{tag}", []string{"tag:1:a"}},
	{"{a", []string{"a:1:a"}},
	{"a\x00b", []string{"a:1:a", "ab:1:a"}},
	{"a\nb", []string{"a:1:a"}},
	{"\xff\xfe", []string{"\xff:1:a"}},
	{"\xc3", []string{"\xc3\xa4:1:a"}},
	{"ünï", []string{"uni:1:a"}},
	{"%2A", []string{"*:1:a"}},
	{"A", []string{"a:1:a"}},
	{"a:b", []string{"a:b2:1:a", "a:1:a", "ab:1:a", "a:b"}},
	{"a b", []string{"a:1:a"}},
	{"-", []string{"a:1:a"}},
}

// scanPrefixChecks: a prefix is taken literally, whatever it looks like.
func scanPrefixChecks(h Harness) []check {
	if !h.Scan {
		return nil
	}
	var checks []check
	for _, row := range hostile {
		for _, op := range listingOps {
			checks = append(checks, about(op, fmt.Sprintf("takes the prefix %q literally", row.prefix), func(t *trial) {
				t.store(row.strangers...)
				t.lists(op, row.prefix)
				t.store(row.prefix+":leaf", row.prefix+":branch:leaf", row.prefix)
				t.lists(op, row.prefix, map[drivers.Op][]string{
					drivers.OpScanKeys:     {row.prefix + ":leaf", row.prefix + ":branch:leaf"},
					drivers.OpScanLeaves:   {"leaf"},
					drivers.OpScanBranches: {"branch"},
				}[op]...)
			}))
		}
	}
	names := []string{"*", "?", "[a]", `\`, "{", "}", "{}", "\x00", "\n", "\xff", "%3A", "a b", "ü", "1", "01"}
	return append(checks,
		about(drivers.OpScanLeaves, "yields names as they are, whatever they look like", func(t *trial) {
			for _, name := range names {
				t.store("users:" + name)
			}
			t.lists(drivers.OpScanLeaves, "users", names...)
			t.lists(drivers.OpScanBranches, "users")
		}),
		about(drivers.OpScanBranches, "yields names as they are, whatever they look like", func(t *trial) {
			for _, name := range names {
				t.store("users:" + name + ":leaf")
			}
			t.lists(drivers.OpScanBranches, "users", names...)
			t.lists(drivers.OpScanLeaves, "users")
		}),
		about(drivers.OpScanKeys, "lists keys with empty segments that other programs left", func(t *trial) {
			t.store("users:", "users::a", "users:a:", ":users:1")
			t.lists(drivers.OpScanKeys, "users", "users:", "users::a", "users:a:")
		}))
}
