package api

import (
	"net/http"
	"strconv"

	"github.com/kvstore-go/kvstore/examples/chess/pgn"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

// mediaTypePGN is what IANA has registered for games in PGN.
const mediaTypePGN = "application/vnd.chess-pgn"

type replays struct{ service platform.ReplayService }

var (
	newRecord   = bodyOf[platform.Record]()
	newAnalysis = bodyOf[platform.Analysis]()
	newLog      = bodyOf[platform.Log]()
)

func (h replays) ingest(r *http.Request) (answer, error) {
	game, record, err := newRecord.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Ingest(r.Context(), game, record))
}

func (h replays) ingestPGN(r *http.Request) (answer, error) {
	text, err := readText(r, mediaTypePGN)
	if err != nil {
		return answer{}, err
	}
	game, err := pgn.Parse(text)
	if err != nil {
		return answer{}, badRequest("%v", err)
	}
	record := platform.FromPGN(game)
	replay, err := h.service.Ingest(r.Context(), record.NaturalID(), record)
	return created("/replays/"+replay.ID.String(), replay, err)
}

func (h replays) get(r *http.Request) (answer, error) {
	replay, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Get(r.Context(), replay))
}

// find takes day, a number, or date, such as 1851-06-21, and engine, a hash.
func (h replays) find(r *http.Request) (answer, error) {
	query := r.URL.Query()
	var day *platform.Day
	if text := query.Get("day"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil {
			return answer{}, badRequest("day: %q is not a number", text)
		}
		day = new(platform.Day(number))
	} else if date := query.Get("date"); date != "" {
		of, err := platform.DayOf(date)
		if err != nil {
			return answer{}, err
		}
		day = &of
	}
	return result(h.service.Find(r.Context(), day, platform.EngineHash(query.Get("engine"))))
}

func (h replays) analyse(r *http.Request) (answer, error) {
	replay, analysis, err := newAnalysis.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return done(h.service.Analyse(r.Context(), replay, analysis))
}

func (h replays) analysis(r *http.Request) (answer, error) {
	replay, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Analysis(r.Context(), replay))
}

func (h replays) keepLog(r *http.Request) (answer, error) {
	replay, log, err := newLog.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return done(h.service.KeepLog(r.Context(), replay, log))
}

func (h replays) log(r *http.Request) (answer, error) {
	replay, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	log, left, err := h.service.Log(r.Context(), replay)
	return result(struct {
		platform.Log
		ExpiresIn float64 `json:"expiresIn"` // seconds
	}{log, left.Seconds()}, err)
}
