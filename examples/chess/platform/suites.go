package platform

import (
	"context"
	"uuid"

	"github.com/kvstore-go/kvstore/kv"
)

// Suite is a test of two engines against each other. Everything that can be said
// of it by tags is, so that kv refuses what breaks it, whoever wrote it.
type Suite struct {
	UUID uuid.UUID `json:"uuid" jsonschema:"format=uuid"`
	Plan
}

// Plan is what a suite does.
type Plan struct {
	Name       string         `json:"name" jsonschema:"minLength=1,maxLength=100"`
	Iterations int            `json:"iterations" jsonschema:"exclusiveMinimum=0"`
	Engines    []EngineConfig `json:"engines" jsonschema:"minItems=2,maxItems=2"`
}

// EngineConfig is an engine as it is to be run.
type EngineConfig struct {
	Name        string      `json:"name" jsonschema:"pattern=^[a-zA-Z0-9-]+$,minLength=1,maxLength=100"`
	Version     Version     `json:"version"`
	TimeControl TimeControl `json:"timeControl"`
	Options     EngineHash  `json:"options" jsonschema:"pattern=^[0-9a-f]{8\\,64}$"`
	Threads     int         `json:"threads" jsonschema:"exclusiveMinimum=0"`
}

// Version is a semantic version.
type Version struct {
	Major int `json:"major" jsonschema:"minimum=0"`
	Minor int `json:"minor" jsonschema:"minimum=0"`
	Patch int `json:"patch" jsonschema:"minimum=0"`
}

// TimeControl limits the thinking about a move: either by depth or by time.
type TimeControl struct {
	Depth    int `json:"depth,omitempty" jsonschema:"exclusiveMinimum=0,oneof_required=depth"`       // plies
	MoveTime int `json:"movetime,omitempty" jsonschema:"exclusiveMinimum=0,oneof_required=movetime"` // milliseconds
}

// SuiteService keeps test suites.
type SuiteService struct {
	store kv.KeyedStore[uuid.UUID, kv.JSONField[Suite]]
}

// Put creates a suite or replaces it.
func (s SuiteService) Put(ctx context.Context, suite Suite) error {
	return s.store.Take(suite.UUID).Write(ctx, suite)
}

// Get is a suite.
func (s SuiteService) Get(ctx context.Context, id uuid.UUID) (Suite, error) {
	return s.store.Take(id).Read(ctx)
}

// List is all suites.
func (s SuiteService) List(ctx context.Context) (List[Suite], error) {
	return list(kv.All(ctx, s.store))
}

// Remove removes a suite.
func (s SuiteService) Remove(ctx context.Context, id uuid.UUID) error {
	existed, err := s.store.Take(id).Erase(ctx)
	if err == nil && !existed {
		err = refuse(NotFound, "there is no test suite %v", id)
	}
	return err
}
