package platform

import (
	"context"
	"time"
	"uuid"

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
func New(driver drivers.Driver) (*Platform, error) {
	s, err := openStores(driver)
	if err != nil {
		return nil, err
	}
	return &Platform{
		Users:         UserService{s.auth.Users},
		Games:         GameService{s.games, time.Now},
		Replays:       ReplayService{s.games, s.annexes},
		Verifications: VerificationService{s.stats},
		Suites:        SuiteService{s.testing.Take(Suites)},
	}, nil
}

// Ping finds out whether storage can be reached.
func (p *Platform) Ping(ctx context.Context) error {
	_, err := p.Users.users.Take(uuid.Nil()).Exists(ctx)
	return err
}
