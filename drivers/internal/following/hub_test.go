package following

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
)

var errEnd = errors.New("end")

// told is what a follower is told by steps, the first of which is taken before it begins to wait.
func told(f *Follower, each func(what string), steps ...func()) (all []string) {
	tell := func(what string) {
		all = append(all, what)
		each(what)
	}
	loop := f.Each(func() { tell("ready") }, func(<-chan struct{}) error {
		if len(steps) == 0 {
			return errEnd
		}
		step := steps[0]
		steps = steps[1:]
		step()
		return nil
	})
	for key, err := range loop {
		switch {
		case errors.Is(err, drivers.ErrMissed):
			key = "missed"
		case err != nil:
			key = err.Error()
		}
		tell(key)
	}
	return all
}

func nothing(string) {}

func allOf(string) bool { return true }

func TestAFollowerHearsFromReadyToMissed(t *testing.T) {
	var h Hub
	f := h.Join([]string{"k"}, false)
	got := told(f, nothing,
		func() { h.Changed("k:early") },
		func() { h.Hear(allOf) },
		func() { h.Changed("k:a") },
		func() { h.Changed("k:lost"); h.Lose(); h.Changed("k:unheard") },
		func() { h.Hear(allOf); h.Changed("k:b") },
		func() { h.Miss(); h.Changed("k:c") },
		func() { h.Changed("k:d") },
		func() { h.Lose(); h.End(errors.New("refused"), false) },
		func() { h.End(errors.New("denied"), true) },
	)
	want := []string{"ready", "k:a", "missed", "ready", "missed", "ready", "k:d", "missed", "denied"}
	// What has changed by the time that it hears again may be told, or not.
	got = slices.DeleteFunc(got, func(what string) bool { return what == "k:b" || what == "k:c" })
	if !slices.Equal(got, want) {
		t.Errorf("it was told %q", got)
	}
}

func TestAFollowerThatNeverHeardEndsWithWhatKeepsItFromHearing(t *testing.T) {
	var h Hub
	f, hears := h.Join([]string{"k"}, false), h.Join([]string{"k"}, true)
	if got := told(f, nothing, func() { h.End(errors.New("refused"), false) }); !slices.Equal(got, []string{"refused"}) {
		t.Errorf("it was told %q", got)
	}
	if got := told(hears, nothing); !slices.Equal(got, []string{"ready", "end"}) {
		t.Errorf("one that hears was told %q", got)
	}
}

func TestAFollowerHearsOnceAllOfItsKeysAreCovered(t *testing.T) {
	var h Hub
	f := h.Join([]string{"a", "b"}, false)
	got := told(f, nothing,
		func() {
			if h.Hear(func(key string) bool { return key == "a" }) {
				t.Error("all hear, it says")
			}
		},
		func() {
			if !h.Hear(allOf) {
				t.Error("not all hear, it says")
			}
		},
	)
	if !slices.Equal(got, []string{"ready", "end"}) {
		t.Errorf("it was told %q", got)
	}
}

func TestAFollowerThatIsBusyIsToldThatItMissedSomethingBeforeWhatWasToldEarlier(t *testing.T) {
	var h Hub
	f := h.Join([]string{"k"}, true)
	keys := 0
	got := told(f, func(what string) {
		if what[0] == 'k' {
			keys++
			h.Lose()
		}
	}, func() {
		for i := range 100 {
			h.Changed(fmt.Sprint("k:", i))
		}
	}, func() {})
	if keys != 1 || got[len(got)-2] != "missed" {
		t.Errorf("it was told %q", got)
	}
}

func TestWhatNobodyFollowsIsForgotten(t *testing.T) {
	var h Hub
	for range 2 {
		one, two := h.Join([]string{"a", "b"}, true), h.Join([]string{"b", "b:c"}, true)
		if keys := slices.Sorted(slices.Values(h.Keys())); !slices.Equal(keys, []string{"a", "b"}) {
			t.Errorf("%q are followed", keys)
		}
		one.Leave()
		two.Leave()
	}
	if len(h.Keys())+len(h.all) != 0 {
		t.Errorf("%q are followed", h.Keys())
	}
}
