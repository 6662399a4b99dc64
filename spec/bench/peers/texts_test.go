package peers

import (
	"fmt"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// texts is a store of strings.
type texts interface {
	get(key string) (string, error)
	set(key, value string) error
}

// textTasks are what is done with strings.
func textTasks(b *testing.B, s texts, name string) operations {
	b.Helper()
	one := func(key string) (reading, writing operation) {
		held, written := name+":texts:"+key, name+":written:"+key
		must(b, s.set(held, text))
		return reads(text, func() (string, error) { return s.get(held) }),
			writes(text, func() error { return s.set(written, text) }, func() (string, error) { return s.get(written) })
	}
	tasks := operations{}
	tasks[readText], tasks[writeText] = one("held")
	tasks[readTogether], tasks[writeTogether] = together(func(i int) (reading, writing operation) {
		return one(fmt.Sprint(i))
	})
	return tasks
}

// documentTasks are what is done with documents that are marshalled and validated by hand.
func documentTasks(b *testing.B, s texts, name string) operations {
	b.Helper()
	stored, written, valid := name+":documents:held", name+":documents:written", name+":documents:valid"
	encoded, err := marshal(document)
	must(b, err)
	must(b, s.set(stored, encoded))
	read := func(key string, decode func(string) (fixture.Game, error)) func() (fixture.Game, error) {
		return func() (game fixture.Game, err error) {
			text, err := s.get(key)
			if err != nil {
				return game, err
			}
			return decode(text)
		}
	}
	write := func(key string, encode func(fixture.Game) (string, error)) func() error {
		return func() error {
			text, err := encode(document)
			if err != nil {
				return err
			}
			return s.set(key, text)
		}
	}
	return operations{
		readDocument:   reads(document, read(stored, unmarshal)),
		writeDocument:  writes(document, write(written, marshal), read(written, unmarshal)),
		readValidated:  reads(document, read(stored, unmarshalValid)),
		writeValidated: writes(document, write(valid, marshalValid), read(valid, unmarshal)),
	}
}

// fillTexts fills a store of strings.
func fillTexts(b *testing.B, s texts, count int) {
	b.Helper()
	for i := range count {
		key, value := entry16(i)
		must(b, s.set(key, value))
	}
}
