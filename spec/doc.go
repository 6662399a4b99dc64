// Package spec decides whether a driver keeps the contract of package drivers.
//
// A driver's author runs the conformance suite in a test package of his own:
//
//	var _ = Describe("my driver", func() {
//		spec.Driver(spec.Harness{
//			Open:  func() spec.Store { return spec.Store{Driver: mydriver.New()} },
//			Batch: true,
//		})
//	})
//
// The Harness says how to get an empty store, how to move its clock and which of
// the optional abilities the driver claims. What is not claimed is not skipped:
// the suite then asserts that asking for it is errors.ErrUnsupported.
//
// The suite is a list of Checks, sentences of the contract with a function that
// decides each of them. Driver turns them into Ginkgo specs; Checks hands them
// out, for those who run them with something else than Ginkgo.
//
// For the specs of programs there are matchers over kv's handles: HoldValue,
// HoldMembers, HoldNumber, HoldKeys, BeAbsent, ExpireWithin, NeverExpire. They read
// the store anew each time they are asked, so that they work with Eventually.
//
// MatchLock holds a schema to a file that is committed with it, and says what follows for
// the data that is stored where they differ; see package lockfile.
package spec
