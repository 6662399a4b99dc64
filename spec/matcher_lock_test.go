package spec_test

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

var _ = Describe("MatchLock", func() {
	chat := kv.Static("chat").Int("visits").List("motto")

	var file string
	BeforeEach(func() {
		file = filepath.Join(GinkgoT().TempDir(), "testdata", "chat.lock.json")
		GinkgoT().Setenv(spec.UpdateLock, "")
	})
	written := func(schema any) {
		GinkgoHelper()
		GinkgoT().Setenv(spec.UpdateLock, "1")
		Expect(schema).To(spec.MatchLock(file))
		GinkgoT().Setenv(spec.UpdateLock, "")
	}

	It("writes the file if it is asked to, whatever there was", func() {
		Expect(os.MkdirAll(filepath.Dir(file), 0o755)).To(Succeed())
		Expect(os.WriteFile(file, []byte("scribble"), 0o644)).To(Succeed())
		written(chat)
		Expect(chat).To(spec.MatchLock(file))
		Expect(chat.Tree()).To(spec.MatchLock(file))
		Expect(kv.Colocated(chat)).NotTo(spec.MatchLock(file))
	})

	It("says what follows for what is stored, the worst first, and how to go on", func() {
		written(chat)
		matcher := spec.MatchLock(file)
		changed := kv.Static("chat").Int("visits", kv.AtLeast(1)).List("motto", kv.Capped(3))
		Expect(matcher.Match(changed)).To(BeFalse())
		Expect(matcher.FailureMessage(changed)).To(Equal("The schema is not what " + file + " says:\n\n" +
			"breaking       chat:visits: its minimum is not what it was: what is stored may be refused, as is 0; allow what was allowed, or put right what is stored before\n" +
			"compatible     chat:motto: it keeps 3 elements, and kept all: what is beyond is dropped when the next one is put in\n\n" +
			"If all of this is meant, and what is stored is taken care of, KVSTORE_UPDATE_LOCK=1 in the environment writes the file anew."))
		Expect(matcher.Match(chat)).To(BeTrue())
		Expect(matcher.NegatedFailureMessage(chat)).To(Equal("Expected the schema not to be what " + file + " says"))
	})

	It("fails for a difference that is compatible, too", func() {
		written(chat)
		Expect(chat.Set("more")).NotTo(spec.MatchLock(file))
	})

	It("is an error without a file, and says how to get it", func() {
		_, err := spec.MatchLock(file).Match(chat)
		Expect(err).To(MatchError(os.ErrNotExist))
		Expect(err).To(MatchError(HaveSuffix("; KVSTORE_UPDATE_LOCK=1 in the environment writes it")))
	})

	It("is an error with the file of another schema, and with one that is damaged", func() {
		written(chat)
		_, err := spec.MatchLock(file).Match(kv.Static("shop").Int("visits"))
		Expect(err).To(MatchError(lockfile.ErrOtherSchema))
		Expect(err).To(MatchError(HavePrefix(file + ": ")))
		Expect(os.WriteFile(file, []byte("{"), 0o644)).To(Succeed())
		_, err = spec.MatchLock(file).Match(chat)
		Expect(err).To(MatchError(lockfile.ErrDamaged))
	})

	It("is an error for a schema with mistakes, which is not written either", func() {
		GinkgoT().Setenv(spec.UpdateLock, "1")
		_, err := spec.MatchLock(file).Match(kv.Static("chat").Int("a:b"))
		Expect(err).To(MatchError(ContainSubstring(`the name "a:b" would have to be escaped`)))
		Expect(file).NotTo(BeAnExistingFile())
	})

	It("is an error if the file cannot be written", func() {
		GinkgoT().Setenv(spec.UpdateLock, "1")
		_, err := spec.MatchLock(GinkgoT().TempDir()).Match(chat)
		Expect(err).To(HaveOccurred())
	})

	It("takes a schema of any kind, and nothing else", func() {
		written(kv.Dynamic(kv.Int()))
		Expect(kv.Dynamic(kv.Int()).Tree("rooms")).To(spec.MatchLock(file))
		for _, other := range []any{nil, 7, "chat", (*int)(nil)} {
			_, err := spec.MatchLock(file).Match(other)
			Expect(err).To(MatchError(HavePrefix("MatchLock takes a schema, not ")))
		}
	})
})
