package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"uuid"
)

// handler answers a request, or says why not.
type handler func(r *http.Request) (answer, error)

// answer is what goes back when all is well. A nil body is none.
type answer struct {
	status   int
	location string
	body     any
}

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

func noContent() (answer, error) { return answer{status: http.StatusNoContent}, nil }

// result answers with body, or with err if there is one.
func result(body any, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(body)
}

// created answers with what there is now at location.
func created(location string, body any, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, location, body}, nil
}

// done answers that it is so, without a body.
func done(err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return noContent()
}

func handle(h handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := h(r)
		if err != nil {
			answer = failure(r, err, log)
		}
		answer.write(w, r, log)
	})
}

func (a answer) write(w http.ResponseWriter, r *http.Request, log *slog.Logger) {
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	if err := json.NewEncoder(w).Encode(a.body); err != nil {
		log.WarnContext(r.Context(), "the answer was not written", "error", err)
	}
}

// id reads a part of the path that is a UUID.
func id(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue(name))
	if err != nil {
		return id, badRequest("%q is not a UUID", r.PathValue(name))
	}
	return id, nil
}

// twoIDs reads two parts of the path that are UUIDs.
func twoIDs(r *http.Request, first, second string) (one, other uuid.UUID, err error) {
	if one, err = id(r, first); err != nil {
		return one, other, err
	}
	other, err = id(r, second)
	return one, other, err
}
