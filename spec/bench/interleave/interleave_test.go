package interleave

import (
	"strings"
	"testing"
	"time"
)

func TestRunTakesTurns(t *testing.T) {
	var order strings.Builder
	named := func(name string) Side { return func(int) { order.WriteString(name) } }
	fit := false // at first, so that one more round than counts is tried
	sample := Run(Pace{Block: time.Nanosecond, Rounds: 4, Fit: func() bool {
		was := fit
		fit = true
		return was
	}}, named("A"), named("B"), named("C"))
	if want := "AAABBBCCC" + "CBA" + "BCA" + "ACB" + "CAB"; order.String() != want { // the first to calibrate
		t.Errorf("the order is %s, not %s", order.String(), want)
	}
	if sample.Rounds() != 4 {
		t.Errorf("%d rounds count, not 4", sample.Rounds())
	}
}

func TestRunGivesUp(t *testing.T) {
	asked := 0
	fitOnce := func() bool { asked++; return asked <= 2 } // before and after the first round
	if rounds := Run(Pace{Block: time.Nanosecond, Rounds: 8, Fit: fitOnce}, func(int) {}).Rounds(); rounds != 0 {
		t.Errorf("%d rounds count, which are too few", rounds)
	}
}

func TestRatio(t *testing.T) {
	sample := Sample{{10, 20, 30, 40, 50}, {10, 10, 10, 10, 10}}
	if got, want := sample.Ratio(0, 1), (Spread{2, 3, 4}); got != want {
		t.Errorf("the ratio is %v, not %v", got, want)
	}
	if got, want := sample.Ratio(0, 1).Inverse(), (Spread{1. / 4, 1. / 3, 1. / 2}); got != want {
		t.Errorf("the inverse is %v, not %v", got, want)
	}
	if sample[0][0] != 10 {
		t.Error("measuring has changed the sample")
	}
}
