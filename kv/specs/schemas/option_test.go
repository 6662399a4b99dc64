package schemas_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// optional is what an operation or a declaration does with an option that is nil.
type optional func(ctx context.Context) error

// declaring is the opening of a schema that is declared with a nil option.
func declaring[O, H any](declare func(options ...O) kv.Schema[H]) optional {
	return func(context.Context) error {
		var none O
		return kvtest.Opening(declare(none))
	}
}

// optionally are the handles of values that have operations with options.
type optionally struct {
	Text    kv.StringField                  `kv:"text"`
	Scores  kv.SortedSetField               `kv:"scores"`
	Entries kv.StreamField[kvtest.Msg]      `kv:"entries"`
	Jobs    kv.QueueField[kvtest.Msg]       `kv:"jobs"`
	Below   kv.DynamicStore[kv.StringField] `kv:"below"`
}

var _ = Describe("An option that is nil", func() {
	open := func() optionally {
		GinkgoHelper()
		return kv.MustOpen(kv.Static("place").String("text", kv.ExpireIn(time.Hour)).SortedSet("scores").
			Stream[kvtest.Msg]("entries").Queue[kvtest.Msg]("jobs").
			Field("below", kv.Dynamic(kv.String())).As[optionally](), memory.New())
	}
	ended := func(ctx context.Context) context.Context {
		done, end := context.WithCancel(ctx)
		end()
		return done
	}

	kinds := map[string][]optional{
		"OpenOption": {func(context.Context) error {
			return kvtest.ErrorOf(kv.Open(kvtest.Foo, memory.New(), nil))
		}},
		"FieldOption":   {declaring(kv.Bitmap), declaring(kv.HyperLogLog)},
		"ScalarOption":  {declaring(kv.String), declaring(kv.Bytes), declaring(kv.Time)},
		"ElementOption": {declaring(kv.Set), declaring(kv.SortedSet), declaring(kv.Geo), declaring(kv.Hash[kvtest.Msg])},
		"BitSetOption": {declaring(func(options ...kv.BitSetOption) kv.Schema[kv.BitSetField] {
			return kv.BitSet(kv.U8, options...)
		})},
		"JSONOption":   {declaring(kv.JSON[kvtest.Msg])},
		"NumberOption": {declaring(kv.Int), declaring(kv.Float)},
		"MapOption":    {declaring(kv.Map[int])},
		"ListOption":   {declaring(kv.List)},
		"StreamOption": {declaring(kv.Stream[kvtest.Msg])},
		"FormOption": {
			declaring(kv.Queue[kvtest.Msg]), declaring(kv.Topic[kvtest.Msg]),
			declaring(func(none ...kv.FormOption) kv.Schema[kv.ListFieldOf[kvtest.Msg]] {
				return kv.ListOf[kvtest.Msg](none[0])
			}),
			declaring(func(none ...jsonval.Option) kv.Schema[kv.JSONField[kvtest.Msg]] {
				return kv.JSON[kvtest.Msg](kv.Validation(none...), kv.Upgrade(func(int) (m kvtest.Msg, err error) { return m, nil }, none...))
			}),
		},
		"IndexOption": {declaring(func(options ...kv.IndexOption[kvtest.Msg]) kv.Schema[kv.CollectionStore[kvtest.Msg]] {
			return kv.Collection(kv.JSON[kvtest.Msg](), options...)
		})},
		"WriteOption": {
			func(ctx context.Context) error { return open().Text.Write(ctx, "a", nil, kv.IfAbsent) },
			func(ctx context.Context) error { return kvtest.ErrorOf(open().Text.Swap(ctx, "a", nil)) },
			func(ctx context.Context) error { return open().Text.Write(ctx, "a", (*kv.Lifetime)(nil)) },
		},
		"PageOption": {func(ctx context.Context) error {
			return kvtest.ErrorOf(open().Scores.RangeByScore(ctx, kv.ScoreRange{}, nil))
		}},
		"RangeOption": {func(ctx context.Context) error { return kvtest.ErrorOf(open().Scores.Range(ctx, 0, -1, nil)) }},
		"FetchOption": {func(ctx context.Context) error {
			return kvtest.ErrorOf(open().Text.Fetch(ctx, func(context.Context) (string, error) { return "a", nil }, nil))
		}},
		"JobOption": {func(ctx context.Context) error { return kvtest.ErrorOf(open().Jobs.Add(ctx, kvtest.Msg{}, nil)) }},
		"HandleJobsOption": {func(ctx context.Context) error {
			return open().Jobs.Handle(ended(ctx), func(context.Context, kv.Job[kvtest.Msg]) error { return nil }, nil)
		}},
		"HandleOption": {func(ctx context.Context) error {
			return open().Entries.Group("workers").Handle(ended(ctx), "a", func(context.Context, kv.Delivery[kvtest.Msg]) error { return nil }, nil)
		}},
		"WorkerOption": {func(ctx context.Context) error {
			var none kv.WorkerOption
			return open().Jobs.Handle(ended(ctx), func(context.Context, kv.Job[kvtest.Msg]) error { return nil }, none)
		}},
		"ConsumeOption": {func(ctx context.Context) (err error) {
			for _, err = range open().Entries.Group("workers").Consume(ended(ctx), "a", nil) {
			}
			return err
		}},
		"SubtreeOption": {
			func(ctx context.Context) error { return kvtest.ErrorOf(open().Below.Erase(ctx, nil)) },
			func(ctx context.Context) error { return kvtest.ErrorOf(open().Below.Export(ctx, io.Discard, nil)) },
			func(ctx context.Context) error { return kvtest.ErrorOf(kv.Copy(ctx, open().Below, open().Below, nil)) },
			func(ctx context.Context) error {
				return kvtest.ErrorOf(kv.Migrate(ctx, open().Below, kv.SubtreeOption(nil)))
			},
		},
		"MigrateOption": {func(ctx context.Context) error { return kvtest.ErrorOf(kv.Migrate(ctx, open().Below, nil)) }},
		"AuditOption": {func(ctx context.Context) (err error) {
			for _, err = range kv.Audit(ctx, open().Text, nil) {
			}
			return err
		}},
	}

	for kind, uses := range kinds {
		It("is none: "+kind, func(ctx context.Context) {
			for _, use := range uses {
				Expect(use(ctx)).To(Or(Succeed(), MatchError(context.Canceled)))
			}
		})
	}

	It("is tried of every kind of options there is", func() {
		sources, err := filepath.Glob(filepath.Join("..", "..", "*.go"))
		Expect(err).NotTo(HaveOccurred())
		for _, name := range sources {
			source, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			Expect(err).NotTo(HaveOccurred())
			ast.Inspect(source, func(n ast.Node) bool {
				declared, is := n.(*ast.TypeSpec)
				if is && declared.Name.IsExported() && strings.HasSuffix(declared.Name.Name, "Option") {
					switch declared.Type.(type) {
					case *ast.InterfaceType, *ast.FuncType:
						Expect(kinds).To(HaveKey(declared.Name.Name))
					}
				}
				return true
			})
		}
	})
})
