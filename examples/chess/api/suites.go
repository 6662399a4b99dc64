package api

import (
	"net/http"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

type suites struct{ service platform.SuiteService }

var newPlan = bodyOf[platform.Plan]()

func (h suites) put(r *http.Request) (answer, error) {
	suite, plan, err := newPlan.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return done(h.service.Put(r.Context(), platform.Suite{UUID: suite, Plan: plan}))
}

func (h suites) list(r *http.Request) (answer, error) { return result(h.service.List(r.Context())) }

func (h suites) get(r *http.Request) (answer, error) {
	suite, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Get(r.Context(), suite))
}

func (h suites) remove(r *http.Request) (answer, error) {
	suite, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return done(h.service.Remove(r.Context(), suite))
}
