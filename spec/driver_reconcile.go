package spec

import "github.com/kvstore-go/kvstore/drivers"

// reconcileChecks are about telling a registry whether a child of many keys is there.
func reconcileChecks(Harness) []check {
	reconcile := func(ix drivers.Index) drivers.Command {
		return drivers.Command{Op: drivers.OpReconcile, Key: ix.Key, Extra: &drivers.Extra{Keys: []string{"users:1:a", "users:1:b"}, Indexes: []drivers.Index{ix}}}
	}
	ix := part("1")
	mailed := given(user("1", mail("a")), user("2", mail("b")))
	silent := append(mailed[:2:2], drivers.Command{Op: drivers.OpDelete, Key: "users:1"})
	there, none := drivers.Reply{Int: 1}, drivers.Reply{}
	ofTwo := then{"reg": fields("2", packed(mail("b"))), "reg::mail": ordered("b=2")}
	return rows(
		row{says: "answers 0 where nothing is there", when: reconcile(ix), want: none},
		row{says: "registers the child whose key is there", given: given(put(ix.Key, "v")), when: reconcile(ix), want: there, then: then{"reg": fields("1", "")}},
		row{says: "registers the child of which another key is there", given: given(fill("users:1:b", "m")), when: reconcile(ix), want: there, then: then{"reg": fields("1", "")}},
		row{says: "keeps the entries of the child that is there", given: append(mailed[:2:2], put("users:1:a", "v")), when: reconcile(ix), want: there},
		row{says: "puts no entries in, and replaces none", given: append(mailed[:2:2], put("users:1:a", "v")), when: reconcile(withEntries(ix, mail("c"))), want: there},
		row{says: "takes the child out that is not there, though the key is not the whole of it", given: silent, when: reconcile(ix), want: none, then: ofTwo},
		row{says: "takes the child out that is not there, with what is stray", given: silent, when: reconcile(stray(ix, mail("b"))), want: none, then: ofTwo},
		row{says: "does not look at other keys of the child", given: append(silent[:3:3], put("users:1:c", "v")), when: reconcile(ix), want: none, then: ofTwo},
		row{says: "without Indexes only answers", given: given(put("users:1:a", "v")), when: reconcileOnly("users:1", "users:1:a"), want: there},
		row{says: "without Indexes only answers, and does not count", given: given(put("users:1", "v"), put("users:1:a", "v")),
			when: reconcileOnly("users:1", "users:1:a"), want: there},
		row{says: "without other keys looks at its own", given: given(put("users:1", "v")), when: reconcileOnly("users:1"), want: there},
	)
}

func reconcileOnly(key string, keys ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpReconcile, Key: key, Extra: &drivers.Extra{Keys: keys}}
}
