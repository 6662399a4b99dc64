package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

// New is the handler of every route. What streams goes on until ctx ends.
func New(ctx context.Context, p *platform.Platform, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range map[string]handler{
		"GET /healthz": healthy,

		"POST /games":                             games{p.Games}.create,
		"GET /games":                              games{p.Games}.list,
		"GET /games/{id}":                         games{p.Games}.get,
		"PUT /games/{id}/connections/{player}":    games{p.Games}.connect,
		"DELETE /games/{id}/connections/{player}": games{p.Games}.disconnect,
		"POST /games/{id}/messages":               games{p.Games}.message,
		"POST /games/{id}/moves":                  games{p.Games}.move,
		"POST /games/{id}/resignation":            games{p.Games}.resign,
		"POST /games/{id}/draw":                   games{p.Games}.draw,
		"PUT /games/{id}/replay":                  games{p.Games}.archive,

		"POST /replays":              replays{p.Replays}.ingestPGN,
		"GET /replays":               replays{p.Replays}.find,
		"PUT /replays/{id}":          replays{p.Replays}.ingest,
		"GET /replays/{id}":          replays{p.Replays}.get,
		"PUT /replays/{id}/analysis": replays{p.Replays}.analyse,
		"GET /replays/{id}/analysis": replays{p.Replays}.analysis,
		"PUT /replays/{id}/log":      replays{p.Replays}.keepLog,
		"GET /replays/{id}/log":      replays{p.Replays}.log,

		"GET /verifications":                          verifications{p.Verifications}.list,
		"PUT /verifications/{id}":                     verifications{p.Verifications}.put,
		"GET /verifications/{id}":                     verifications{p.Verifications}.get,
		"DELETE /verifications/{id}":                  verifications{p.Verifications}.erase,
		"GET /verifications/{id}/nodes/{node}":        verifications{p.Verifications}.node,
		"POST /verifications/{id}/nodes/{node}/games": verifications{p.Verifications}.record,
		"GET /verifications/{id}/nodes/{node}/games":  verifications{p.Verifications}.latest,

		"GET /users":            users{p.Users}.list,
		"PUT /users/{id}":       users{p.Users}.add,
		"GET /users/{id}":       users{p.Users}.get,
		"GET /managers":         users{p.Users}.managers,
		"PUT /managers/{id}":    users{p.Users}.promote,
		"DELETE /managers/{id}": users{p.Users}.demote,

		"GET /suites":         suites{p.Suites}.list,
		"PUT /suites/{id}":    suites{p.Suites}.put,
		"GET /suites/{id}":    suites{p.Suites}.get,
		"DELETE /suites/{id}": suites{p.Suites}.remove,
	} {
		mux.Handle(pattern, limited(handle(handler, log)))
	}
	for pattern, stream := range map[string]stream{
		"GET /games/events":      games{p.Games}.followAll,
		"GET /games/{id}/events": games{p.Games}.follow,
	} {
		mux.Handle(pattern, streamed(ctx, stream, log))
	}
	return logged(mux, log)
}

func healthy(*http.Request) (answer, error) { return ok(map[string]string{"status": "ok"}) }
