// Command bench measures the functions of the template as Lambda runs them, over the
// Runtime API and against local endpoints, and compares them with the smallest
// function, with the SDK's defaults and with the Node.js example of Cognito's guide.
// make bench runs it, from the module's folder.
//
// On the plain path the calls to AWS are answered over HTTP, and the CPU is not
// limited. On the TLS path, which takes root, a process has the CPU share of a function
// of 128 MB once it has asked for its first event; init has all of the CPU, as AWS
// describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"example.com/onboarding/statemachine/dev/section"
)

const document = "statemachine/NUMBERS.md"

func main() {
	o := options{}
	flag.IntVar(&o.rounds, "rounds", 20, "how many processes of each function are measured")
	flag.IntVar(&o.invocations, "invocations", 600, "how many invocations each process has after the first; a thirtieth of them at a CPU share")
	flag.IntVar(&o.rootReads, "root-reads", rootReads, "how often Go reads the system's root certificates, at least once")
	flag.BoolVar(&o.update, "update", false, "write the section into "+document)
	flag.Func("only", "names of functions, separated by commas, to measure beside hello", func(names string) error {
		o.only = strings.Split(names, ",")
		return nil
	})
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, o options) error {
	if o.update && len(o.only) > 0 {
		return errors.New("-update writes about all functions: leave out -only")
	}
	r, err := run(ctx, ".", o)
	if err != nil && !errors.Is(err, errNoShare) {
		return err
	}
	fmt.Printf("\n%s\n\n", r.report())
	if err != nil {
		return fmt.Errorf("the TLS path was not measured, and its goals are not judged: %w", err)
	}
	if o.update {
		if err := section.Keep(document, "bench", r.report(), true); err != nil {
			return err
		}
	}
	return r.missed()
}
