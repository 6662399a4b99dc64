package kv_test

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// A verb means the same on every handle. The methods of all types of package kv are read
// from what the compiler exports of it, as reflection would neither find the types nor the
// methods with type parameters.

// shape is what operations of one name look like: what they take after the context, and
// what they return. It is a regular expression over types without their packages.
type shape struct{ takes, returns string }

const (
	// takesNothing but the context.
	takesNothing = ``
	// aPlace is where an element is, someMembers are those of a handle of T.
	aPlace      = `int|int64|string|K|HashKey\[T, V\]`
	someMembers = `\.\.\.(T|K|Scored\[T\]|Located\[T\]|string)`
	// anIterator yields its errors.
	anIterator = `Seq2\[.+, error\]`
	// sameFields are handles of the same type.
	sameFields = `\.\.\.\w+Field(Of\[T\])?`
)

// vocabulary is every name that an operation may have.
var vocabulary = map[string]shape{
	// the whole value
	"Read":   {takesNothing, `.+, error`},
	"ReadOr": {`T`, `T, error`},
	"Write":  {`(T|\[\].+|map\[K\]V), \.\.\.WriteOption`, `error`},
	"Swap":   {`T(, \.\.\.WriteOption)?`, `Previous\[T\], error`},
	"Update": {`func\(.*T\) .*error.*`, `T, error`},
	"Upsert": {`func\(\*T\) error`, `T, error`},
	"Fetch":  {`func\(.*Context\) \(T, error\), \.\.\.FetchOption`, `T, error`},
	"Forget": {takesNothing, `bool, error`},

	// elements at places
	"Get":      {aPlace, `(T|V|int64|bool|Job\[T\]), error`},
	"GetMany":  {`\.\.\.K`, `map\[K\]V, error`},
	"Put":      {`(` + aPlace + `), (T|V|int64|bool)`, `(bool, )?error`},
	"PutMany":  {`map\[K\]V|\.\.\.HashValue\[T\]`, `(int, )?error`},
	"PutRange": {`int64, \[\]byte`, `int, error`},
	"IndexOf":  {`T`, `int, error`},

	// members, elements, entries
	"Add":          {someMembers + `|T, \.\.\.JobOption`, `(int|bool|string), error`}, // the id of a job; bool of a sketch, which does not know how many
	"AddIf":        {`ScoreCondition, ` + someMembers, `int, error`},
	"Remove":       {someMembers + `|T, int`, `int, error`},
	"Has":          {`T|K`, `bool, error`},
	"Append":       {`T|string|\[\]byte`, `(int|string), error`},
	"PushLeft":     {someMembers, `int, error`},
	"PushRight":    {someMembers, `int, error`},
	"InsertBefore": {`T, T`, `int, error`},
	"InsertAfter":  {`T, T`, `int, error`},
	"Pop":          {`int`, `\[\]T, error`},
	"PopLeft":      {`int`, `\[\]T, error`},
	"PopRight":     {`int`, `\[\]T, error`},
	"PopMin":       {`int`, `\[\]Scored\[T\], error`},
	"PopMax":       {`int`, `\[\]Scored\[T\], error`},
	"Random":       {`int`, `\[\]T, error`},
	"Move":         {`SetFieldOf\[T\], T|ListFieldOf\[T\], ListEnd, ListEnd`, `(bool|T), error`},
	"Trim":         {`int|int, int`, `(int, )?error`},
	"TrimBefore":   {`string`, `int, error`},

	// what is known of a member
	"Score":         {`T`, `float64, error`},
	"Scores":        {someMembers, `\[\]Scored\[T\], error`},
	"Rank":          {`T`, `int, error`},
	"RankBackwards": {`T`, `int, error`},
	"Position":      {`T`, `Position, error`},
	"Distance":      {`T, T`, `Distance, error`},
	"LastID":        {takesNothing, `string, error`},
	"First":         {`bool|`, `.+, error`},
	"Last":          {takesNothing, `Entry\[K, T\], error`},

	// numbers
	"Increment": {`int64|float64|(int64|T|HashKey\[T, V\]), (int64|float64|V)`, `(int64|float64|V), error`},
	"Decrement": {`int64|float64`, `(int64|float64), error`},
	"Sum":       {`int64, int64`, `int64, error`},

	// how many, everything, parts
	"Len":            {takesNothing, `int, error`},
	"Count":          {`|ScoreRange|` + sameFields, `int(64)?, error`},
	"CountRange":     {`int64, int64`, `int64, error`},
	"CountByMember":  {`MemberRange`, `int, error`},
	"CountBy":        {`IndexKey\[V\]`, anIterator},
	"All":            {takesNothing, anIterator},
	"AllByScore":     {`ScoreRange`, anIterator},
	"AllByMember":    {`MemberRange`, anIterator},
	"Keys":           {takesNothing, anIterator + `|\[\]string, error`}, // a static store has few
	"Range":          {`int, int(, \.\.\.RangeOption)?|int64, int64`, `\[\].+, error`},
	"RangeByScore":   {`ScoreRange, \.\.\.PageOption`, `\[\]Scored\[T\], error`},
	"RangeByMember":  {`MemberRange, \.\.\.PageOption`, `\[\]T, error`},
	"RemoveRange":    {`int, int`, `int, error`},
	"RemoveByScore":  {`ScoreRange`, `int, error`},
	"RemoveByMember": {`MemberRange`, `int, error`},
	"Page":           {`int(, string)?`, `.+, error`},
	"Search":         {`Position, GeoArea`, `\[\]Located\[T\], error`},
	"SearchAround":   {`T, GeoArea`, `\[\]Located\[T\], error`},

	// several of one kind
	"Union":             {sameFields, `\[\].+, error`},
	"Intersect":         {sameFields, `\[\].+, error`},
	"Difference":        {sameFields, `\[\].+, error`},
	"StoreUnion":        {sameFields, `int, error`},
	"StoreIntersection": {sameFields, `int, error`},
	"StoreDifference":   {sameFields, `int, error`},
	"Merge":             {sameFields, `error`},
	"And":               {sameFields, `int, error`},
	"Or":                {sameFields, `int, error`},
	"Xor":               {sameFields, `int, error`},
	"Not":               {`BitmapField`, `int, error`},

	// what waits, and what goes on
	"PopLeftWait":  {takesNothing, `T, error`},
	"PopRightWait": {takesNothing, `T, error`},
	"PopMinWait":   {takesNothing, `Scored\[T\], error`},
	"PopMaxWait":   {takesNothing, `Scored\[T\], error`},
	"MoveWait":     {`ListFieldOf\[T\], ListEnd, ListEnd`, `T, error`},
	"Follow":       {`|string`, anIterator}, // of a stream, after an entry
	"Publish":      {`T`, `int, error`},
	"Subscribe":    {`func\(\)`, anIterator},

	// groups of a stream
	"Create":         {`string`, `bool, error`},
	"Deliver":        {`string, int`, anIterator},
	"Redeliver":      {`string, string, int`, anIterator},
	"Consume":        {`string, \.\.\.ConsumeOption`, anIterator},
	"Handle":         {`(string, )?func\(.*Context, .*(Delivery|Job)\[T\]\) error, \.\.\.Handle(Jobs)?Option`, `error`},
	"Retry":          {`Duration|Job\[T\], Due`, `(bool, )?error`},
	"Lag":            {takesNothing, `int, bool, error`},
	"Consumers":      {takesNothing, `\[\]StreamConsumer, error`},
	"RemoveConsumer": {`string, string`, `int, error`},
	"Pending":        {`string, Duration`, anIterator},
	"Claim":          {`string, Duration, \.\.\.string`, anIterator},
	"AutoClaim":      {`string, Duration`, anIterator},
	"Ack":            {`|\.\.\.string`, `(int|bool), error`},

	// every field, every store; the options are those of what goes through a store
	"Exists":        {takesNothing, `bool, error`},
	"Erase":         {`(\.\.\.SubtreeOption)?`, `(bool|int), error`},
	"TTL":           {takesNothing, `Duration, error`},
	"Expire":        {`Duration(, \.\.\.SubtreeOption)?`, `(bool|int), error`},
	"ExpireAt":      {`Time`, `bool, error`},
	"Persist":       {takesNothing, `bool, error`},
	"ExpireFields":  {`Duration, \.\.\.K`, `int, error`},
	"FieldTTL":      {`K`, `Duration, error`},
	"PersistFields": {`\.\.\.K`, `int, error`},
	"Export":        {`Writer, \.\.\.SubtreeOption`, `Transferred, error`},
	"Import":        {`Reader, \.\.\.SubtreeOption`, `Transferred, error`},
	"Check":         {takesNothing, anIterator},
	"Reindex":       {`\.\.\.SubtreeOption`, `int, error`},
	"ReadMany":      {`\.\.\.K`, anIterator}, // whole values of many keys

	// queues
	"Take":       {`Duration`, `Job\[T\], error`},
	"Done":       {`Job\[T\]`, `error`},
	"Bury":       {`Job\[T\]`, `error`},
	"Reschedule": {`string, Due`, `bool, error`},
	"AllDead":    {takesNothing, anIterator},
	"CountDead":  {takesNothing, `int, error`},

	// locks, limiters, batches
	"TryAcquire": {takesNothing, `Held, error`},
	"Acquire":    {takesNothing, `Held, error`},
	"Hold":       {`func\(.*Context, .*Held\) error`, `error`},
	"Holder":     {takesNothing, `Holder, error`},
	"Renew":      {`|Job\[T\], Duration`, `error`},
	"Release":    {takesNothing, `error`},
	"Allow":      {takesNothing, `Decision, error`},
	"AllowN":     {`int`, `Decision, error`},
	"Peek":       {takesNothing, `Decision, error`},
	"Wait":       {takesNothing, `Decision, error`},
	"WaitN":      {`int`, `Decision, error`},
	"Run":        {takesNothing, `error`},
}

// givenUp are words that another of the vocabulary stands for.
var givenUp = regexp.MustCompile(`Size|Drop|Reset|Replace|^Rev|Reverse|^Each|Again|ReadAll|WriteMany|ReadRange|WriteRange|ReadField|WriteField|OneOf`)

// exports reads package kv, and those that it is made of, as the compiler exports them.
func exports() types.Importer {
	GinkgoHelper()
	list, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", ".").Output()
	Expect(err).NotTo(HaveOccurred())
	files := map[string]string{}
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}

// exportedKV is package kv, the type parameters of its methods included.
func exportedKV() *types.Package {
	GinkgoHelper()
	pkg, err := exports().Import("github.com/kvstore-go/kvstore/kv")
	Expect(err).NotTo(HaveOccurred())
	return pkg
}

// methodsOf collects the exported methods of a type, and those of what it embeds, by name.
func methodsOf(named *types.Named, into map[string]*types.Func) {
	named = named.Origin()
	for method := range named.Methods() {
		if _, hidden := into[method.Name()]; method.Exported() && !hidden {
			into[method.Name()] = method
		}
	}
	if fields, ok := named.Underlying().(*types.Struct); ok {
		for field := range fields.Fields() {
			if embedded, ok := types.Unalias(field.Type()).(*types.Named); ok && field.Embedded() {
				methodsOf(embedded, into)
			}
		}
	}
}

// handlesOf are the exported types that have operations, each with its exported methods.
func handlesOf(pkg *types.Package) map[string]map[string]*types.Func {
	found := map[string]map[string]*types.Func{}
	for _, name := range pkg.Scope().Names() {
		object, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !object.Exported() || object.IsAlias() {
			continue
		}
		named, ok := object.Type().(*types.Named)
		if !ok {
			continue
		}
		methods := map[string]*types.Func{}
		methodsOf(named, methods)
		if slices.ContainsFunc(slices.Collect(maps.Values(methods)), takesContext) {
			found[name] = methods
		}
	}
	return found
}

func takesContext(method *types.Func) bool {
	parameters := method.Signature().Params()
	for parameter := range parameters.Variables() {
		if textOf(parameter.Type()) == "Context" {
			return true
		}
	}
	return false
}

// textOf is a type without packages. A type parameter has its own name in every method.
func textOf(of types.Type) string {
	return types.TypeString(of, func(*types.Package) string { return "" })
}

func textsOf(tuple *types.Tuple, variadic bool) string {
	var texts []string
	for variable := range tuple.Variables() {
		text := textOf(variable.Type())
		if variadic && len(texts) == tuple.Len()-1 {
			text = "..." + strings.TrimPrefix(text, "[]")
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// scalars are the handles of scalars of one type.
var scalars = map[string]string{"BytesField": "[]byte", "FloatField": "float64", "IntField": "int64", "StringField": "string"}

// problem is what is wrong with an operation, "" if nothing is.
func problem(method *types.Func) string {
	takes := textsOf(method.Signature().Params(), method.Signature().Variadic())
	returns := textsOf(method.Signature().Results(), false)
	signature := fmt.Sprintf("%s(%s) (%s)", method.Name(), takes, returns)
	rest, first := strings.CutPrefix(takes, "Context")
	if !first {
		return signature + " does not take a context first"
	}
	if !regexp.MustCompile(`^(.+, )?error$|^` + anIterator + `$`).MatchString(returns) {
		return signature + " returns neither an error nor an iterator over one"
	}
	want, ok := vocabulary[method.Name()]
	if !ok {
		return signature + " is no word of the vocabulary"
	}
	rest = strings.TrimPrefix(rest, ", ")
	if !regexp.MustCompile(`^(` + want.takes + `)$`).MatchString(rest) {
		return fmt.Sprintf("%s takes something else than (%s)", signature, want.takes)
	}
	if !regexp.MustCompile(`^(` + want.returns + `)$`).MatchString(returns) {
		return fmt.Sprintf("%s returns something else than (%s)", signature, want.returns)
	}
	return ""
}

var _ = Describe("The vocabulary", Ordered, ContinueOnFailure, func() {
	var pkg *types.Package
	var handles map[string]map[string]*types.Func

	BeforeAll(func() {
		pkg = exportedKV()
		handles = handlesOf(pkg)
	})

	It("is looked for on every handle, type parameters or not", func() {
		for name, method := range map[string]string{
			"StringField": "Len", "MapField": "GetMany", "HashField": "Get", "BitSetField": "Put", "StreamGroup": "Deliver", "GeoFieldOf": "Len",
			"LimiterField": "Erase", "Held": "Renew", "Query": "Page", "StreamRange": "All", "KeyedStore": "Len", "StaticStore": "Export", "KeyedCollection": "Check",
			"Delivery": "Ack", "Batch": "Run", "Store": "Erase", "TopicField": "Subscribe",
		} {
			Expect(handles).To(HaveKeyWithValue(name, HaveKey(method)))
		}
		schema := pkg.Scope().Lookup("StaticSchema").Type().(*types.Named)
		for builder := range schema.Methods() { // of a handle each
			if key := builder.Signature().Params(); builder.Exported() && key.Len() > 0 && builder.Name() != "Field" {
				of := types.Unalias(key.At(0).Type())
				if constant, ok := of.(*types.TypeParam); ok { // a constant, which may be a key
					of = constant.Underlying().(*types.Interface).EmbeddedType(0)
				}
				kind := of.(*types.Named).TypeArgs().At(0)
				if only, ok := kind.(*types.TypeParam); ok { // of one handle alone
					kind = only.Underlying().(*types.Interface).EmbeddedType(0)
				}
				Expect(handles).To(HaveKey(types.Unalias(kind).(*types.Named).Obj().Name()), builder.Name())
			}
		}
	})

	It("has one shape for each verb, on all of them", func() {
		var problems []string
		used := map[string]bool{}
		for name, methods := range handles {
			for _, method := range methods {
				if !takesContext(method) {
					continue
				}
				used[method.Name()] = true
				if _, scalar := scalars[name]; scalar && handles["ScalarField"][method.Name()] != nil {
					continue // its signature is that of a ScalarField, which has a spec of its own
				} else if problem := problem(method); problem != "" {
					problems = append(problems, name+"."+problem)
				}
			}
		}
		slices.Sort(problems)
		Expect(strings.Join(problems, "\n")).To(BeEmpty())
		for word := range vocabulary {
			Expect(used).To(HaveKey(word), "no handle has it")
		}
	})

	It("is the same for scalars of one type, which spell out what a ScalarField has", func() {
		for name, of := range scalars {
			for word, method := range handles["ScalarField"] {
				want := regexp.MustCompile(`\bT\b`).ReplaceAllString(textOf(method.Signature()), of)
				Expect(handles[name]).To(HaveKey(word), name)
				Expect(textOf(handles[name][word].Signature())).To(Equal(want), "%s.%s", name, word)
			}
		}
	})

	It("has what is read as a whole followed as a whole", func() {
		for name, methods := range handles {
			read, follow := methods["Read"], methods["Follow"]
			if read == nil {
				continue
			}
			value, _, _ := strings.Cut(textsOf(read.Signature().Results(), false), ", error")
			Expect(follow).NotTo(BeNil(), name)
			Expect(textsOf(follow.Signature().Results(), false)).To(Equal("Seq2["+value+", error]"), name)
		}
	})

	It("is in README.md, with every handle", func() {
		readme, err := os.ReadFile("README.md")
		Expect(err).NotTo(HaveOccurred())
		for name, methods := range handles {
			if name != "Field" && name != "Batch" && name != "Held" && name != "Delivery" && name != "Query" && name != "StreamRange" { // of a row of another
				Expect(string(readme)).To(MatchRegexp("`" + name + "[`\\[]"))
			}
			for word, method := range methods {
				if takesContext(method) {
					Expect(string(readme)).To(MatchRegexp(`\b`+word+`\b`), name)
				}
			}
		}
	})

	It("has one word for each thing", func() {
		var names []string
		for _, name := range pkg.Scope().Names() {
			object := pkg.Scope().Lookup(name)
			if !object.Exported() {
				continue
			}
			names = append(names, name)
			if named, ok := types.Unalias(object.Type()).(*types.Named); ok {
				methods := map[string]*types.Func{}
				methodsOf(named, methods)
				names = slices.AppendSeq(names, maps.Keys(methods))
			}
		}
		Expect(slices.DeleteFunc(names, func(name string) bool { return !givenUp.MatchString(name) })).To(BeEmpty())
	})
})
