package memory

import "testing"

func TestLatchOpensForReadersOnSeveralCPUs(t *testing.T) {
	l := latch{visits: &visits{}}
	for _, place := range []uint32{1, 1, 2, 2, 3, 4, 4, 5, 5, 1, 2, 3, 3} { // one that was moved now and then
		l.sample(place)
	}
	if l.open.Load() {
		t.Fatal("it is open for one reader")
	}
	for _, place := range []uint32{1, 2, 1, 2} {
		l.sample(place)
	}
	if !l.open.Load() {
		t.Fatal("it is closed for two readers")
	}
	visit := l.rlock()
	if visit == nil {
		t.Fatal("a reader does not visit an open latch")
	}
	l.runlock(visit)
	l.lock()
	l.unlock()
	if l.open.Load() {
		t.Fatal("a writer leaves it open")
	}
}
