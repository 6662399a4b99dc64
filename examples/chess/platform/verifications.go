package platform

import (
	"context"
	"errors"
	"slices"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/board"
	"github.com/kvstore-go/kvstore/kv"
)

// Verification is a comparison of two engines over many games.
type Verification struct {
	Name      string     `json:"name" jsonschema:"minLength=1,maxLength=100"`
	Candidate EngineHash `json:"candidate" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
	Baseline  EngineHash `json:"baseline" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
}

// NodeName is the name of a machine that plays games of a verification.
type NodeName string

// NodeGame is a game that a node has played, as the candidate sees it.
type NodeGame struct {
	Game    uuid.UUID    `json:"game" jsonschema:"format=uuid"`
	Colour  board.Colour `json:"colour" jsonschema:"enum=white,enum=black"`
	Outcome Outcome      `json:"outcome" jsonschema:"enum=win,enum=draw,enum=defeat"`
}

// Outcome is how a game ended for the candidate.
type Outcome string

// slots says where in a bitset an outcome is counted; tally reads them in this order.
var slots = map[Outcome]int64{"win": 0, "draw": 1, "defeat": 2}

// Tally is the counts of one colour.
type Tally struct {
	Wins    int64 `json:"wins"`
	Draws   int64 `json:"draws"`
	Defeats int64 `json:"defeats"`
}

// VerificationService counts results.
type VerificationService struct{ store Stats }

// Put creates a verification or replaces its description.
func (s VerificationService) Put(ctx context.Context, id uuid.UUID, verification Verification) error {
	return s.store.Verification.Take(id).Config.Write(ctx, verification)
}

// Erase removes a verification with everything below it. The description goes
// last: as long as it is there, what a crash left behind is found and erased by
// another call.
func (s VerificationService) Erase(ctx context.Context, id uuid.UUID) error {
	group := s.store.Verification.Take(id)
	nodes, err := group.Nodes.Erase(ctx)
	if err != nil {
		return err
	}
	existed, err := group.Config.Erase(ctx)
	if err == nil && !existed && nodes == 0 {
		return noVerification(id)
	}
	return err
}

// Record counts the result of a game once, however often and by however many
// callers it is reported, and says whether it was this call that counted it.
//
// Only the caller whose Add finds the game new counts it. A crash between the two
// steps, or a lost reply of the second, leaves a game that is recorded and perhaps
// not counted: never one that is counted twice. That shows as a report whose
// Counted differs from Recorded. A second step that is known to have failed gives
// the game back, so that it can be reported again.
func (s VerificationService) Record(ctx context.Context, id uuid.UUID, name NodeName, game NodeGame) (counted bool, err error) {
	group := s.store.Verification.Take(id)
	if exists, err := group.Config.Exists(ctx); err != nil {
		return false, err
	} else if !exists {
		return false, noVerification(id)
	}
	node := group.Nodes.Take(name)
	added, err := node.Games.Add(ctx, game.Game.String())
	if err != nil || added == 0 {
		return false, err
	}
	_, err = node.side(game.Colour).Increment(ctx, slots[game.Outcome], 1)
	if err != nil && !errors.Is(err, kv.ErrIndeterminate) {
		_, undone := node.Games.Remove(context.WithoutCancel(ctx), game.Game.String())
		return false, errors.Join(err, undone)
	}
	return err == nil, err
}

func (n Node) side(colour board.Colour) kv.BitSetField {
	if colour == board.White {
		return n.White
	}
	return n.Black
}

// NodeReport is what a node has contributed.
type NodeReport struct {
	White    Tally `json:"white"`
	Black    Tally `json:"black"`
	Recorded int   `json:"recorded"` // games that were reported
	Counted  int64 `json:"counted"`  // games that are in the tallies
}

// Node reports the counts of one node: three round trips, one each for the games
// and the slots of each colour.
func (s VerificationService) Node(ctx context.Context, id uuid.UUID, name NodeName) (NodeReport, error) {
	return s.store.Verification.Take(id).Nodes.Take(name).report(ctx)
}

func (n Node) report(ctx context.Context) (r NodeReport, err error) {
	if r.Recorded, err = n.Games.Size(ctx); err != nil {
		return r, err
	}
	if r.White, err = tally(ctx, n.White); err != nil {
		return r, err
	}
	r.Black, err = tally(ctx, n.Black)
	r.Counted = r.White.total() + r.Black.total()
	return r, err
}

func tally(ctx context.Context, side kv.BitSetField) (Tally, error) {
	counts, err := side.ReadRange(ctx, 0, int64(len(slots)))
	if err != nil {
		return Tally{}, err
	}
	return Tally{Wins: counts[0], Draws: counts[1], Defeats: counts[2]}, nil
}

func (t Tally) total() int64 { return t.Wins + t.Draws + t.Defeats }

// Group is a verification with the games counted on each of its nodes.
type Group struct {
	ID     uuid.UUID          `json:"id"`
	Config Verification       `json:"config"`
	Nodes  map[NodeName]int64 `json:"nodes"`
	Games  int64              `json:"games"`
}

// Get is a verification. The games of a node take two round trips, one sum for
// each colour.
func (s VerificationService) Get(ctx context.Context, id uuid.UUID) (Group, error) {
	store := s.store.Verification.Take(id)
	config, err := store.Config.Read(ctx)
	if err != nil {
		return Group{}, err
	}
	group := Group{ID: id, Config: config, Nodes: map[NodeName]int64{}}
	for name, err := range store.Nodes.Keys(ctx) {
		if err != nil {
			return group, err
		}
		node := store.Nodes.Take(name)
		for _, side := range []kv.BitSetField{node.White, node.Black} {
			sum, err := side.Sum(ctx, 0, int64(len(slots)))
			if err != nil {
				return group, err
			}
			group.Nodes[name] += sum
			group.Games += sum
		}
	}
	return group, nil
}

// List is the ids of the verifications.
func (s VerificationService) List(ctx context.Context) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	for id, err := range s.store.Verification.Keys(ctx) {
		switch {
		case errors.Is(err, kv.ErrBadKey): // not a key that this program wrote
		case err != nil:
			return nil, err
		default:
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, uuid.UUID.Compare)
	return ids, nil
}

func noVerification(id uuid.UUID) error {
	return refuse(NotFound, "there is no verification %v", id)
}
