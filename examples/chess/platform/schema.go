package platform

import (
	"fmt"
	"strings"
	"time"
	"uuid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
)

// Everything the platform stores. Printed (the program's -schema), the five trees
// show the storage keys: a name stands for itself, * for what Take is given.
//
// What changes together has to lie in one slot of a Redis Cluster: the users, because
// of the last manager; the games, together with their replays; each verification.
var (
	users = kv.CollectionBy[uuid.UUID](kv.JSON[User](), kv.Index(byRole, User.roles))

	live = kv.CollectionBy[uuid.UUID](kv.JSON[LiveGame](), kv.Index(byPlayer, LiveGame.playing))

	replays = kv.CollectionBy[uuid.UUID](kv.JSON[Replay](), kv.Index(byDay, Replay.days), kv.Index(byEngine, Replay.engines))

	authSchema = kv.Static("auth").Field("users", kv.Colocated(users)).As[Auth]()

	gamesSchema = kv.Colocated(kv.Static("games").
			Field("live", live).
			Field("replays", replays).
			As[Games]())

	annexesSchema = kv.Static("replays").
			Field("analysis", kv.DynamicBy[uuid.UUID](kv.JSON[Analysis]())).
			Field("logs", kv.DynamicBy[uuid.UUID](kv.JSON[Log](kv.ExpireIn(time.Hour), kv.Upgrade(logOfV1)))).
			As[Annexes]()

	nodeSchema = kv.Static("node").
			Set("games").
			BitSet("white", kv.I64, kv.Fail).
			BitSet("black", kv.I64, kv.Fail).
			ListOf[NodeGame]("latest", kv.Capped(latestGames), kv.Upgrade(nodeGameOfV1)).
			As[Node]()

	verificationSchema = kv.Static("verification").
				JSON[Verification]("config").
				Field("nodes", kv.IndexKeys(kv.DynamicBy[NodeName](nodeSchema))).
				As[VerificationGroup]()

	statsSchema = kv.Static("stats").
			Field("verification", kv.DynamicBy[uuid.UUID](kv.Colocated(verificationSchema))).
			As[Stats]()

	testingSchema = kv.Static("testing").
			Field(Suites, kv.DynamicBy[uuid.UUID](kv.JSON[Suite]()))
)

// The indexes, each with the type of its values: a query by another does not compile.
const (
	byRole   kv.IndexKey[Role]       = "role"
	byPlayer kv.IndexKey[string]     = "player"
	byDay    kv.IndexKey[Day]        = "day"
	byEngine kv.IndexKey[EngineHash] = "engine"
)

// Users is everybody with an account, found by role.
type Users = kv.KeyedCollection[uuid.UUID, User]

// Auth, and the types below, are views: the places in the trees as fields of a struct.
type Auth struct {
	Users Users `kv:"users"`
}

// Games are of both kinds, and lie together, so that a game ends and is kept in one step.
type Games struct {
	Live    kv.KeyedCollection[uuid.UUID, LiveGame] `kv:"live"`    // until an hour after the end
	Replays kv.KeyedCollection[uuid.UUID, Replay]   `kv:"replays"` // from the end on
}

// Annexes is what is kept of replays beside themselves.
type Annexes struct {
	Analysis kv.KeyedStore[uuid.UUID, kv.JSONField[Analysis]] `kv:"analysis"`
	Logs     kv.KeyedStore[uuid.UUID, kv.JSONField[Log]]      `kv:"logs"`
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
// engine under test did in them with White and with Black, and the latest of them.
type Node struct {
	Games  kv.SetField              `kv:"games"`
	White  kv.BitSetField           `kv:"white"`
	Black  kv.BitSetField           `kv:"black"`
	Latest kv.ListFieldOf[NodeGame] `kv:"latest"`
}

// Suites is a typed key, the other way to a field: testing.Take(Suites).
const Suites kv.Key[kv.KeyedStore[uuid.UUID, kv.JSONField[Suite]]] = "suites"

// stores are the five trees, opened.
type stores struct {
	auth    Auth
	games   Games
	annexes Annexes
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
	if s.annexes, err = kv.Open(annexesSchema, driver); err != nil {
		return s, err
	}
	if s.stats, err = kv.Open(statsSchema, driver); err != nil {
		return s, err
	}
	s.testing, err = kv.Open(testingSchema, driver)
	return s, err
}

// Trees are all five trees.
func Trees() []dsl.Tree {
	return []dsl.Tree{authSchema.Tree(), gamesSchema.Tree(), annexesSchema.Tree(), statsSchema.Tree(), testingSchema.Tree()}
}

// DrawSchema draws all five trees.
func DrawSchema() string {
	var drawing strings.Builder
	for _, tree := range Trees() {
		fmt.Fprintln(&drawing, tree)
	}
	return drawing.String()
}
