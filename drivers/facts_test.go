package drivers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
)

// TestEveryOpIsDocumented: each has its line in the table of doc.go.
func TestEveryOpIsDocumented(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "op.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(node ast.Node) bool {
		value, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, name := range value.Names {
			if !strings.HasPrefix(name.Name, "Op") || name.Name == "OpInvalid" {
				continue
			}
			found++
			if !regexp.MustCompile(`(?m)^//\t(Op\w+, )*` + name.Name + `(, Op\w+)* `).Match(doc) {
				t.Errorf("%s has no line in doc.go", name.Name)
			}
		}
		return true
	})
	if found != len(drivers.Ops()) {
		t.Errorf("%d names for %d Ops", found, len(drivers.Ops()))
	}
}

// unforeseen are the writes whose outcome only the store knows: nobody can watch what they depend
// on, the clock or what happens in a group.
var unforeseen = map[drivers.Op]bool{
	drivers.OpSeal: true, drivers.OpHExpire: true, drivers.OpHPersist: true,
	drivers.OpXReadGroup: true, drivers.OpXClaim: true, drivers.OpXAutoClaim: true,
	drivers.OpXClaimOwn: true, drivers.OpXMove: true, drivers.OpXDelConsumer: true,
	drivers.OpLockAcquire: true, drivers.OpLockRenew: true, drivers.OpLockRelease: true, drivers.OpThrottle: true,
	drivers.OpJobTake: true,
}

// TestEveryWriteIsForeseen: a transaction knows what it is going to answer, but for those that are said not to be.
func TestEveryWriteIsForeseen(t *testing.T) {
	for _, op := range drivers.Ops() {
		reach, _ := drivers.Command{Op: op, Values: []string{"a", "b"}}.Reach()
		foreseen := op.Predicts() || op.Copies() || reach > drivers.ReachSize
		if op.Effect() == drivers.Writes && foreseen == unforeseen[op] {
			t.Errorf("%v is foreseen: %t", op, foreseen)
		}
	}
}

// TestLMoveWritesWhereItMovesTo: whoever writes Keys has them among what it has written.
func TestLMoveWritesWhereItMovesTo(t *testing.T) {
	for op, want := range map[drivers.Op]int{drivers.OpLMove: 2, drivers.OpSMove: 2, drivers.OpZUnionStore: 1, drivers.OpBitOp: 1, drivers.OpSInter: 0} {
		if written := (drivers.Command{Op: op, Key: "a", Extra: &drivers.Extra{Keys: []string{"b"}}}).Written(); len(written) != want {
			t.Errorf("%v writes %q", op, written)
		}
	}
}
