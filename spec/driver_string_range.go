package spec

import "github.com/kvstore-go/kvstore/drivers"

func getRange(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpGetRange, Key: "k", Start: start, Stop: stop}
}

func setRange(start int64, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSetRange, Key: "k", Start: start, Value: value}
}

func rangeExamples() []example {
	return []example{
		{getRange(1, 2), stringKind, "Start Stop"},
		{setRange(1, "new"), stringKind, "Start Value Expiry"},
	}
}

func rangeChecks(h Harness) []check {
	hello := given(put("k", "hello"))
	checks := rows(
		row{says: "is empty for an absent key", when: getRange(0, -1), want: drivers.Reply{}},
		row{says: "makes a key, with zero bytes in front (row 8)", when: setRange(2, "ab"), want: drivers.Reply{Int: 4}, then: then{"k": holds("\x00\x00ab")}},
		row{says: "writes over a part", given: hello, when: setRange(1, "EL"), want: drivers.Reply{Int: 5}, then: then{"k": holds("hELlo")}},
		row{says: "writes beyond the end", given: hello, when: setRange(4, "Ooo"), want: drivers.Reply{Int: 7}, then: then{"k": holds("hellOoo")}},
		row{says: "fills a gap with zero bytes (row 8)", given: hello, when: setRange(7, "x"), want: drivers.Reply{Int: 8}, then: then{"k": holds("hello\x00\x00x")}},
		row{says: "makes no key of nothing (row 6)", when: setRange(3, ""), want: drivers.Reply{}},
		row{says: "changes nothing with nothing (row 6)", given: given(putFor(hour, "k", "hello")), when: setRange(30, ""), want: drivers.Reply{Int: 5}},
		row{says: "keeps the time to live (row 5)", given: given(putFor(hour, "k", "hello")), when: setRange(0, "J"), want: drivers.Reply{Int: 5}, then: then{"k": holds("Jello").kept()}},
		row{says: "starts a time to live", when: expiring(in(hour), setRange(0, "J")), want: drivers.Reply{Int: 1}, then: then{"k": holds("J").lasting(hour)}},
		row{says: "is ErrInvalid at a negative offset", given: hello, when: setRange(-1, "x"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid beyond 512 MB (row 8)", given: hello, when: setRange(drivers.MaxBytes, "x"), err: drivers.ErrInvalid},
	)
	says, before := "the first byte", "h"
	if h.EmptyBefore {
		says, before = "nothing", ""
	}
	for _, r := range []struct {
		says        string
		start, stop int64
		want        string
	}{
		{"all of it", 0, -1, "hello"}, {"a part", 1, 3, "ell"}, {"up to the end", 3, 100, "lo"}, {"from the end", -3, -2, "ll"},
		{"nothing beyond the end", 5, 9, ""}, {"nothing where it ends before it starts", 3, 1, ""},
		{says + " where it ends before the first byte (row 7)", 0, -100, before},
		{"nothing where both count from the end and are in the wrong order (row 7)", -2, -4, ""},
		{"all of it from far before the beginning", -100, 4, "hello"}, {says + " between far before and far before", -100, -100, before},
	} {
		checks = append(checks, rows(row{says: "answers " + r.says, given: hello, when: getRange(r.start, r.stop), want: drivers.Reply{Value: r.want}})...)
	}
	return checks
}
