package spec

import (
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// indexConflictChecks are about watching a registry and its indexes: a write counts
// for a change of them only if it changed them.
func indexConflictChecks(h Harness) []check {
	if !h.Watch {
		return nil
	}
	one, remove := user("1", mail("a"), tag("x")), on(child("1"), op(drivers.OpDelete))
	silent := drivers.Command{Op: drivers.OpDelete, Key: "users:1"}
	var checks []check
	for _, i := range []struct {
		intrusion
		changes []string // of the watched keys, those that the intruder changes
	}{
		{intrusion{says: "registered a child with entries", intr: given(one)}, []string{"reg", "reg::mail", "reg::tag"}},
		{intrusion{says: "registered a child without entries", given: given(one), intr: given(user("2"))}, []string{"reg"}},
		{intrusion{says: "changed an entry", given: given(one), intr: given(user("1", mail("b"), tag("x")))}, []string{"reg", "reg::mail"}},
		{intrusion{says: "wrote a child of the same entries", given: given(one), intr: given(one)}, nil},
		{intrusion{says: "wrote a child of the same entries, one of which was said to be stray", given: given(one),
			intr: given(on(stray(child("1", mail("a"), tag("x")), mail("a")), put("", "v")))}, nil},
		{intrusion{says: "changed a part of a child that is registered", given: given(one), intr: given(on(child("1"), drivers.Command{Op: drivers.OpAppend, Value: "w"}))}, nil},
		{intrusion{says: "registered a child by a part", given: given(user("2")), intr: given(on(part("1"), put("", "v")))}, []string{"reg"}},
		{intrusion{says: "registered the first child of all", intr: given(on(part("1"), put("", "v")))}, []string{"reg", "reg::mail", "reg::tag"}},
		{intrusion{says: "removed a child", given: given(one), intr: given(remove)}, []string{"reg", "reg::mail", "reg::tag"}},
		{intrusion{says: "removed a child that is not registered", given: given(user("2", mail("b"))), intr: given(remove)}, nil},
		{intrusion{says: "removed a part of a child", given: given(one), intr: given(on(part("1"), op(drivers.OpDelete)))}, nil},
		{intrusion{says: "took a child's entry over", given: given(user("1", mail("a")), user("2", tag("x")), silent), intr: given(user("2", unique(mail("a")), tag("x")))}, []string{"reg", "reg::mail"}},
		{intrusion{says: "reconciled a child that is there", given: given(one), intr: given(on(child("1"), op(drivers.OpReconcile)))}, nil},
		{intrusion{says: "reconciled a child that is not there", given: given(one, silent), intr: given(on(child("1"), op(drivers.OpReconcile)))}, []string{"reg", "reg::mail", "reg::tag"}},
	} {
		for _, key := range []string{"reg", "reg::mail", "reg::tag"} {
			conflict, says := slices.Contains(i.changes, key), fmt.Sprintf("of %q is not disturbed by somebody who %s", key, i.says)
			if conflict {
				says = fmt.Sprintf("of %q is ErrConflict where somebody %s", key, i.says)
			}
			checks = append(checks, check{about: "watching", says: says, run: func(t *trial) { t.disturbed(i.intrusion, key, conflict) }})
		}
	}
	return checks
}
