package peers

import (
	"fmt"
	"math"
	"strings"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// target bounds how many times as long as peers kvstore may take; the peer that comes off
// best against it counts.
type target struct {
	limit float64
	peers []string
}

var (
	likeGoRedis = target{1.05, []string{"go-redis"}}
	// aheadOfRueidis is for many goroutines, whose commands both pipeline.
	aheadOfRueidis = target{0.9, []string{"rueidis"}}
	likeMap        = target{3, []string{"map"}}
	aheadOfTyped   = target{1, []string{"miniredis", "gocache", "gokv"}} // who offer types
)

// verdict says whether targets are met, given how many times as long as kvstore the peers
// take that were measured.
func verdict(targets []target, peers map[string]interleave.Spread) string {
	var verdicts []string
	for _, t := range targets {
		worst, against := 0.0, ""
		for _, peer := range t.peers {
			if ratio, measured := peers[peer]; measured && ratio.Inverse().Median > worst {
				worst, against = ratio.Inverse().Median, peer
			}
		}
		if against == "" {
			continue
		}
		word := "met"
		if math.Round(worst*100) > math.Round(t.limit*100) { // as it is printed
			word = "**missed**"
		}
		verdicts = append(verdicts, fmt.Sprintf("%s: %s × %s (≤ %s)", word, interleave.Number(worst), against, interleave.Number(t.limit)))
	}
	return strings.Join(verdicts, "; ")
}
