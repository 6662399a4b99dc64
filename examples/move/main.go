// Move copies all data of a schema from one place to another: memory, a Redis, a
// Redis Cluster, or a file of JSON Lines.
//
//	go run ./examples/move                                            a demo, from memory to memory
//	go run ./examples/move -to redis://localhost:6379                 the data of the demo to Redis
//	go run ./examples/move -from redis://localhost:6379 -to shop.jsonl
//	go run ./examples/move -from shop.jsonl -to cluster://localhost:7000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case ctx.Err() != nil && err != nil:
		fmt.Fprintln(os.Stderr, "move: stopped; run it again to go on")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "move:", err)
		os.Exit(1)
	}
}

// run is the program: it ends early when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("move", flag.ContinueOnError)
	flags.SetOutput(stderr)
	source := flags.String("from", "memory", "`where` the data is: "+places+"; memory is filled with data to try it with")
	target := flags.String("to", "memory", "`where` it is to go: "+places)
	records := flags.Int("records", 20_000, "how much data memory is filled with")
	lenient := flags.Bool("lenient", false, "leave out values that do not fit the schema, and name them, instead of ending there")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: see -help", flags.Arg(0))
	}
	from, err := open(*source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	to, err := open(*target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	if from.isMemory() {
		if err := fill(ctx, from.shop, *records); err != nil {
			return err
		}
	}

	started := time.Now()
	m := mover{bar: newBar(stdout), out: stdout, lenient: *lenient}
	moved, err := m.move(ctx, from, to)
	m.bar.end()
	switch {
	case err != nil && moved > 0:
		return fmt.Errorf("after %d values: %w", moved, err)
	case err != nil:
		return err
	}
	fmt.Fprintf(stdout, "moved %d values from %s to %s in %v\n", moved, from.name, to.name, time.Since(started).Round(time.Millisecond))
	return nil
}
