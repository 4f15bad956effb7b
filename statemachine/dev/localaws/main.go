// Command localaws runs the onboarding workflow on an AWS on this machine: see
// package local. The make targets run and local call it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"

	"example.com/onboarding/statemachine/dev/local"
)

type options struct {
	Engine string `help:"Address of another engine for the state machine, such as Step Functions Local on http://127.0.0.1:8083. Its Lambda endpoint must be this gateway." env:"ENGINE"`
	Port   int    `help:"Port of the gateway; 0 for a free one." env:"PORT" default:"0"`
	Refuse string `help:"Refuse all calls of one service to the functions, as if they lacked the permission, with retries after a second: ses, cognito-idp, events, dynamodb, states or sqs." env:"REFUSE" default:"" enum:",ses,cognito-idp,events,dynamodb,states,sqs"`

	Check bool `help:"Say what is wrong with the options, and start nothing." hidden:""`

	// parameters are those of the template.
	parameters map[string]string

	Run runCommand `cmd:"" help:"Onboard one user and show what happened. Exits 1, saying what is missing, unless all of it did."`
	Up  upCommand  `cmd:"" help:"Stay up until Ctrl-C, for the AWS CLI or any other client."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var o options
	command := kong.Parse(&o, kong.Description("An AWS on this machine for the onboarding workflow. A parameter of the template is chosen in the environment: APP_NAME is AppName."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&o))
	var err error
	if o.parameters, err = parameters(os.LookupEnv); err == nil {
		err = command.Run()
	}
	interrupted := ctx.Err() != nil
	stop()
	if interrupted {
		fmt.Fprintln(os.Stderr, "localaws: interrupted")
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "localaws:", err)
		os.Exit(1)
	}
}

// local are the options for package local.
func (o *options) local() local.Options {
	return local.Options{
		Root: ".", Build: ".local/bin", Port: o.Port, Engine: o.Engine, Parameters: o.parameters,
	}
}

// start starts the local AWS. The caller closes it.
func (o *options) start(ctx context.Context) (*local.AWS, error) {
	options := o.local()
	var done func()
	options.Progress, done = progressLine(os.Stderr)
	aws, err := local.Start(ctx, options)
	done()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(aws.Refuse(ctx, o.Refuse), makeGroups(ctx, aws)); err != nil {
		aws.Close()
		return nil, err
	}
	return aws, nil
}

// makeGroups makes the groups of the rules, and says what does so on AWS.
func makeGroups(ctx context.Context, aws *local.AWS) error {
	groups, err := aws.MakeGroupsOfRules(ctx)
	for _, group := range groups {
		fmt.Printf("group       %s made, for the group rules; on AWS: aws cognito-idp create-group --user-pool-id … --group-name %s\n", group, group)
	}
	return err
}

// progressLine returns a function that shows what is being done: in one moving
// line on a terminal, in a line each elsewhere.
func progressLine(w *os.File) (show func(string), done func()) {
	if !isTerminal(w) {
		return func(what string) { fmt.Fprintln(w, what+" …") }, func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionSpinnerType(14),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true))
	return bar.Describe, func() { bar.Finish() } //nolint:errcheck // a progress line is not worth an error
}
