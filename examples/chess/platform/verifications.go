package platform

import (
	"context"
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

// latestGames is how many games of a node are kept as they were reported.
const latestGames = 20

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

// Erase removes a verification with everything below it. The description goes first:
// without it nothing is recorded any more. What a crash leaves behind is still listed,
// and erased by another call.
func (s VerificationService) Erase(ctx context.Context, id uuid.UUID) error {
	group := s.store.Verification.Take(id)
	existed, err := group.Config.Erase(ctx)
	if err != nil {
		return err
	}
	nodes, err := group.Nodes.Erase(ctx)
	if err == nil && !existed && nodes == 0 {
		return noVerification(id)
	}
	return err
}

// Record counts the result of a game once, however often and by however many
// callers it is reported, and says whether it was this call that counted it.
func (s VerificationService) Record(ctx context.Context, id uuid.UUID, name NodeName, game NodeGame) (counted bool, err error) {
	err = kv.Atomic(ctx, s.store.Verification.Take(id), func(ctx context.Context, group VerificationGroup) error {
		exists, err := group.Config.Exists(ctx)
		if err == nil && !exists {
			err = noVerification(id)
		}
		if err != nil {
			return err
		}
		node := group.Nodes.Take(name)
		added, err := node.Games.Add(ctx, game.Game.String())
		counted = added == 1
		if err != nil || !counted {
			return err
		}
		if _, err = node.side(game.Colour).Increment(ctx, slots[game.Outcome], 1); err != nil {
			return err
		}
		_, err = node.Latest.PushLeft(ctx, game)
		return err
	})
	return counted, err
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
	Counted  int64 `json:"counted"`  // games that are in the tallies: as many
}

// Node reports the counts of one node as they were at one moment: a batch reads them,
// and the transaction sees to it that nobody has counted in between.
func (s VerificationService) Node(ctx context.Context, id uuid.UUID, name NodeName) (report NodeReport, err error) {
	err = kv.Atomic(ctx, s.store.Verification.Take(id).Nodes.Take(name), func(ctx context.Context, node Node) error {
		var batch kv.Batch
		node = batch.Bind(node)
		recorded := batch.Do(node.Games.Len)
		white, black := batch.Do(tally(node.White)), batch.Do(tally(node.Black))
		if err := batch.Run(ctx); err != nil {
			return err
		}
		report.Recorded, _ = recorded.Get()
		report.White, _ = white.Get()
		report.Black, _ = black.Get()
		report.Counted = report.White.total() + report.Black.total()
		return nil
	})
	return report, err
}

// Latest is the latest games of a node, as they were reported, the latest first.
func (s VerificationService) Latest(ctx context.Context, id uuid.UUID, name NodeName) ([]NodeGame, error) {
	return s.store.Verification.Take(id).Nodes.Take(name).Latest.Read(ctx)
}

// tally is one round trip.
func tally(side kv.BitSetField) func(context.Context) (Tally, error) {
	return func(ctx context.Context) (Tally, error) {
		counts, err := side.Range(ctx, 0, int64(len(slots)))
		if err != nil {
			return Tally{}, err
		}
		return Tally{Wins: counts[0], Draws: counts[1], Defeats: counts[2]}, nil
	}
}

func (t Tally) total() int64 { return t.Wins + t.Draws + t.Defeats }

// Group is a verification with the games counted on each of its nodes.
type Group struct {
	ID     uuid.UUID          `json:"id"`
	Config Verification       `json:"config"`
	Nodes  map[NodeName]int64 `json:"nodes"`
	Games  int64              `json:"games"`
}

// Get is a verification. The counts of all its nodes take one round trip.
func (s VerificationService) Get(ctx context.Context, id uuid.UUID) (Group, error) {
	store := s.store.Verification.Take(id)
	config, err := store.Config.Read(ctx)
	if err != nil {
		return Group{}, err
	}
	var batch kv.Batch
	sizes := map[NodeName]*kv.Result[int]{}
	nodes := batch.Bind(store.Nodes)
	for name, err := range store.Nodes.Keys(ctx) {
		if isForeign(err) {
			continue
		}
		if err != nil {
			return Group{}, err
		}
		sizes[name] = batch.Do(nodes.Take(name).Games.Len)
	}
	group := Group{ID: id, Config: config, Nodes: map[NodeName]int64{}}
	err = batch.Run(ctx)
	for name, size := range sizes {
		games, _ := size.Get()
		group.Nodes[name] = int64(games)
		group.Games += int64(games)
	}
	return group, err
}

// List is the ids of the verifications.
func (s VerificationService) List(ctx context.Context) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	for id, err := range s.store.Verification.Keys(ctx) {
		switch {
		case isForeign(err): // not a key that this program wrote
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
