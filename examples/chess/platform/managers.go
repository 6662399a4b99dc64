package platform

import (
	"context"
	"errors"
	"uuid"

	"github.com/kvstore-go/kvstore/kv"
)

// The rule of the last manager: once there is a manager, there is always one.
//
// A check of the set's size followed by a removal would not do: of two managers,
// two callers could each see two and remove one. So the right to remove a manager
// is a number of its own, auth:removable, that is taken before the removal and
// given after an addition, each in one atomic step that cannot go below zero:
//
//	removable ≤ number of managers − 1, at every moment
//
// Where the program crashes in between, or the reply of a write is lost, a right
// is lost, never gained: a manager too many may stay who cannot be removed until
// another is added. The set itself is exactly the predecessor's. (Managers the
// predecessor left in it bring no rights to remove them.)

// rights is the slot of auth:removable that counts.
const rights = 0

// Promote makes a user a manager. To repeat it is harmless.
func (s UserService) Promote(ctx context.Context, id uuid.UUID) error {
	exists, err := s.store.Users.Take(id).Exists(ctx)
	if err != nil {
		return err
	}
	if !exists {
		return refuse(NotFound, "there is no user %v", id)
	}
	if err := s.addManager(ctx, id); err != nil {
		return err
	}
	return s.copyRole(ctx, id, Manager)
}

// copyRole writes down in the user's document what the set of managers says. Where
// it fails, User.withRole still tells the truth.
func (s UserService) copyRole(ctx context.Context, id uuid.UUID, role Role) error {
	_, err := s.store.Users.Take(id).Update(ctx, func(user *User) error {
		user.Role = role
		return nil
	})
	if errors.Is(err, kv.ErrNotFound) { // the predecessor could delete a user who was a manager
		return nil
	}
	return err
}

// addManager keeps the rule of the last manager. The first manager, who is the one
// to find no set at all, brings no right to be removed.
func (s UserService) addManager(ctx context.Context, id uuid.UUID) error {
	err := s.store.Managers.Write(ctx, []string{id.String()}, kv.IfAbsent)
	if !errors.Is(err, kv.ErrConditionFailed) {
		return err
	}
	added, err := s.store.Managers.Add(ctx, id.String())
	if err != nil || added == 0 {
		return err
	}
	_, err = s.store.Removable.Increment(ctx, rights, 1)
	return err
}

// Demote makes a manager a contributor. Who has been removed from the set is no
// manager any more, even if the copy of the role could not be written.
func (s UserService) Demote(ctx context.Context, id uuid.UUID) error {
	isManager, err := s.store.Managers.Has(ctx, id.String())
	if err != nil {
		return err
	}
	if !isManager {
		return notAManager(id)
	}
	if err := s.removeManager(ctx, id); err != nil {
		return err
	}
	return s.copyRole(ctx, id, Contributor)
}

// removeManager keeps the rule of the last manager.
func (s UserService) removeManager(ctx context.Context, id uuid.UUID) error {
	_, err := s.store.Removable.Increment(ctx, rights, -1)
	if errors.Is(err, kv.ErrOverflow) {
		return refuse(Conflict, "the last manager cannot be removed: make somebody else a manager first")
	}
	if err != nil {
		return err
	}
	removed, err := s.store.Managers.Remove(ctx, id.String())
	if errors.Is(err, kv.ErrIndeterminate) { // perhaps removed: the right counts as used
		return err
	}
	if err == nil && removed == 1 {
		return nil
	}
	// Nobody was removed, so the right goes back, even if the caller has left.
	_, returned := s.store.Removable.Increment(context.WithoutCancel(ctx), rights, 1)
	if err == nil {
		err = notAManager(id) // another caller was faster
	}
	return errors.Join(err, returned)
}

func notAManager(id uuid.UUID) error { return refuse(NotFound, "%v is not a manager", id) }
