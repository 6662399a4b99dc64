package platform

import (
	"context"
	"errors"
	"slices"
	"uuid"

	"github.com/kvstore-go/kvstore/kv"
)

// User is somebody with an account.
type User struct {
	ID uuid.UUID `json:"id" jsonschema:"format=uuid"`
	Profile
}

// Profile is what is known of a user.
type Profile struct {
	Role  Role   `json:"role" jsonschema:"enum=manager,enum=contributor,enum=visitor"`
	Name  string `json:"name" jsonschema:"minLength=1,maxLength=100"`
	Email string `json:"email" jsonschema:"format=email,maxLength=254"`
}

// Role is what a user may do.
type Role string

// The roles.
const (
	Manager     Role = "manager"
	Contributor Role = "contributor"
	Visitor     Role = "visitor"
)

// UserService keeps users, and who of them is a manager. Who is in the set of
// managers is one; the role in the document is a copy.
type UserService struct{ store Auth }

// Add stores a new user, who is no manager yet.
func (s UserService) Add(ctx context.Context, user User) (User, error) {
	if user.Role == Manager {
		return user, refuse(Invalid, "a user is added as contributor or visitor, and made a manager afterwards")
	}
	err := s.store.Users.Take(user.ID).Write(ctx, user, kv.IfAbsent)
	if errors.Is(err, kv.ErrConditionFailed) {
		return user, refuse(Conflict, "the user %v exists already", user.ID)
	}
	return user, err
}

// Get is a user.
func (s UserService) Get(ctx context.Context, id uuid.UUID) (User, error) {
	user, err := s.store.Users.Take(id).Read(ctx)
	if err != nil {
		return user, err
	}
	isManager, err := s.store.Managers.Has(ctx, id.String())
	return user.withRole(isManager), err
}

// withRole makes the copy of the role agree with the set: the two are written one
// after the other, and a crash or another writer may come in between.
func (u User) withRole(isManager bool) User {
	switch {
	case isManager:
		u.Role = Manager
	case u.Role == Manager:
		u.Role = Contributor
	}
	return u
}

// List is all users.
func (s UserService) List(ctx context.Context) (List[User], error) {
	managers, err := s.Managers(ctx)
	if err != nil {
		return List[User]{}, err
	}
	isManager := map[string]bool{}
	for _, id := range managers {
		isManager[id] = true
	}
	users, err := list(ctx, s.store.Users, everything[User])
	for i, user := range users.Items {
		users.Items[i] = user.withRole(isManager[user.ID.String()])
	}
	return users, err
}

// Managers is the ids of the managers, sorted.
func (s UserService) Managers(ctx context.Context) ([]string, error) {
	ids, err := s.store.Managers.Read(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	return append([]string{}, ids...), nil // a JSON list even where there are none
}
