package drivers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// says is what the accessors of a command, and its fields, answer.
type says map[string]any

// constructed are commands as the constructors make them.
var constructed = map[string]struct {
	cmd  drivers.Command
	says says
}{
	"LPush":   {drivers.LPush(3, "a", "b"), says{"Cap": int64(3), "Values": []string{"a", "b"}}},
	"RPush":   {drivers.RPush(3, "a", "b"), says{"Cap": int64(3), "Values": []string{"a", "b"}}},
	"LInsert": {drivers.LInsert("a", "b", true, 3), says{"Pivot": "a", "Value": "b", "Behind": true, "Cap": int64(3)}},
	"LPos":    {drivers.LPos("a", -1, 2, 3), says{"Value": "a", "Rank": int64(-1), "Amount": int64(2), "MaxLen": int64(3)}},
	"LMove": {drivers.LMove("to", drivers.RightEnd, drivers.LeftEnd, 3), says{
		"Destination": "to", "FromEnd": drivers.RightEnd, "ToEnd": drivers.LeftEnd, "Cap": int64(3),
	}},

	"XAdd":          {drivers.XAdd("*", []string{"f", "v"}, 3), says{"EntryID": "*", "Values": []string{"f", "v"}, "Cap": int64(3)}},
	"XRead":         {drivers.XRead("5-0", 2), says{"After": "5-0", "Amount": int64(2)}},
	"XTrim":         {drivers.XTrim(2), says{"Keep": int64(2), "FirstKept": ""}},
	"XTrimBefore":   {drivers.XTrimBefore("5-0"), says{"FirstKept": "5-0"}},
	"XGroupCreate":  {drivers.XGroupCreate("g", "$"), says{"Group": "g", "After": "$"}},
	"XGroupDestroy": {drivers.XGroupDestroy("g"), says{"Group": "g", "Indexes": drivers.NoIndexes}},
	"XReadGroup": {drivers.XReadGroup("g", "ann", 2), says{
		"Group": "g", "Consumer": "ann", "After": drivers.NewEntries, "Amount": int64(2), "Indexes": drivers.NoIndexes,
	}},
	"XReadGroupPending": {drivers.XReadGroupPending("g", "ann", "5-0", 2), says{
		"Group": "g", "Consumer": "ann", "After": "5-0", "Amount": int64(2), "Indexes": drivers.NoIndexes,
	}},
	"XAck": {drivers.XAck("g", "5-0", "6-0"), says{"Group": "g", "Values": []string{"5-0", "6-0"}, "Indexes": drivers.NoIndexes}},
	"XPending": {drivers.XPending("g", "ann", time.Second, 2), says{
		"Group": "g", "Consumer": "ann", "MinIdleMillis": int64(1000), "Amount": int64(2),
	}},
	"XClaim": {drivers.XClaim("g", "ann", time.Second, "5-0"), says{
		"Group": "g", "Consumer": "ann", "MinIdleMillis": int64(1000), "Values": []string{"5-0"}, "Indexes": drivers.NoIndexes,
	}},
	"XAutoClaim": {drivers.XAutoClaim("g", "ann", time.Second, "5-0", 2), says{
		"Group": "g", "Consumer": "ann", "MinIdleMillis": int64(1000), "FirstClaimed": "5-0", "Amount": int64(2), "Indexes": drivers.NoIndexes,
	}},
	"XClaimOwn": {drivers.XClaimOwn("g", "ann", time.Second, -1, "5-0"), says{
		"Group": "g", "Consumer": "ann", "IdleMillis": int64(1000), "MoreDeliveries": int64(-1), "Values": []string{"5-0"}, "Indexes": drivers.NoIndexes,
	}},
	"XMove": {drivers.XMove("g", "ann", "dead", 3, "5-0"), says{
		"Group": "g", "Consumer": "ann", "Destination": "dead", "Cap": int64(3), "Values": []string{"5-0"},
	}},
	"XConsumers":   {drivers.XConsumers("g"), says{"Group": "g"}},
	"XDelConsumer": {drivers.XDelConsumer("g", "ann", "bob"), says{"Group": "g", "Consumer": "ann", "Heir": "bob", "Indexes": drivers.NoIndexes}},
	"XLag":         {drivers.XLag("g"), says{"Group": "g"}},

	"ZAddChanged": {scored(drivers.ZAddChanged(drivers.IfGreater)), says{"CountsChanged": true, "If": drivers.IfGreater}},
	"ZIncrBy":     {drivers.ZIncrBy("a", 1.5), says{"Value": "a", "ScoreIncrement": 1.5}},
	"ZCombine": {drivers.ZCombine(drivers.OpZUnion, []string{"b"}, []float64{1, 2}, "MAX"), says{
		"Op": drivers.OpZUnion, "Keys": []string{"b"}, "Weights": []float64{1, 2}, "Aggregation": "MAX",
	}},
	"GeoAdd": {drivers.GeoAdd([]string{"a"}, []drivers.GeoPoint{{Longitude: 1, Latitude: 2}}), says{
		"Values": []string{"a"}, "Position": drivers.GeoPoint{Longitude: 1, Latitude: 2}, "CountsChanged": false,
	}},
	"GeoSearch": {drivers.GeoSearch(drivers.GeoPoint{Longitude: 1, Latitude: 2}, drivers.GeoExtent{Radius: 3}, 4, true), says{
		"Middle": drivers.GeoPoint{Longitude: 1, Latitude: 2}, "Extent": drivers.GeoExtent{Radius: 3}, "Amount": int64(4), "Farthest": true,
	}},
	"GeoSearchAround": {drivers.GeoSearchAround("a", drivers.GeoExtent{Width: 3, Height: 4}, 5, false), says{
		"MiddleMember": "a", "Extent": drivers.GeoExtent{Width: 3, Height: 4}, "Amount": int64(5), "Farthest": false,
	}},

	"IncrByFloat":  {drivers.IncrByFloat("1.5"), says{"FloatIncrement": "1.5"}},
	"HIncrByFloat": {drivers.HIncrByFloat("f", "1.5"), says{"Value": "f", "FloatIncrement": "1.5"}},
	"HCompareAndSet": {drivers.HCompareAndSet([]string{"f", "v"}, []string{"f", "w"}), says{
		"ExpectedPairs": []string{"f", "v"}, "NewPairs": []string{"f", "w"},
	}},
	"SetBit":        {drivers.SetBit(7, 1), says{"Start": int64(7), "Bit": int64(1)}},
	"BitPos":        {drivers.BitPos(1), says{"Bit": int64(1), "Start": int64(0), "Stop": int64(drivers.NoStop)}},
	"BitPosBetween": {drivers.BitPosBetween(1, 2, 3), says{"Bit": int64(1), "Start": int64(2), "Stop": int64(3)}},
	"BitOp":         {drivers.BitOp("AND", "a", "b"), says{"BitOperation": "AND", "Keys": []string{"a", "b"}}},

	"MarkUnsealed": {drivers.MarkUnsealed(5, []string{"i"}), says{"Mark": int64(5), "Keys": []string{"i"}, "SealsMarks": false}},
	"SealMarked":   {drivers.SealMarked(5, []string{"i"}), says{"Mark": int64(5), "Keys": []string{"i"}, "SealsMarks": true}},
	"Publish":      {drivers.Publish("m"), says{"Value": "m", "Indexes": drivers.NoIndexes}},
	"LockAcquire":  {drivers.LockAcquire("ann", time.Second), says{"Owner": "ann", "LeaseMillis": int64(1000)}},
	"LockRenew":    {drivers.LockRenew("ann", time.Second), says{"Owner": "ann", "LeaseMillis": int64(1000)}},
	"LockRelease":  {drivers.LockRelease("ann"), says{"Owner": "ann"}},
	"JobAdd":       {drivers.JobAdd("a", "text", 5, 7), says{"JobID": "a", "JobText": "text", "DueMillis": int64(7)}},
	"JobTake":      {drivers.JobTake("me", time.Second), says{"JobToken": "me", "LeaseMillis": int64(1000)}},
	"JobMove":      {drivers.JobMove("a", "me", drivers.JobDead, 5, 0), says{"JobID": "a", "JobToken": "me", "JobState": drivers.JobDead, "DueMillis": int64(5)}},
	"JobRemove":    {drivers.JobRemove("me", "a", "b"), says{"JobToken": "me", "Values": []string{"a", "b"}}},
	"Throttle":     {drivers.Throttle(1, drivers.Limit{2, 3}, drivers.Limit{4, 5}), says{"Cost": int64(1), "Limits": []drivers.Limit{{2, 3}, {4, 5}}}},
}

// scanned is a command that Continue has gone on with.
var scanned = func() drivers.Command {
	cmd := drivers.Command{Op: drivers.OpSScan}
	cmd.Continue(drivers.Reply{Int: 7, Value: "server"})
	return cmd
}()

// paged is a command of which SetSkip has made one that passes over some.
var paged = func() drivers.Command {
	cmd := drivers.Command{Op: drivers.OpZRangeByScore}
	cmd.SetSkip(3)
	return cmd
}()

// beginning is a command to which an absent field counts as 7.
var beginning = func() drivers.Command {
	cmd := drivers.Command{Op: drivers.OpHIncrBy}
	cmd.SetInitial("7")
	return cmd
}()

func scored(cmd drivers.Command) drivers.Command {
	cmd.Values, cmd.OwnExtra().Scores = []string{"a"}, []float64{1}
	return cmd
}

func TestAccessorsSayWhatConstructorsWereTold(t *testing.T) {
	for name, made := range constructed {
		if err := drivers.Check(&made.cmd); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
		expect(t, name, made.cmd, made.says)
	}
	expect(t, "SetInitial", beginning, says{"Initial": "7"})
	expect(t, "SetSkip", paged, says{"Skip": int64(3)})
	expect(t, "Continue", scanned, says{"Cursor": int64(7), "CursorServer": "server"})
}

func expect(t *testing.T, name string, cmd drivers.Command, want says) {
	t.Helper()
	for what, value := range want {
		if got := ask(&cmd, what); !reflect.DeepEqual(got, value) {
			t.Errorf("%s says of its %s %v instead of %v", name, what, got, value)
		}
	}
}

// ask is what an accessor of a command answers, of the first of several; or what a field has.
func ask(cmd *drivers.Command, what string) any {
	accessor := reflect.ValueOf(cmd).MethodByName(what)
	if !accessor.IsValid() {
		return reflect.ValueOf(cmd).Elem().FieldByName(what).Interface()
	}
	args := make([]reflect.Value, accessor.Type().NumIn())
	for i := range args {
		args[i] = reflect.Zero(accessor.Type().In(i))
	}
	return accessor.Call(args)[0].Interface()
}

func TestEveryConstructorAndEveryAccessorIsAmongThem(t *testing.T) {
	asked := map[string]bool{"Cursor": true, "CursorServer": true, "Skip": true, "SetSkip": true, "Initial": true, "SetInitial": true}
	for _, made := range constructed {
		for what := range made.says {
			asked[what] = true
		}
	}
	for _, declared := range functionsIn(t, "commands_*.go") {
		switch name := declared.Name.Name; {
		case !declared.Name.IsExported():
		case declared.Recv == nil:
			if _, there := constructed[name]; !there {
				t.Errorf("nobody looks at what %s makes", name)
			}
		case receiverOf(declared) == "Command" && !asked[name]:
			t.Errorf("nobody asks for %s", name)
		}
	}
}

// plain are the fields of which nobody can mistake the meaning, whatever the Op.
var plain = []string{"Op", "Key", "Keys", "Pattern", "Values", "If", "Bits", "Expiry", "Indexes"}

func TestNobodySpellsTheFieldsOfAConstructedCommand(t *testing.T) {
	made := map[string]string{"OpZAdd": "ZAddChanged"}
	for name := range constructed {
		made["Op"+name] = name
	}
	literals := 0
	for path, file := range filesIn(t, "../kv/*.go", "memory/*.go", "redisdriver/*.go", "oteldriver/*.go", "overlay/*.go") {
		ast.Inspect(file, func(node ast.Node) bool {
			literal, ok := node.(*ast.CompositeLit)
			if !ok {
				return true
			}
			op, fields := fieldsOf(literal)
			if made[op] == "" {
				return true
			}
			literals++
			for _, field := range fields {
				if !slices.Contains(plain, field) && (op != "OpZAdd" || field != "Scores") {
					t.Errorf("%s spells the %s of an %s: use drivers.%s", path, field, op, made[op])
				}
			}
			return true
		})
	}
	if literals == 0 {
		t.Error("no literal of such a Command was found")
	}
}

// Both are passed by value from the handle to the driver and back, and a batch keeps many.
func TestCommandsAndRepliesStaySmall(t *testing.T) {
	for value, most := range map[reflect.Type]uintptr{reflect.TypeFor[drivers.Command](): 128, reflect.TypeFor[drivers.Reply](): 112} {
		if size := value.Size(); size > most {
			t.Errorf("a %v has %d bytes: what few Ops have belongs into Extra", value, size)
		}
	}
}

// fieldsOf are the fields of a literal, and the Op where it is a Command with one.
func fieldsOf(literal *ast.CompositeLit) (op string, fields []string) {
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, ok := pair.Key.(*ast.Ident)
		if !ok {
			continue
		}
		if value, ok := pair.Value.(*ast.UnaryExpr); ok && name.Name == "Extra" {
			_, extra := fieldsOf(value.X.(*ast.CompositeLit))
			fields = append(fields, extra...)
			continue
		}
		fields = append(fields, name.Name)
		if value, ok := pair.Value.(*ast.SelectorExpr); ok && name.Name == "Op" {
			op = value.Sel.Name
		}
	}
	return op, fields
}

// functionsIn are the functions that files declare.
func functionsIn(t *testing.T, pattern string) (all []*ast.FuncDecl) {
	t.Helper()
	for _, file := range filesIn(t, pattern) {
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				all = append(all, function)
			}
		}
	}
	return all
}

// filesIn are the files of patterns that are no tests, by their paths.
func filesIn(t *testing.T, patterns ...string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files are %s: %v", pattern, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files[path] = file
		}
	}
	return files
}

func receiverOf(method *ast.FuncDecl) string {
	if pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr); ok {
		return pointer.X.(*ast.Ident).Name
	}
	return ""
}
