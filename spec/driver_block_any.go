package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func (t *trial) waitForFirst() {
	t.given(rpush("low", "c"), rpush("high", "a", "b"))
	for _, want := range []drivers.Reply{{Int: 1, Values: []string{"a"}}, {Int: 1, Values: []string{"b"}}, {Int: 2, Values: []string{"c"}}} {
		reply, err := t.block(t.ctx, lmpop(1, "none", "high", "low"))
		t.gets(waited{reply, err}, want)
	}
	t.given(zadd("k", 1, "a"), zadd("k", 2, "b"), zadd("second", 3, "c"))
	reply, err := t.block(t.ctx, backwards(zmpop(1, "none", "k", "second")))
	t.gets(waited{reply, err}, drivers.Reply{Int: 1, Values: []string{"b"}, Floats: []float64{2}})
}

// waitForAny goes through the keys: each wakes those who wait, and whoever was woken waits for
// the others no longer.
func (t *trial) waitForAny() {
	keys := []string{"high", "k", "low"}
	for place, key := range keys {
		wait := t.wait(t.ctx, lmpop(1, keys[0], keys[1:]...))
		t.given(rpush(key, "a", "b"))
		t.gets(t.end(wait), drivers.Reply{Int: int64(place), Values: []string{"a"}})
		for _, other := range keys {
			if other != key {
				t.given(rpush(other, "c"))
				t.changed(other, sight{}, lists("c"), 0, 0)
			}
		}
		t.changed(key, sight{}, lists("b"), 0, 0)
		for range 3 {
			t.must(lmpop(9, keys[0], keys[1:]...))
		}
	}
	wait := t.wait(t.ctx, zmpop(1, "high", "low", "low"))
	t.given(zadd("low", 1, "a"))
	t.gets(t.end(wait), drivers.Reply{Int: 1, Values: []string{"a"}, Floats: []float64{1}})
}

func (t *trial) waitForAnyInOrder() {
	either := lmpop(1, "high", "k")
	for _, served := range []struct {
		key   string
		place int64
	}{{"high", 0}, {"k", 1}} {
		waits := []<-chan waited{t.wait(t.ctx, either), t.wait(t.ctx, lmpop(1, served.key)), t.wait(t.ctx, either)}
		for i, place := range []int64{served.place, 0, served.place} {
			t.given(rpush(served.key, fmt.Sprint(i)))
			t.gets(t.end(waits[i]), drivers.Reply{Int: place, Values: []string{fmt.Sprint(i)}})
		}
	}
}

func (t *trial) waitForWrongType() {
	t.given(put("low", "v"))
	_, err := t.block(t.ctx, lmpop(1, "k", "low"))
	t.fails(err, drivers.ErrWrongType)
	_, err = t.block(t.ctx, zmpop(1, "k", "low"))
	t.fails(err, drivers.ErrWrongType)
	t.given(rpush("k", "a"))
	reply, err := t.block(t.ctx, lmpop(1, "k", "low"))
	t.gets(waited{reply, err}, drivers.Reply{Values: []string{"a"}})

	wait := t.wait(t.ctx, lmpop(1, "k", "second"))
	t.given(put("second", "v"))
	t.fails(t.end(wait).err, drivers.ErrWrongType)
}

func (t *trial) waitForAnyIndexed() {
	registered := func(id string) bool {
		return !t.must(drivers.Command{Op: drivers.OpHGet, Key: "reg", Value: id}).Nil
	}
	pop := lmpop(1, "k", "low")
	pop.OwnExtra().Indexes = []drivers.Index{indexOf("k"), indexOf("low")}
	t.given(on(indexOf("k"), rpush("", "a")), on(indexOf("low"), rpush("", "b", "c")))
	for _, want := range []drivers.Reply{{Values: []string{"a"}}, {Int: 1, Values: []string{"b"}}} { // at once
		reply, err := t.block(t.ctx, pop)
		t.gets(waited{reply, err}, want)
		t.Expect(registered("k")).To(gomega.BeFalse(), "the first key is gone")
		t.Expect(registered("low")).To(gomega.BeTrue(), "the other is there")
	}
	t.must(on(indexOf("low"), lpop(9)))
	t.Expect(registered("low")).To(gomega.BeFalse())

	wait := t.wait(t.ctx, pop)
	t.given(on(indexOf("low"), rpush("", "d")))
	t.gets(t.end(wait), drivers.Reply{Int: 1, Values: []string{"d"}})
	t.Expect(registered("low")).To(gomega.BeFalse(), "what was waited for was its last element")
}
