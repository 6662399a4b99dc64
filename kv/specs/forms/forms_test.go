package forms_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// A user was a name, then a first and a last name, and has an address now.

type userV1 struct {
	Name string `json:"name" jsonschema:"minLength=1"`
}

type userV2 struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

type user struct {
	First string `json:"first"`
	Last  string `json:"last"`
	Email string `json:"email" jsonschema:"minLength=3"`
}

const hour = time.Hour

var errUnnamed = errors.New("nobody is called that")

func fromV1(old userV1) (userV2, error) {
	switch old.Name {
	case "nobody":
		return userV2{}, errUnnamed
	case "panic":
		panic("no such user")
	}
	first, last, _ := strings.Cut(old.Name, " ")
	return userV2{first, last}, nil
}

func fromV2(old userV2) (user, error) {
	if old.First == "Short" {
		return user{old.First, old.Last, "-"}, nil // which the schema refuses
	}
	return user{old.First, old.Last, fmt.Sprintf("%s@example.org", strings.ToLower(old.First))}, nil
}

func toV2(now user) (userV2, error) {
	switch now.First {
	case "Nobody":
		return userV2{}, errUnnamed
	case "Panic":
		panic("no such user")
	}
	return userV2{now.First, now.Last}, nil
}

// What is stored of one user by programs of each age, and what that is today.
const (
	textV1 = `{"name":"Ada Lovelace"}`
	textV2 = `{"first":"Ada","last":"Lovelace"}`
	text   = `{"first":"Ada","last":"Lovelace","email":"ada@example.org"}`
)

var ada = user{"Ada", "Lovelace", "ada@example.org"}

// upgrades are all there are, whatever their order.
func upgrades() []kv.FormOption {
	return []kv.FormOption{kv.Upgrade(fromV1), kv.Upgrade(fromV2)}
}

// with is options of one kind of field among those of forms.
func with[O any](options []kv.FormOption, more ...kv.FormOption) (all []O) {
	for _, option := range append(options, more...) {
		all = append(all, any(option).(O))
	}
	return all
}
