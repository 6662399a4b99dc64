package platform

import (
	"context"
	"log/slog"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Platform is the services, which share the stores but nothing else.
type Platform struct {
	Users         UserService
	Games         GameService
	Replays       ReplayService
	Verifications VerificationService
	Suites        SuiteService
}

// New opens every store once on the driver.
func New(driver drivers.Driver, log *slog.Logger) (*Platform, error) {
	s, err := openStores(driver)
	if err != nil {
		return nil, err
	}
	replays := ReplayService{s.replays}
	return &Platform{
		Users:         UserService{s.auth},
		Games:         GameService{store: s.games, replays: replays, log: log, now: time.Now},
		Replays:       replays,
		Verifications: VerificationService{s.stats},
		Suites:        SuiteService{s.testing.Take(Suites)},
	}, nil
}

// Resume finishes what a crash of the program has left half done. It is to be
// called when the program starts.
func (p *Platform) Resume(ctx context.Context) error { return p.Games.archiveFinished(ctx) }
