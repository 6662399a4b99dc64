package inclusion

import (
	"encoding/json"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	mostCandidates = 40 // at a place
	witnessDepth   = 6
)

// findWitness looks for a value that one schema accepts, which is as f says, and another refuses, among those at the edges of what both say.
func findWitness(older, newer *jsonschema.Schema, f facts) (witness any, found bool) {
	w := witnesses{}
	w.offer(f, inPlace(newer), witnessDepth, func(candidate any) bool {
		if found = accepts(older, candidate) && !accepts(newer, candidate); found {
			witness = candidate
		}
		w.made++
		return !found && w.made < mostMade
	})
	return witness, found
}

// witnesses makes values that are likely to tell schemas apart.
type witnesses struct{ made int }

// mostMade bounds how many values are made, and alternatives looked at, in all.
const mostMade = 20_000

// at are values that are as f says, near the edges of schemas that are to refuse one of them.
func (w *witnesses) at(f facts, edges []*jsonschema.Schema, depth int) []any {
	if len(f.schemas) == 0 && len(edges) == 0 {
		return anything
	}
	var found []any
	w.offer(f, edges, depth, func(value any) bool {
		if w.made++; allAccept(f.schemas, value) && f.types&typeOf(value) != 0 && !slices.ContainsFunc(found, func(v any) bool { return reflect.DeepEqual(v, value) }) {
			found = append(found, value)
		}
		return len(found) < mostCandidates && w.made < mostMade
	})
	return found
}

// anything is what may be where no schema says anything.
var anything = []any{json.Number("1"), nil, "a", true, json.Number("0.5"), []any{}, map[string]any{}}

// offer hands over values until it is told to stop.
func (w *witnesses) offer(f facts, edges []*jsonschema.Schema, depth int, offer func(any) bool) bool {
	all := slices.Concat(f.schemas, edges)
	for _, s := range all {
		if s.Const != nil && !offer(*s.Const) {
			return false
		}
		if s.Enum != nil && !each(s.Enum.Values, offer) {
			return false
		}
	}
	if cases, split := f.alternatives(); split {
		for _, one := range cases {
			if w.made++; w.made >= mostMade || !w.offer(one, edges, depth, offer) { // they multiply, whether or not they make anything
				return false
			}
		}
		return true
	}
	for one := range f.types.each {
		var going bool
		switch one {
		case null:
			going = offer(nil)
		case boolean:
			going = offer(true) && offer(false)
		case integer, fraction:
			going = each(numbersNear(all, one), offer)
		case text:
			going = each(textsNear(all), offer)
		case array:
			going = depth == 0 || w.arrays(f, edges, depth, offer)
		default:
			going = depth == 0 || w.objects(f, edges, depth, offer)
		}
		if !going {
			return false
		}
	}
	return true
}

func each(values []any, offer func(any) bool) bool {
	return !slices.ContainsFunc(values, func(value any) bool { return !offer(value) })
}

// numbersNear are numbers at the bounds of schemas.
func numbersNear(schemas []*jsonschema.Schema, of types) (values []any) {
	edges := []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1), big.NewRat(-1, 1)}
	for _, s := range schemas {
		for _, edge := range []*big.Rat{s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum, s.MultipleOf} {
			if edge != nil {
				edges = append(edges, edge)
			}
		}
	}
	steps := []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1), big.NewRat(-1, 1)}
	if of == fraction {
		steps = append(steps, big.NewRat(1, 2), big.NewRat(-1, 2), big.NewRat(1, 1000), big.NewRat(-1, 1000))
	}
	for _, edge := range edges {
		for _, step := range steps {
			at := new(big.Rat).Add(edge, step)
			if at.IsInt() {
				values = append(values, json.Number(at.Num().String()))
			} else if of == fraction {
				values = append(values, json.Number(strings.TrimRight(at.FloatString(6), "0")))
			}
		}
	}
	return append(values, json.Number("1000000007"), json.Number("-1000000007"))
}

// someTexts satisfy formats, and patterns that are not rare.
var someTexts = []string{
	"", "a", "A", "0", "x1", "-", " ", "é", "ab", "abc", "12345", "a@b.example", "https://a.example/b", "a.example", "2020-02-29", "12:30:00Z", "2020-02-29T12:30:00Z",
	"P1D", "127.0.0.1", "::1", "123e4567-e89b-42d3-a456-426614174000", "/a", "YQ==",
}

func textsNear(schemas []*jsonschema.Schema) (values []any) {
	lengths := []int{}
	for _, s := range schemas {
		for _, edge := range []*int{s.MinLength, s.MaxLength} {
			if edge != nil {
				lengths = append(lengths, *edge, *edge+1, *edge-1)
			}
		}
		if s.Pattern != nil {
			values = append(values, matching(s.Pattern.String()))
		}
	}
	for _, text := range someTexts {
		values = append(values, text)
	}
	for _, length := range lengths {
		if 0 <= length && length <= 10_000 {
			values = append(values, strings.Repeat("a", length), strings.Repeat("7", length))
		}
	}
	return values
}

func (w *witnesses) arrays(f facts, edges []*jsonschema.Schema, depth int, offer func(any) bool) bool {
	lengths := map[int]bool{0: true, 1: true, 2: true}
	for _, s := range slices.Concat(f.schemas, edges) {
		for _, edge := range []*int{s.MinItems, s.MaxItems} {
			if edge != nil && *edge < 100 {
				lengths[*edge], lengths[*edge+1], lengths[max(*edge-1, 0)] = true, true, true
			}
		}
		lengths[len(prefixOf(s))] = true
	}
	values := map[int][]any{}
	item := func(at int) []any {
		if _, made := values[at]; !made {
			var next []*jsonschema.Schema
			for _, s := range edges {
				if item := itemOf(s, at); item != nil {
					next = append(next, inPlace(item)...)
				}
			}
			values[at] = w.at(f.item(at), next, depth-1)
		}
		return values[at]
	}
	for _, length := range slices.Sorted(maps.Keys(lengths)) {
		plain := make([]any, length)
		complete := true
		for at := range plain {
			choices := item(at)
			if complete = complete && len(choices) > 0; complete {
				plain[at] = choices[at%len(choices)] // different ones, as far as there are
			}
		}
		if !complete {
			break
		}
		if !offer(plain) {
			return false
		}
		if length == 0 {
			continue
		}
		repeated := slices.Clone(plain)
		repeated[length-1] = repeated[0]
		if !offer(repeated) {
			return false
		}
		for at := range min(length, 3) {
			for _, value := range item(at) {
				one := slices.Clone(plain)
				one[at] = value
				if !offer(one) {
					return false
				}
			}
		}
	}
	return true
}

func (w *witnesses) objects(f facts, edges []*jsonschema.Schema, depth int, offer func(any) bool) bool {
	all := slices.Concat(f.schemas, edges)
	known := names(all...)
	for _, s := range all { // those that are but wanted, and one that nobody has heard of for each pattern
		known = append(known, s.Required...)
		known = slices.AppendSeq(known, maps.Keys(s.DependentRequired))
		known = slices.AppendSeq(known, maps.Keys(s.DependentSchemas))
		known = slices.AppendSeq(known, maps.Keys(s.Dependencies))
		for pattern := range s.PatternProperties {
			known = append(known, matching(pattern.String()))
		}
	}
	known = append(known, "unheard-of")
	slices.Sort(known)
	known = slices.Compact(known)
	values := map[string][]any{}
	for _, name := range known {
		var next []*jsonschema.Schema
		for _, s := range edges {
			for _, member := range memberOf(s, name) {
				next = append(next, inPlace(member)...)
			}
		}
		values[name] = w.at(f.member(name), next, depth-1)
	}
	with := func(names []string) map[string]any {
		members := map[string]any{}
		for _, name := range names {
			if len(values[name]) > 0 {
				members[name] = values[name][0]
			}
		}
		return members
	}
	least := with(f.required())
	most := with(known)
	declared := with(names(f.schemas...))
	for _, base := range []map[string]any{least, declared, most, {}} {
		if !offer(base) {
			return false
		}
		for _, name := range known {
			if _, there := base[name]; there {
				without := maps.Clone(base)
				delete(without, name)
				if !offer(without) {
					return false
				}
			}
			for _, value := range values[name] {
				one := maps.Clone(base)
				one[name] = value
				if !offer(one) {
					return false
				}
			}
		}
	}
	for extra := range 12 { // for bounds of how many there are
		base := maps.Clone(declared)
		for i := range extra {
			if free := values["unheard-of"]; len(free) > 0 {
				base["extra"+strconv.Itoa(i)] = free[0]
			}
		}
		if !offer(base) {
			return false
		}
	}
	return true
}
