package api

import (
	"context"
	"net/http"
	"uuid"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

type users struct{ service platform.UserService }

var newUser = bodyOf[platform.Profile]()

func (h users) add(r *http.Request) (answer, error) {
	user, profile, err := newUser.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	added, err := h.service.Add(r.Context(), platform.User{ID: user, Profile: profile})
	return created("/users/"+user.String(), added, err)
}

func (h users) list(r *http.Request) (answer, error) { return result(h.service.List(r.Context())) }

func (h users) get(r *http.Request) (answer, error) {
	user, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Get(r.Context(), user))
}

func (h users) managers(r *http.Request) (answer, error) {
	ids, err := h.service.Managers(r.Context())
	return result(map[string]any{"items": ids}, err)
}

func (h users) promote(r *http.Request) (answer, error) { return h.change(r, h.service.Promote) }

func (h users) demote(r *http.Request) (answer, error) { return h.change(r, h.service.Demote) }

func (h users) change(r *http.Request, change func(context.Context, uuid.UUID) error) (answer, error) {
	user, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return done(change(r.Context(), user))
}
