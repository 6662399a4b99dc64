package gotext

import "reflect"

// Inspector judges what is stored: which older form it has, by the name of its Go type, or "" for the
// one that is written today; or why it cannot be read.
type Inspector interface {
	Inspect(text string) (older string, err error)
}

// Inspect implements Inspector.
func (c *Codec[T]) Inspect(text string) (older string, err error) {
	_, err = c.Decode(text)
	return "", err
}

// AcceptsAll reports whether a codec has nothing to judge: every text is a value.
func AcceptsAll(codec any) bool { return codec == any(Strings) || codec == any(Bytes) }

// PairsInspector is Inspector of fields and values by turns.
type PairsInspector interface {
	InspectPairs(pairs []string) (older string, err error)
}

// InspectPairs implements PairsInspector for the whole of a hash.
func (p *Struct) InspectPairs(pairs []string) (older string, err error) {
	return "", p.Decode(pairs, reflect.New(p.kind).Elem())
}

// Pairs are how the keys and the values of a map are read.
type Pairs struct{ Keys, Values Inspector }

// InspectPairs implements PairsInspector for some of a map.
func (p Pairs) InspectPairs(pairs []string) (older string, err error) {
	for name, text := range pairsOf(pairs) {
		if _, err := p.Keys.Inspect(name); err != nil {
			return "", err
		}
		form, err := p.Values.Inspect(text)
		if err != nil {
			return "", err
		}
		if form != "" {
			older = form
		}
	}
	return older, nil
}
