package plan

import (
	"fmt"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("equals among many", func() {
	const many = 60 // beyond fewMembers, and several times the size at which the table of a set grows

	It("are found wherever the first one is", func() {
		unique, _ := compile(`{"items":{"uniqueItems":true}}`)
		anything, _ := compile(`true`)
		var items, members []string
		for i := range many {
			for first := range i {
				found := unique.Check([]byte(`[["x"],[` + strings.Join(items, ",") + `,` + items[first] + `]]`)).Violations
				Expect(found).To(HaveLen(1))
				Expect(found[0].Pointer).To(Equal("/1"))
				Expect(found[0].Message).To(Equal(fmt.Sprintf("items must differ, those at %d and %d are equal", first, i)))
				text := `{"within":{` + strings.Join(members, ",") + `,` + members[first] + `}}`
				Expect(listed(anything.Check, text)).To(Equal([]string{fmt.Sprintf("/within/n%d uniqueNames", first)}))
			}
			items = append(items, strconv.Itoa(i))
			members = append(members, fmt.Sprintf(`"n%d":{}`, i))
		}
		Expect(unique.Check([]byte(`[[` + strings.Join(items, ",") + `]]`)).Empty()).To(BeTrue())
		Expect(anything.Check([]byte(`{` + strings.Join(members, ",") + `}`)).Empty()).To(BeTrue())
	})
})
