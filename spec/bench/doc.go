// Package bench measures kvstore against what it is built on and what it is used
// instead of. It is a module of its own, so that what it compares with does not
// become a dependency of the library.
//
//	cd spec/bench && go test -run '^$' -bench . -benchtime 1x
//
// prints a table of ratios. The two sides of a row run in one process in small
// blocks that alternate, A B B A B A A B, and the ratio is taken pair by pair: whatever
// else the machine is doing meanwhile befalls both. Absolute times stand beside
// the ratios for orientation only.
//
// A time that misses its bar is marked and does not fail the run, because machines
// differ and are shared. Allocations are counted, so that a missed bar fails it.
// Scaling over two CPUs is measured only while the machine has two to spare.
//
// Real Redis is started where redis-server is on PATH. Where it is not, what needs
// it is skipped, or fails with KVSTORE_REQUIRE_REDIS=1.
//
// Package peers below compares with more libraries, in tables of Markdown.
package bench
