// Command load pushes sign-ups at a rate through the local AWS and reports what
// became of them: make load calls it. The functions are the real binaries, and the
// gateway sees every call; which services are stand-ins the report says.
//
// Sign-ups arrive as a Poisson process, whether the ones before them are answered or
// not (an open loop), and a latency counts from when its user was due, not from when
// the call was sent: a system that falls behind cannot hide it by slowing the
// arrivals down (coordinated omission).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"example.com/onboarding/statemachine/local"
)

// errRed says that the report tells of something that must not be.
var errRed = errors.New("the run was not clean: see the report")

type options struct {
	Run      runCommand     `cmd:"" default:"withargs" help:"Push sign-ups through the local AWS. Exits 1 when a user was lost or onboarded twice, or memory grew."`
	StandIns standInCommand `cmd:"" hidden:"" help:"Serve the stand-ins until standard input ends: run starts it."`
}

type runCommand struct {
	Plan

	Concurrency int      `help:"Invocations under way at a time; more are throttled, as Lambda does. An account has 1,000, a new one 10; here each is a process." env:"CONCURRENCY" default:"100"`
	StandIn     []string `help:"Services to use a stand-in for; without any, moto's." env:"STANDINS" default:"states,cognito-idp,dynamodb,ses,events" enum:"states,cognito-idp,dynamodb,ses,events,none"`
	Update      bool     `help:"Write the report into statemachine/local/README.md, if it is clean."`
}

// Plan says who signs up, and when.
type Plan struct {
	Users int           `help:"How many users sign up." env:"USERS" default:"5000"`
	Rate  float64       `help:"How many of them a second, on average." env:"RATE" default:"25"`
	Think time.Duration `help:"How long a user takes from the sign-up to its confirmation." default:"2s"`
	// Repeat and Reset take every nth user; 0 takes none.
	Repeat int           `help:"The trigger's event of every nth user is delivered twice, by turns at once and when all is over." default:"20"`
	Reset  int           `help:"Every nth user resets the password when onboarded, which must start nothing." default:"50"`
	Drain  time.Duration `help:"How long to wait for the executions after the last arrival." default:"2m"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var o options
	command := kong.Parse(&o, kong.Description("Sign-ups at a rate, on an AWS on this machine."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	err := command.Run()
	interrupted := ctx.Err() != nil
	stop()
	if interrupted {
		fmt.Fprintln(os.Stderr, "load: interrupted")
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// Run starts the local AWS, does the load and prints the report.
func (c runCommand) Run(ctx context.Context) error {
	if c.Users < 1 || c.Rate <= 0 {
		return errors.New("USERS and RATE must be more than 0")
	}
	fmt.Fprintln(os.Stderr, "starting the local AWS …")
	standIns, err := startStandIns(ctx, c.StandIn)
	if err != nil {
		return err
	}
	defer standIns.stop()
	aws, err := local.Start(ctx, standIns.options(local.Options{
		Root: ".", Build: ".local/bin", Concurrency: c.Concurrency, NoRecord: true,
	}))
	if err != nil {
		return err
	}
	defer aws.Close()
	r, err := c.do(ctx, aws, standIns, showProgress(os.Stderr, c.Users))
	if err != nil {
		return err
	}
	text := r.markdown(c)
	fmt.Println(text)
	if c.Update && r.clean() {
		if err := updateReadme("statemachine/local/README.md", text); err != nil {
			return err
		}
	}
	if !r.clean() {
		return errRed
	}
	return nil
}
