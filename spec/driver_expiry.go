package spec

import "github.com/kvstore-go/kvstore/drivers"

// expiryChecks are the rules of drivers.Expiry for every Op that takes one.
func expiryChecks(h Harness) []check {
	checks := []check{}
	all := writers()
	for _, family := range families() {
		all = append(all, family.writers...)
	}
	for _, w := range all {
		if w.replaces {
			checks = append(checks, w.replaceRules(h)...)
		} else {
			checks = append(checks, w.changeRules(h)...)
		}
		checks = append(checks, w.refusals(h)...)
	}
	return checks
}

// writer is an Op that takes an Expiry: a command of it, what makes the key it
// writes, and what that key holds after it. SMOVE writes its destination.
type writer struct {
	cmd      drivers.Command
	replaces bool
	others   []drivers.Command // what else the command needs
	existing drivers.Command   // makes the subject
	want     drivers.Reply     // where the subject exists
	changed  content
	aside    then // what changes besides

	absent bool // the command makes the subject where it is absent
	made   content
	reply  drivers.Reply
}

func writers() []writer {
	text, set := put("k", "old"), fill("k", "old")
	one, none := drivers.Reply{Int: 1}, drivers.Reply{}
	return []writer{
		{cmd: put("k", "new"), replaces: true, existing: text, changed: holds("new"), absent: true, made: holds("new")},
		{cmd: drivers.Command{Op: drivers.OpSwap, Key: "k", Value: "new"}, replaces: true, existing: text, want: drivers.Reply{Value: "old"},
			changed: holds("new"), absent: true, made: holds("new"), reply: drivers.Reply{Nil: true}},
		{cmd: replace(drivers.Always, drivers.Expiry{}, "new"), replaces: true, existing: set, want: one,
			changed: contains("new"), absent: true, made: contains("new"), reply: one},
		{cmd: drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: "old"}, Value: "new"}, replaces: true, existing: text, want: one, changed: holds("new")},
		{cmd: drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "new"}, existing: text, want: drivers.Reply{Int: 6},
			changed: holds("oldnew"), absent: true, made: holds("new"), reply: drivers.Reply{Int: 3}},
		{cmd: bitSet(u8, 3, 'x'), existing: text, want: none, changed: holds("oldx"), absent: true, made: holds("\x00\x00\x00x")},
		{cmd: bitIncrement(u8, 3, 'x'), existing: text, want: drivers.Reply{Int: 'x'}, changed: holds("oldx"),
			absent: true, made: holds("\x00\x00\x00x"), reply: drivers.Reply{Int: 'x'}},
		{cmd: fill("k", "new"), existing: set, want: one, changed: contains("old", "new"), absent: true, made: contains("new"), reply: one},
		{cmd: fill("k", "old"), existing: set, want: none, changed: contains("old"), absent: true, made: contains("old"), reply: one},
		{cmd: drivers.Command{Op: drivers.OpSMove, Key: "source", Extra: &drivers.Extra{Keys: []string{"k"}}, Value: "new"}, others: given(fill("source", "new", "rest")),
			existing: set, want: one, changed: contains("old", "new"), aside: then{"source": contains("rest")}, absent: true, made: contains("new"), reply: one},
	}
}

func (w writer) with(e drivers.Expiry) drivers.Command { w.cmd.Expiry = e; return w.cmd }

func (w writer) mortal() drivers.Command { w.existing.Expiry = in(hour); return w.existing }

// row is one rule on one situation; start nil says that the key is absent.
func (w writer) row(says string, start *drivers.Command, e drivers.Expiry, after func(content) content) row {
	r := row{says: says, given: w.others, when: w.with(e), want: w.want, then: then{"k": after(w.changed)}}
	if start == nil {
		r.want, r.then = w.reply, then{"k": after(w.made)}
	} else {
		r.given = append(given(*start), w.others...)
	}
	for name, content := range w.aside {
		r.then[name] = content
	}
	return r
}

var (
	forever   = func(c content) content { return c }
	kept      = func(c content) content { return c.kept() }
	vanished  = func(content) content { return gone }
	twoHours  = func(c content) content { return c.lasting(2 * hour) }
	tillAhead = func(c content) content { return c.until(farAhead) }
	utmost    = drivers.Expiry{Mode: drivers.ExpireIn, Millis: drivers.MaxExpiryMillis}
	tillEnd   = func(c content) content { return c.lastingMillis(drivers.MaxExpiryMillis) }
)

// replaceRules: an Op that replaces the whole value applies its Expiry unconditionally.
func (w writer) replaceRules(h Harness) []check {
	mortal := w.mortal()
	table := []row{
		w.row("with KeepTTL keeps a time to live", &mortal, drivers.Expiry{}, kept),
		w.row("with KeepTTL starts none", &w.existing, drivers.Expiry{}, forever),
		w.row("with ClearTTL ends a time to live", &mortal, endless, forever),
		w.row("with ClearTTL starts none", &w.existing, endless, forever),
		w.row("with ExpireIn replaces a time to live", &mortal, in(2*hour), twoHours),
		w.row("with ExpireIn starts a time to live", &w.existing, in(2*hour), twoHours),
		w.row("with ExpireAt replaces a time to live", &mortal, at(farAhead), tillAhead),
		w.row("with ExpireAt starts a time to live", &w.existing, at(farAhead), tillAhead),
		w.row("with ExpireIn reaches as far as MaxExpiryMillis", &w.existing, utmost, tillEnd),
		w.row("at a past moment removes the key (row 4)", &w.existing, at(longAgo), vanished),
		w.row("at a past moment removes the key, whatever its time to live (row 4)", &mortal, at(longAgo), vanished),
		w.row("at the epoch removes the key", &mortal, at(0), vanished),
	}
	return rows(append(table, w.creations()...)...)
}

// changeRules: an Op that changes a part of a value leaves a time to live that is
// there, and starts one only where there is none.
func (w writer) changeRules(h Harness) []check {
	mortal := w.mortal()
	suffix := ""
	if w.cmd.Op == drivers.OpSAdd && w.want.Int == 0 {
		suffix = ", though no member is new"
	}
	table := []row{
		w.row("with KeepTTL keeps a time to live"+suffix, &mortal, drivers.Expiry{}, kept),
		w.row("with ClearTTL keeps a time to live"+suffix, &mortal, endless, kept),
		w.row("with ExpireIn keeps a time to live that is there"+suffix, &mortal, in(2*hour), kept),
		w.row("with ExpireAt keeps a time to live that is there"+suffix, &mortal, at(farAhead), kept),
		w.row("at a past moment keeps a time to live that is there"+suffix, &mortal, at(longAgo), kept),
		w.row("with KeepTTL starts no time to live"+suffix, &w.existing, drivers.Expiry{}, forever),
		w.row("with ClearTTL starts no time to live"+suffix, &w.existing, endless, forever),
		w.row("with ExpireIn starts a time to live where there is none"+suffix, &w.existing, in(2*hour), twoHours),
		w.row("with ExpireAt starts a time to live where there is none"+suffix, &w.existing, at(farAhead), tillAhead),
		w.row("with ExpireIn reaches as far as MaxExpiryMillis"+suffix, &w.existing, utmost, tillEnd),
		w.row("at a past moment removes a key without a time to live"+suffix, &w.existing, at(longAgo), vanished),
		w.row("at the epoch removes a key without a time to live"+suffix, &w.existing, at(0), vanished),
	}
	if suffix == "" {
		table = append(table, w.creations()...)
	}
	return rows(table...)
}

// creations: whatever the Op, a key it makes has the Expiry that was asked for.
func (w writer) creations() []row {
	if !w.absent {
		return nil
	}
	return []row{
		w.row("makes a key that stays for ever with KeepTTL", nil, drivers.Expiry{}, forever),
		w.row("makes a key that stays for ever with ClearTTL", nil, endless, forever),
		w.row("makes a key with a time to live with ExpireIn", nil, in(2*hour), twoHours),
		w.row("makes a key with a time to live with ExpireAt", nil, at(farAhead), tillAhead),
		w.row("makes no key that lasts at a past moment (row 4)", nil, at(longAgo), vanished),
	}
}

// refusals: an Expiry that fails its Check is ErrInvalid, and nothing is changed.
func (w writer) refusals(h Harness) []check {
	var table []row
	if w.cmd.Op == drivers.OpSAdd && w.want.Int == 0 {
		return nil
	}
	for _, wrong := range wrongExpiries {
		table = append(table, row{says: "is ErrInvalid with " + wrong.says, given: append(given(w.mortal()), w.others...), when: w.with(wrong.expiry), err: drivers.ErrInvalid})
	}
	return rows(table...)
}

var wrongExpiries = []struct {
	says   string
	expiry drivers.Expiry
}{
	{"ExpireIn 0 (row 4)", drivers.Expiry{Mode: drivers.ExpireIn}},
	{"a negative ExpireIn (row 4)", drivers.Expiry{Mode: drivers.ExpireIn, Millis: -1}},
	{"an ExpireIn beyond MaxExpiryMillis (row 4)", drivers.Expiry{Mode: drivers.ExpireIn, Millis: drivers.MaxExpiryMillis + 1}},
	{"a negative ExpireAt", drivers.Expiry{Mode: drivers.ExpireAt, Millis: -1}},
	{"an ExpireAt beyond MaxExpiryMillis", drivers.Expiry{Mode: drivers.ExpireAt, Millis: drivers.MaxExpiryMillis + 1}},
	{"a mode there is not", drivers.Expiry{Mode: drivers.ExpireAt + 1, Millis: 1}},
}
