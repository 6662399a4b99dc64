package plan

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// compiler turns schemas into nodes.
type compiler struct {
	nodes      map[*compiled.Schema]*node
	inProgress map[*compiled.Schema]bool // under way
	orders     MemberOrders
	// recursive is whether a schema has been found within itself.
	recursive bool
	err       error
}

// Compile returns the plan of a schema, for texts of so many nested arrays and objects at most, or why it has none.
func Compile(s *compiled.Schema, depth int, orders MemberOrders) (*Plan, error) {
	if s.CyclicInPlace() {
		return nil, errors.New("a schema applies itself to the same value")
	}
	c := compiler{nodes: map[*compiled.Schema]*node{}, inProgress: map[*compiled.Schema]bool{}, orders: orders}
	root := c.compile(s)
	if c.err != nil {
		return nil, c.err
	}
	return &Plan{root: root, depth: depth, recursive: c.recursive}, nil
}

func (c *compiler) compile(s *compiled.Schema) *node {
	s = resolve(s)
	if n, ok := c.nodes[s]; ok {
		c.recursive = c.recursive || c.inProgress[s]
		return n
	}
	n := &node{}
	c.nodes[s], c.inProgress[s] = n, true
	defer delete(c.inProgress, s)
	switch {
	case s.Bool != nil && *s.Bool:
		*n = *anyNode
	case s.Bool != nil:
		n.never = true
	default:
		c.fill(n, s)
	}
	if n.wanted != nil {
		n.otherType = violationPrefix(violation.Type{Want: n.wanted})
	}
	return n
}

// resolve follows schemas that are but a reference.
func resolve(s *compiled.Schema) *compiled.Schema {
	for s.Ref != nil && !hasKeywords(s) {
		s = s.Ref
	}
	return s
}

// hasKeywords reports whether a schema says anything beside its $ref.
func hasKeywords(s *compiled.Schema) bool {
	return s.Bool != nil || s.Types != nil || s.Const != nil || s.Enum != nil || s.Format != nil ||
		aboutObjects(s) || aboutArrays(s) || aboutStrings(s) || aboutNumbers(s) ||
		s.AllOf != nil || s.AnyOf != nil || s.OneOf != nil || s.Not != nil || s.If != nil || s.Beyond != ""
}

func aboutObjects(s *compiled.Schema) bool {
	return s.Properties != nil || s.PatternProperties != nil || s.AdditionalProperties != nil || s.PropertyNames != nil ||
		s.Required != nil || s.MinProperties != nil || s.MaxProperties != nil ||
		s.Dependencies != nil || s.DependentRequired != nil || s.DependentSchemas != nil
}

func aboutArrays(s *compiled.Schema) bool {
	return s.Items != nil || s.Closed || s.PrefixItems != nil || s.Contains != nil ||
		s.UniqueItems || s.MinItems != nil || s.MaxItems != nil
}

func aboutStrings(s *compiled.Schema) bool {
	return s.MinLength != nil || s.MaxLength != nil || s.Pattern != nil || s.Base64
}

func aboutNumbers(s *compiled.Schema) bool {
	return s.Minimum != nil || s.Maximum != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil || s.MultipleOf != nil
}

func (c *compiler) fill(n *node, s *compiled.Schema) {
	if s.Beyond != "" {
		c.err = fmt.Errorf("%s is not compiled", s.Beyond)
		return
	}
	n.types = anyNode.types
	if s.Types != nil {
		n.wanted = s.Types
		n.types, n.integral = typesNamed(n.wanted)
	}
	if s.Const != nil {
		n.constant = newConstant(*s.Const)
	}
	if s.Enum != nil {
		n.enum = newEnumeration(*s.Enum)
	}
	if s.Format != nil {
		n.format = newFormat(s.Format)
	}
	if aboutObjects(s) {
		n.object = newObjectRules(s, c.orders, c.compile)
	}
	if aboutArrays(s) {
		n.array = newArrayRules(s, c.compile)
	}
	if aboutNumbers(s) {
		n.number = newNumberRules(s)
	}
	if aboutStrings(s) {
		n.text = newStringRules(s)
	}
	c.fillInPlace(n, s)
	n.plain = n.constant == nil && n.enum == nil && n.inPlace == nil
	if r := n.text; n.plain && n.format == nil && r != nil && !r.bounded && !r.base64 && r.pattern.steps != nil {
		n.matched = r.pattern
	}
}

func (c *compiler) fillInPlace(n *node, s *compiled.Schema) {
	if c.compileByType(n, *s) {
		return
	}
	p := inPlace{all: compileAll(s.AllOf, c.compile), any: compileAll(s.AnyOf, c.compile), one: compileAll(s.OneOf, c.compile)}
	if s.Ref != nil {
		p.all = append([]*node{c.compile(s.Ref)}, p.all...)
	}
	if s.Not != nil {
		p.not = c.compile(s.Not)
	}
	if s.If != nil {
		p.condition = c.compile(s.If)
		if s.Then != nil {
			p.then = c.compile(s.Then)
		}
		if s.Else != nil {
			p.otherwise = c.compile(s.Else)
		}
	}
	if p.all != nil || p.any != nil || p.one != nil || p.not != nil || p.condition != nil {
		n.inPlace = &p
	}
}

// compileByType compiles a schema that is nothing but an anyOf or a oneOf, if each type of instance leaves one alternative at most: null or an
// object, say. Then there is no need to try them. Integers and other numbers are of one type here: only the value tells them apart.
func (c *compiler) compileByType(n *node, s compiled.Schema) bool {
	alternatives := s.AnyOf
	if alternatives == nil {
		alternatives, s.OneOf = s.OneOf, nil
	}
	s.AnyOf = nil
	if alternatives == nil || s.Ref != nil || hasKeywords(&s) {
		return false
	}
	var types instanceTypes
	var wanted []string
	var byKind [typeCount]*node
	for _, alternative := range alternatives {
		alternative = resolve(alternative)
		if alternative.Types == nil || slices.ContainsFunc(alternative.AppliedInPlace(), namesTypes) {
			return false
		}
		names := alternative.Types
		named, integral := typesNamed(names)
		if integral || types&named != 0 {
			return false
		}
		types |= named
		wanted = append(wanted, names...)
		for rest := named; rest != 0; rest &= rest - 1 {
			byKind[bits.TrailingZeros8(uint8(rest))] = c.compile(alternative)
		}
	}
	n.types, n.wanted, n.byType = types, wanted, &byKind
	return true
}

// namesTypes reports whether a schema, or one that it applies to the same value, has a type keyword.
func namesTypes(s *compiled.Schema) bool {
	return s.Types != nil || slices.ContainsFunc(s.AppliedInPlace(), namesTypes)
}

func compileAll(schemas []*compiled.Schema, compile func(*compiled.Schema) *node) []*node {
	var nodes []*node
	for _, s := range schemas {
		nodes = append(nodes, compile(s))
	}
	return nodes
}
