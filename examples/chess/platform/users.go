package platform

import (
	"context"
	"errors"
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

func (u User) roles() []Role { return []Role{u.Role} }

// UserService keeps users, and the rule of the last manager: once there is a
// manager, there is always one.
type UserService struct{ users Users }

// Add stores a new user, who is no manager yet.
func (s UserService) Add(ctx context.Context, user User) (User, error) {
	if user.Role == Manager {
		return user, refuse(Invalid, "a user is added as contributor or visitor, and made a manager afterwards")
	}
	err := s.users.Take(user.ID).Write(ctx, user, kv.IfAbsent)
	if errors.Is(err, kv.ErrConditionFailed) {
		return user, refuse(Conflict, "the user %v exists already", user.ID)
	}
	return user, err
}

// Get is a user.
func (s UserService) Get(ctx context.Context, id uuid.UUID) (User, error) {
	return s.users.Take(id).Read(ctx)
}

// List is all users.
func (s UserService) List(ctx context.Context) (List[User], error) { return list(s.users.All(ctx)) }

// Managers is the ids of the managers, sorted.
func (s UserService) Managers(ctx context.Context) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	for manager, err := range s.users.Find(byRole.Is(Manager)).All(ctx) {
		if err != nil && !errors.Is(err, kv.ErrCorrupt) {
			return nil, err
		}
		ids = append(ids, manager.Key)
	}
	return ids, nil
}

// Promote makes a user a manager. To repeat it is harmless.
func (s UserService) Promote(ctx context.Context, id uuid.UUID) error {
	_, err := s.users.Take(id).Update(ctx, func(user *User) error {
		user.Role = Manager
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) {
		return refuse(NotFound, "there is no user %v", id)
	}
	return err
}

// Demote makes a manager a contributor, unless he is the last one. The two it looks
// at still are managers when it commits: else it looks again.
func (s UserService) Demote(ctx context.Context, id uuid.UUID) error {
	return kv.Atomic(ctx, s.users, func(ctx context.Context, users Users) error {
		managers, err := users.Find(byRole.Is(Manager)).Page(ctx, 2, "")
		if err != nil {
			return err
		}
		user, err := users.Take(id).ReadOr(ctx, User{})
		switch {
		case err != nil:
			return err
		case user.Role != Manager:
			return refuse(NotFound, "%v is not a manager", id)
		case len(managers.Entries) < 2:
			return refuse(Conflict, "the last manager cannot be removed: make somebody else a manager first")
		}
		user.Role = Contributor
		return users.Take(id).Write(ctx, user)
	})
}
