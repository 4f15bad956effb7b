// Command teststate runs the mocked cases on Step Functions itself, by its API TestState,
// which judges a state of a definition that is not deployed, with a given result or error
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html).
// It goes from state to state as AWS says, and compares attempts, error and output with
// what the definition says. make test-teststate runs it.
//
// It needs credentials of an account that allow states:TestState, makes nothing there,
// and invokes no function. The Region is the environment's or the profile's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/mock"
	"example.com/onboarding/statemachine/dev/project"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, ".", os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "teststate:", err)
		os.Exit(1)
	}
}

// attempts are as many as a throttled call is made: a few hundred calls follow one
// another.
const attempts = 10

func run(ctx context.Context, root string, stdout io.Writer) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(attempts))
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("it takes credentials that allow states:TestState, as the AWS CLI finds them (AWS_PROFILE=…): %w", err)
	}
	p, err := project.Read(root)
	if err != nil {
		return err
	}
	return runCases(ctx, sfn.NewFromConfig(cfg), cfg.Region, p, stdout)
}

// account is in the ARNs of functions that are never invoked.
const account = "123456789012"

// runCases runs all mocked cases of a project, and says how each of them ended.
func runCases(ctx context.Context, api api, region string, p *project.Project, stdout io.Writer) error {
	definition, err := p.Definition(partition(region), region, account)
	if err != nil {
		return err
	}
	j, err := newJudge(api, definition)
	if err != nil {
		return err
	}
	input, err := os.ReadFile(filepath.Join(p.Root, "statemachine", "testdata", "input.json"))
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	cases, differ := mock.Cases(p), 0
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		err := j.compare(ctx, cases[name], string(input))
		if _, failed := errors.AsType[*smithy.OperationError](err); failed {
			return fmt.Errorf("case %s: %w", name, err)
		}
		if err != nil {
			differ++
			fmt.Fprintf(stdout, "FAIL  %s: %v\n", name, err)
			continue
		}
		fmt.Fprintln(stdout, "ok    "+name)
	}
	fmt.Fprintf(stdout, "%d cases in %s, with %d calls of TestState\n", len(cases), region, len(j.answers))
	if differ > 0 {
		return fmt.Errorf("%d of %d cases end otherwise than the definition says", differ, len(cases))
	}
	return nil
}

// partition is that of a Region
// (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html).
func partition(region string) string {
	for prefix, name := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}
