// Command ops is the operator's command line of the onboarding: it checks and tests a stack,
// redrives executions that stopped, onboards users who were missed, shows, onboards,
// mails and forgets single users, sends the mail to an inbox to be looked at, and sets
// the triggers on a user pool that is in use.
// It keeps nothing on this machine: what is left to do is always read from Step
// Functions, the records and Cognito, so every command may be broken off and run again.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"example.com/onboarding/statemachine/ops/backfill"
	"example.com/onboarding/statemachine/ops/doctor"
	"example.com/onboarding/statemachine/ops/forget"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/ops/onboard"
	"example.com/onboarding/statemachine/ops/orphans"
	"example.com/onboarding/statemachine/ops/pooltrigger"
	"example.com/onboarding/statemachine/ops/redrive"
	"example.com/onboarding/statemachine/ops/resend"
	"example.com/onboarding/statemachine/ops/testmail"
	"example.com/onboarding/statemachine/ops/user"
	"example.com/onboarding/statemachine/ops/verify"
)

const description = `Check and test a stack; redrive executions that stopped; onboard confirmed users that were missed; show, onboard, mail and forget one user; send the mail to an inbox of yours; set the triggers on a user pool that is in use.

Exit codes:
  0  nothing is left to do, or all that was asked for is done
  1  it could not be done: wrong usage, an AWS call that failed, interrupted;
     or a check of verify FAILED
  2  it was done, and something is left that needs attention: executions
     that were listed and not redriven, or cannot be; users that a dry run
     found, or a change that it would make; single failures; faults that
     doctor found, or checks that it could not make; what user found to be
     done

Tables and JSON go to standard output, progress and errors to standard error. Region and credentials come from the environment, as for the AWS CLI. No personal data is printed unless --show-usernames asks for it.`

type options struct {
	Redrive  redrive.Command    `cmd:"" help:"List executions that FAILED, TIMED_OUT or were ABORTED, grouped by state and error, and redrive those that are chosen; without a choice it only lists."`
	Backfill backfill.Command   `cmd:"" help:"Look for users who are not onboarded, admin-created and imported ones too, and start what is missing, as the stack does on its schedule."`
	Attach   pooltrigger.Attach `cmd:"" help:"Set the stack's triggers on a user pool that is in use, without changing any other setting."`
	Detach   pooltrigger.Detach `cmd:"" help:"Undo attach. Run it before you delete the stack."`
	User     user.Command       `cmd:"" help:"Show what is known of one user, where the onboarding stopped and why, and what to do."`
	Onboard  onboard.Command    `cmd:"" help:"Bring one user's onboarding to its end now."`
	Resend   resend.Command     `cmd:"" help:"Send one user's welcome mail again, on purpose."`
	Forget   forget.Command     `cmd:"" help:"Delete what the onboarding has of one user, tell other systems, and say what remains where."`
	Orphans  orphans.Command    `cmd:"" help:"List users of whom something is kept although they are no longer in the pool, and forget them."`
	TestMail testmail.Command   `cmd:"" name:"testmail" help:"Send the welcome mail in every language to an inbox of yours."`
	Doctor   doctor.Command     `cmd:"" help:"Check a stack: trigger, queues, definition, groups, sender, SES account and what else an onboarding needs. It changes nothing, and says how to mend what it finds."`
	Verify   verify.Command     `cmd:"" help:"Test a stack as it is deployed: onboard users of its own, look for everything that they should have, and remove them."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs the command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	code, exited := 0, false
	parser, err := kong.New(&o, kong.Name("ops"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { code, exited = c, true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}))
	if err != nil {
		return exitCode(ctx, err, stderr)
	}
	command, err := parser.Parse(args)
	if exited { // --help
		return code
	}
	if err != nil {
		return exitCode(ctx, fmt.Errorf("%w (ops --help explains)", err), stderr)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMode(aws.RetryModeStandard))
	if err != nil {
		return exitCode(ctx, fmt.Errorf("load AWS configuration: %w", err), stderr)
	}
	return exitCode(ctx, command.Run(session.New(cfg, stdout, stderr)), stderr)
}

func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, session.ErrAttention):
		return 2
	case session.IsEnd(ctx, err):
		fmt.Fprintln(stderr, "ops: interrupted; run the same command again and it goes on")
	default:
		fmt.Fprintln(stderr, "ops:", err)
	}
	return 1
}
