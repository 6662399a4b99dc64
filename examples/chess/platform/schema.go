package platform

import (
	"fmt"
	"strings"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
)

// Everything the platform stores. Printed (the program's -schema), the five trees
// show the storage keys: a name stands for itself, * for what Take is given.
//
// The keys are those of the predecessor in TypeScript, byte for byte, but for
// auth:removable, which it does not have.
var (
	authSchema = kv.Static("auth").
			Set("managers").
			BitSet("removable", kv.U32, kv.Fail).
			Field("users", kv.Dynamic(kv.JSON[User]()).KeyedBy[uuid.UUID]()).
			As[Auth]()

	gamesSchema = kv.Static("games").
			Field("live", kv.Dynamic(kv.JSON[LiveGame]()).KeyedBy[uuid.UUID]()).
			As[Games]()

	replayIndexSchema = kv.Static("replay index").
				Field("date", kv.Dynamic(kv.Set()).KeyedBy[Day]()).
				Field("config", kv.Dynamic(kv.Set()).KeyedBy[EngineHash]()).
				As[ReplayIndex]()

	replaysSchema = kv.Static("replays").
			Field("data", kv.Dynamic(kv.JSON[Replay]()).KeyedBy[uuid.UUID]()).
			Field("analysis", kv.Dynamic(kv.JSON[Analysis]()).KeyedBy[uuid.UUID]()).
			Field("logs", kv.Dynamic(kv.JSON[Log](kv.ExpireIn(time.Hour))).KeyedBy[uuid.UUID]()).
			Field("index", replayIndexSchema).
			As[Replays]()

	nodeSchema = kv.Static("node").
			Set("games").
			BitSet("white", kv.I64, kv.Fail).
			BitSet("black", kv.I64, kv.Fail).
			As[Node]()

	verificationSchema = kv.Static("verification").
				JSON[Verification]("config").
				Field("nodes", kv.Dynamic(nodeSchema).KeyedBy[NodeName]()).
				As[VerificationGroup]()

	statsSchema = kv.Static("stats").
			Field("verification", kv.Dynamic(verificationSchema).KeyedBy[uuid.UUID]()).
			As[Stats]()

	testingSchema = kv.Static("testing").
			Field(Suites, kv.Dynamic(kv.JSON[Suite]()).KeyedBy[uuid.UUID]())
)

// Auth, and the types below, are views: the same places as field names of a struct.
type Auth struct {
	Managers  kv.SetField                                  `kv:"managers"`
	Removable kv.BitSetField                               `kv:"removable"` // see the rule of the last manager
	Users     kv.KeyedStore[uuid.UUID, kv.JSONField[User]] `kv:"users"`
}

// Games is what is kept of games while they are played.
type Games struct {
	Live kv.KeyedStore[uuid.UUID, kv.JSONField[LiveGame]] `kv:"live"`
}

// Replays is what is kept of games that are over.
type Replays struct {
	Data     kv.KeyedStore[uuid.UUID, kv.JSONField[Replay]]   `kv:"data"`
	Analysis kv.KeyedStore[uuid.UUID, kv.JSONField[Analysis]] `kv:"analysis"`
	Logs     kv.KeyedStore[uuid.UUID, kv.JSONField[Log]]      `kv:"logs"`
	Index    ReplayIndex                                      `kv:"index"`
}

// ReplayIndex is the sets of replays of one day and of one engine.
type ReplayIndex struct {
	Date   kv.KeyedStore[Day, kv.SetField]        `kv:"date"`
	Config kv.KeyedStore[EngineHash, kv.SetField] `kv:"config"`
}

// Stats is the verification groups.
type Stats struct {
	Verification kv.KeyedStore[uuid.UUID, VerificationGroup] `kv:"verification"`
}

// VerificationGroup is one comparison of engines, run on several nodes.
type VerificationGroup struct {
	Config kv.JSONField[Verification]    `kv:"config"`
	Nodes  kv.KeyedStore[NodeName, Node] `kv:"nodes"`
}

// Node is what one machine contributes: the games it has reported, and how the
// engine under test did in them with White and with Black.
type Node struct {
	Games kv.SetField    `kv:"games"`
	White kv.BitSetField `kv:"white"`
	Black kv.BitSetField `kv:"black"`
}

// Suites is a typed key, the other way to reach a field: testing.Take(Suites).
const Suites kv.Key[kv.KeyedStore[uuid.UUID, kv.JSONField[Suite]]] = "suites"

// stores are the five trees, opened.
type stores struct {
	auth    Auth
	games   Games
	replays Replays
	stats   Stats
	testing kv.StaticStore
}

func openStores(driver drivers.Driver) (s stores, err error) {
	if s.auth, err = kv.Open(authSchema, driver); err != nil {
		return s, err
	}
	if s.games, err = kv.Open(gamesSchema, driver); err != nil {
		return s, err
	}
	if s.replays, err = kv.Open(replaysSchema, driver); err != nil {
		return s, err
	}
	if s.stats, err = kv.Open(statsSchema, driver); err != nil {
		return s, err
	}
	s.testing, err = kv.Open(testingSchema, driver)
	return s, err
}

// DrawSchema draws all five trees.
func DrawSchema() string {
	var drawing strings.Builder
	for _, tree := range []fmt.Stringer{
		authSchema.Tree(), gamesSchema.Tree(), replaysSchema.Tree(), statsSchema.Tree(), testingSchema.Tree(),
	} {
		fmt.Fprintln(&drawing, tree)
	}
	return drawing.String()
}
