package api_test

import (
	"context"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

func addUser(e *environment) string {
	GinkgoHelper()
	id := newID()
	e.must(http.StatusCreated, "PUT", "/users/"+id, object{"role": "visitor", "name": "Ann", "email": "ann@example.com"})
	return id
}

func addManagers(e *environment, n int) []string {
	GinkgoHelper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = addUser(e)
		e.must(http.StatusNoContent, "PUT", "/managers/"+ids[i], nil)
	}
	return ids
}

func managers(e *environment) []string {
	GinkgoHelper()
	return decode[struct{ Items []string }](e.must(http.StatusOK, "GET", "/managers", nil)).Items
}

func roleOf(e *environment, id string) platform.Role {
	GinkgoHelper()
	return decode[platform.User](e.must(http.StatusOK, "GET", "/users/"+id, nil)).Role
}

var _ = onEachDriver("Users", func(e *environment) {
	It("are added once, and not as managers", func() {
		id := addUser(e)
		e.must(http.StatusConflict, "PUT", "/users/"+id, object{"role": "visitor", "name": "Eve", "email": "eve@example.com"})
		e.must(http.StatusUnprocessableEntity, "PUT", "/users/"+newID(), object{"role": "manager", "name": "Eve", "email": "eve@example.com"})
		e.must(http.StatusNotFound, "GET", "/users/"+newID(), nil)
		Expect(decode[platform.User](e.must(http.StatusOK, "GET", "/users/"+id, nil)).Name).To(Equal("Ann"))
		Expect(managers(e)).To(BeEmpty())
	})

	It("become managers and stop being ones", func() {
		first, second := addUser(e), addUser(e)
		e.must(http.StatusNotFound, "PUT", "/managers/"+newID(), nil)
		for _, id := range []string{first, second, second} {
			e.must(http.StatusNoContent, "PUT", "/managers/"+id, nil)
		}
		Expect(managers(e)).To(ConsistOf(first, second))
		Expect(roleOf(e, second)).To(Equal(platform.Manager))

		e.must(http.StatusNoContent, "DELETE", "/managers/"+first, nil)
		e.must(http.StatusNotFound, "DELETE", "/managers/"+first, nil)
		Expect(roleOf(e, first)).To(Equal(platform.Contributor))
		refused := e.must(http.StatusConflict, "DELETE", "/managers/"+second, nil)
		Expect(refused.text).To(ContainSubstring("the last manager"))
		Expect(managers(e)).To(ConsistOf(second))
	})

	It("are listed with their roles", func() {
		visitor, manager := addUser(e), addManagers(e, 1)[0]
		roles := map[string]platform.Role{}
		for _, user := range decode[platform.List[platform.User]](e.must(http.StatusOK, "GET", "/users", nil)).Items {
			roles[user.ID.String()] = user.Role
		}
		Expect(roles).To(Equal(map[string]platform.Role{visitor: platform.Visitor, manager: platform.Manager}))
	})

	It("do not hide behind one that is damaged", func(ctx SpecContext) {
		id, damaged := addUser(e), "auth:{users}:"+addUser(e)
		_, err := e.driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: damaged, Value: `{"name": 7}`})
		Expect(err).NotTo(HaveOccurred())
		listed := decode[platform.List[platform.User]](e.must(http.StatusOK, "GET", "/users", nil))
		Expect(listed.Items).To(HaveLen(1))
		Expect(listed.Items[0].ID.String()).To(Equal(id))
		Expect(listed.Unreadable).To(Equal([]string{damaged}))
	})
})

var _ = onEachDriver("The last manager", func(e *environment) {
	It("stays, of two who are removed at once", func() {
		for range 20 {
			ids := addManagers(e, 2)
			for _, other := range managers(e) {
				if other != ids[0] && other != ids[1] {
					e.must(http.StatusNoContent, "DELETE", "/managers/"+other, nil)
				}
			}
			Expect(together(2, func(i int) reply { return e.call("DELETE", "/managers/"+ids[i], nil) })).
				To(Equal(map[int]int{http.StatusNoContent: 1, http.StatusConflict: 1}))
			Expect(managers(e)).To(HaveLen(1))
		}
	})

	It("stays, of many who are removed by many callers while others are added", func() {
		ids := addManagers(e, 8)
		extra := []string{addUser(e), addUser(e), addUser(e), addUser(e)}
		statuses := together(36, func(i int) reply {
			if i < 4 {
				return e.call("PUT", "/managers/"+extra[i], nil)
			}
			return e.call("DELETE", "/managers/"+ids[i%8], nil)
		})
		Expect(statuses[http.StatusNoContent] + statuses[http.StatusNotFound] + statuses[http.StatusConflict]).To(Equal(36))
		Expect(len(managers(e))).To(BeNumerically(">=", 4))
		for _, id := range managers(e) {
			e.call("DELETE", "/managers/"+id, nil)
		}
		Expect(managers(e)).To(HaveLen(1))
	})

	It("stays where storage fails, and who was not removed can be removed later", func() {
		ids := addManagers(e, 2)
		e.tap.failing(func(cmd drivers.Command) error {
			if cmd.Op.Effect() == drivers.Writes {
				return context.DeadlineExceeded
			}
			return nil
		})
		e.must(http.StatusGatewayTimeout, "DELETE", "/managers/"+ids[0], nil)
		e.tap.failing(nil)
		Expect(managers(e)).To(ConsistOf(ids))
		e.must(http.StatusNoContent, "DELETE", "/managers/"+ids[0], nil)
		e.must(http.StatusConflict, "DELETE", "/managers/"+ids[1], nil)
	})
})
