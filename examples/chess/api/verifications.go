package api

import (
	"net/http"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

type verifications struct{ service platform.VerificationService }

var (
	newVerification = bodyOf[platform.Verification]()
	newNodeGame     = bodyOf[platform.NodeGame]()
)

func (h verifications) put(r *http.Request) (answer, error) {
	group, verification, err := newVerification.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	return done(h.service.Put(r.Context(), group, verification))
}

func (h verifications) list(r *http.Request) (answer, error) {
	ids, err := h.service.List(r.Context())
	return result(map[string]any{"items": ids}, err)
}

func (h verifications) get(r *http.Request) (answer, error) {
	group, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Get(r.Context(), group))
}

func (h verifications) erase(r *http.Request) (answer, error) {
	group, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return done(h.service.Erase(r.Context(), group))
}

func (h verifications) node(r *http.Request) (answer, error) {
	group, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	return result(h.service.Node(r.Context(), group, nodeName(r)))
}

func (h verifications) latest(r *http.Request) (answer, error) {
	group, err := id(r, "id")
	if err != nil {
		return answer{}, err
	}
	games, err := h.service.Latest(r.Context(), group, nodeName(r))
	return result(map[string]any{"items": games}, err)
}

func (h verifications) record(r *http.Request) (answer, error) {
	group, game, err := newNodeGame.readWithID(r)
	if err != nil {
		return answer{}, err
	}
	counted, err := h.service.Record(r.Context(), group, nodeName(r), game)
	return result(map[string]bool{"counted": counted}, err)
}

func nodeName(r *http.Request) platform.NodeName { return platform.NodeName(r.PathValue("node")) }
