package drivers

import (
	"context"
	"iter"
	"slices"
)

// Next runs what a Middleware wraps.
type Next func(ctx context.Context, b *Batch) error

// Middleware is one hook around everything a driver executes. A single command
// and a scan arrive as a Batch of one, so a middleware is written once: look at
// b.Items before calling next, and at their Reply and Err after it. It may return
// without calling next; the error it returns then stands for every item that has
// none. The commands' slices are not its own.
type Middleware func(ctx context.Context, b *Batch, next Next) error

// Use wraps d in middleware; the first is the outermost, and nil is none. The result has exactly
// the abilities of d: of a nil driver it is nil.
func Use(d Driver, middleware ...Middleware) Driver {
	if isNil(d) {
		return nil
	}
	middleware = slices.DeleteFunc(slices.Clone(middleware), func(m Middleware) bool { return m == nil })
	if len(middleware) == 0 {
		return d
	}
	return &wrapped{driver: d, middleware: middleware}
}

// wrapped offers every optional ability by way of the accessor functions of this
// package, which answer for the driver inside: it claims nothing that d lacks.
type wrapped struct {
	driver     Driver
	middleware []Middleware
}

func (w *wrapped) run(ctx context.Context, b *Batch, last Next) error {
	return chain(w.middleware, last)(ctx, b)
}

func chain(middleware []Middleware, last Next) Next {
	if len(middleware) == 0 {
		return last
	}
	rest := chain(middleware[1:], last)
	return func(ctx context.Context, b *Batch) error { return middleware[0](ctx, b, rest) }
}

func (w *wrapped) Do(ctx context.Context, cmd Command) (Reply, error) {
	return w.one(ctx, NewBatch(cmd), w.driver.Do)
}

// one runs a batch of a single command.
func (w *wrapped) one(ctx context.Context, b *Batch, do func(context.Context, Command) (Reply, error)) (Reply, error) {
	item := &b.Items[0]
	err := w.run(ctx, b, func(ctx context.Context, _ *Batch) error {
		item.Reply, item.Err = do(ctx, item.Command)
		return nil
	})
	if item.Err == nil {
		item.Err = err
	}
	return item.Reply, item.Err
}

func (w *wrapped) Block(ctx context.Context, cmd Command) (Reply, error) {
	b := NewBatch(cmd)
	b.Waits = true
	return w.one(ctx, b, func(ctx context.Context, cmd Command) (Reply, error) { return Block(ctx, w.driver, cmd) })
}

// Subscribe passes messages by the middleware, as they answer no command.
func (w *wrapped) Subscribe(ctx context.Context, cmd Command, ready func()) iter.Seq2[string, error] {
	return Subscribe(ctx, w.driver, cmd, ready)
}

// Follow passes what changed by the middleware, as it answers no command.
func (w *wrapped) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return Follow(ctx, w.driver, keys, ready)
}

func (w *wrapped) DoBatch(ctx context.Context, b *Batch) error {
	if len(b.Items) == 0 {
		return nil
	}
	return w.run(ctx, b, func(ctx context.Context, b *Batch) error { return DoBatch(ctx, w.driver, b) })
}

func (w *wrapped) Scan(ctx context.Context, cmd Command) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		b := NewBatch(cmd)
		item := &b.Items[0]
		wanted := true
		err := w.run(ctx, b, func(ctx context.Context, _ *Batch) error {
			for key, err := range Scan(ctx, w.driver, item.Command) {
				if err != nil {
					item.Err = err
					return nil
				}
				item.Reply.Int++
				if wanted = yield(key, nil); !wanted {
					return nil
				}
			}
			return nil
		})
		if item.Err == nil {
			item.Err = err
		}
		if wanted && item.Err != nil {
			yield("", item.Err)
		}
	}
}

func (w *wrapped) Begin(ctx context.Context, key string) (Transaction, error) {
	tx, err := Begin(ctx, w.driver, key)
	if err != nil {
		return nil, err
	}
	return &wrappedTransaction{wrapped{driver: tx, middleware: w.middleware}, tx}, nil
}

// Evicts asks by the middleware, as it is no command.
func (w *wrapped) Evicts(ctx context.Context, key string) (bool, error) {
	return Evicts(ctx, w.driver, key)
}

// Near is by the middleware what it is without: what is answered from near is no command. What is not
// there is read by commands, as ever.
func (w *wrapped) Near() NearCache { return Near(w.driver) }

// Ping asks by the middleware, as it is no command.
func (w *wrapped) Ping(ctx context.Context) error { return Ping(ctx, w.driver) }

func (w *wrapped) Close() error { return Close(w.driver) }

// wrappedTransaction sends the commands of a transaction through the same hooks.
type wrappedTransaction struct {
	wrapped
	tx Transaction
}

func (t *wrappedTransaction) Watch(ctx context.Context, keys ...string) error {
	return t.tx.Watch(ctx, keys...)
}

func (t *wrappedTransaction) End() { t.tx.End() }
