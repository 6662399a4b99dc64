package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
)

// walk goes through the schema step by step. It ends at the first step that does
// not turn out as it should.
func walk(ctx context.Context, out io.Writer, driver drivers.Driver) error {
	foo, err := kv.Open(Foo.As[FooView](), driver, kv.At("quickstart"))
	if err != nil {
		return err
	}
	if _, err := foo.Erase(ctx); err != nil { // what an earlier walk left
		return err
	}
	t := &tour{ctx: ctx, out: out, driver: driver}
	fmt.Fprintf(out, "The schema:\n\n%s\n", indent(Foo.Tree("quickstart").String()))

	hello := foo.Bar.Take("any")
	t.step("A key that does not exist yet works:", `foo.Bar.Take("any").Write(ctx, []Msg{{"Hello, World!"}})`)
	t.stored(hello.Write(ctx, []Msg{{"Hello, World!"}}), hello.Path())

	t.step("Read gives the declared type back, a []Msg:", `foo.Bar.Take("any").Read(ctx)`)
	messages, err := hello.Read(ctx)
	t.result(messages, err)

	t.step("A value of another type does not compile; one that breaks the schema is refused:", `foo.Bar.Take("any").Write(ctx, []Msg{{"fine"}, {""}})`)
	t.refused(hello.Write(ctx, []Msg{{"fine"}, {""}}), kv.ErrInvalid, hello.Path())

	t.step("Update is atomic; several writers lose nothing:", `foo.Bar.Take("any").Update(ctx, func(all *[]Msg) error { … })`)
	_, err = hello.Update(ctx, func(all *[]Msg) error { *all = append(*all, Msg{"And you!"}); return nil })
	t.stored(err, hello.Path())

	odd := foo.Bar.Take("4:2 {*}")
	t.step("Ids may be anything; they never leave their place:", `foo.Bar.Take("4:2 {*}").Write(ctx, nil)`)
	t.stored(odd.Write(ctx, nil), odd.Path())

	t.step("An undeclared name is no field of the view, and does not compile; as a string it is refused:", `foo.Take[kv.SetField]("qux").Add(ctx, "x")`)
	_, err = foo.Take[kv.SetField]("qux").Add(ctx, "x")
	t.refused(err, kv.ErrUndeclared, "")

	baz := foo.Baz
	t.step("A set:", `foo.Baz.Add(ctx, "red", "green", "red")`)
	_, err = baz.Add(ctx, "red", "green", "red")
	t.stored(err, baz.Path())

	otp := foo.Otp
	t.step("The schema gives it a time to live, in the same step:", `foo.Otp.Write(ctx, "4711", kv.IfAbsent)`)
	t.stored(otp.Write(ctx, "4711", kv.IfAbsent), otp.Path())

	t.step("A condition that does not hold changes nothing:", `foo.Otp.Write(ctx, "4712", kv.IfAbsent)`)
	t.refused(otp.Write(ctx, "4712", kv.IfAbsent), kv.ErrConditionFailed, otp.Path())

	hit := foo.Hit
	t.step("A row of 8-bit counters that saturate:", `foo.Hit.Increment(ctx, 2, 300)`)
	_, err = hit.Increment(ctx, 2, 300)
	t.stored(err, hit.Path())

	t.step("What holds something, one level down:", `foo.Keys(ctx), foo.Bar.Keys(ctx)`)
	names, err := foo.Keys(ctx)
	t.result(names, err)
	var ids []string
	for id, err := range foo.Bar.Keys(ctx) {
		t.check(err)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	t.result(ids, nil)

	t.step("A whole subtree goes at once:", `foo.Erase(ctx)`)
	erased, err := foo.Erase(ctx)
	t.result(erased, err)
	return t.err
}

// tour prints the steps, and remembers the first that went wrong.
type tour struct {
	ctx    context.Context
	out    io.Writer
	driver drivers.Driver
	count  int
	err    error
}

func (t *tour) step(says, code string) {
	t.count++
	fmt.Fprintf(t.out, "\n%d. %s\n   %s\n", t.count, says, code)
}

func (t *tour) check(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tour) result(value any, err error) {
	t.check(err)
	fmt.Fprintf(t.out, "   → %+v\n", value)
}

func (t *tour) stored(err error, key string) {
	t.check(err)
	fmt.Fprintf(t.out, "   stored: %s = %s\n", key, t.content(key))
}

func (t *tour) refused(err, class error, key string) {
	if !errors.Is(err, class) {
		t.check(fmt.Errorf("step %d: expected %q, got %w", t.count, class.Error(), err))
	}
	fmt.Fprintf(t.out, "   refused: %s\n", strings.TrimSpace(indent(fmt.Sprint(err))))
	if key != "" {
		fmt.Fprintf(t.out, "   stored, as before: %s = %s\n", key, t.content(key))
	}
}

// content is what lies under a key, past the schema.
func (t *tour) content(key string) string {
	text, err := t.driver.Do(t.ctx, drivers.Command{Op: drivers.OpGet, Key: key})
	if errors.Is(err, drivers.ErrWrongType) {
		set, err := t.driver.Do(t.ctx, drivers.Command{Op: drivers.OpSMembers, Key: key})
		t.check(err)
		slices.Sort(set.Values)
		return fmt.Sprintf("the set %q", set.Values)
	}
	t.check(err)
	left, err := t.driver.Do(t.ctx, drivers.Command{Op: drivers.OpTTL, Key: key})
	t.check(err)
	content := text.Value
	if strings.ContainsFunc(content, func(r rune) bool { return r < ' ' }) {
		content = fmt.Sprintf("%q", content)
	}
	if left.Int > 0 {
		content += fmt.Sprintf(" (for %d s)", (left.Int+999)/1000)
	}
	return content
}

func indent(text string) string {
	return "   " + strings.ReplaceAll(text, "\n", "\n   ")
}
