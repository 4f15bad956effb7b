package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/local"
)

// run is a load while it goes on.
type run struct {
	plan   Plan
	aws    *local.AWS
	users  *cognitoidentityprovider.Client
	people []*person
	ledger *ledger
	memory *memory
	late   []time.Duration // how late the generator itself sent each sign-up
}

// do signs the users up, waits until they are onboarded, and returns what became of
// them.
func (p Plan) do(ctx context.Context, a *local.AWS, s *standIns, progress func(onboarded int)) (*report, error) {
	r := &run{plan: p, aws: a, users: cognitoidentityprovider.NewFromConfig(a.Config()), people: p.people(), late: make([]time.Duration, p.Users)}
	r.ledger = newLedger(a, r.people)
	defer a.Observe(r.ledger.observe)()
	r.memory = watchMemory(a, s)
	defer r.memory.stop()
	began := time.Now()
	arrivals := r.arrive(ctx, began)
	if err := r.drain(ctx, arrivals, progress); err != nil {
		return nil, err
	}
	ended := time.Now()
	r.memory.stop()
	if err := r.repeatLate(ctx); err != nil {
		return nil, err
	}
	return r.report(ctx, began, ended)
}

// people returns the users, each with an address of their own.
func (p Plan) people() []*person {
	people := make([]*person, p.Users)
	run := time.Now().UnixNano()
	for i := range people {
		people[i] = &person{
			number: i, repeats: nth(i, p.Repeat),
			user: local.User{Email: fmt.Sprintf("load-%d-%d@example.com", i, run), Name: "Jane Doe"},
		}
	}
	return people
}

// nth reports whether i is the last of n, counted from 0.
func nth(i, n int) bool { return n > 0 && i%n == n-1 }

// arrive lets each user arrive when due. What it returns is closed when all have
// their answers.
func (r *run) arrive(ctx context.Context, began time.Time) <-chan struct{} {
	done := make(chan struct{})
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same arrivals each time
	go func() {
		defer close(done)
		var under sync.WaitGroup
		defer under.Wait()
		due := began
		for _, p := range r.people {
			due = due.Add(time.Duration(random.ExpFloat64() / r.plan.Rate * float64(time.Second)))
			p.due, p.confirmDue = due, due.Add(r.plan.Think)
			if !sleepUntil(ctx, due) {
				return
			}
			under.Go(func() { r.onboard(ctx, p) })
		}
	}()
	return done
}

// onboard does what a user does.
func (r *run) onboard(ctx context.Context, p *person) {
	r.late[p.number] = time.Since(p.due)
	_, p.signUpErr = r.aws.SignUp(ctx, p.user)
	p.signedUp = time.Since(p.due)
	if p.signUpErr != nil || !sleepUntil(ctx, p.confirmDue) {
		return
	}
	p.confirmErr = r.aws.Confirm(ctx, p.user, map[string]string{"campaign": "load"})
	p.confirmed = time.Since(p.confirmDue)
	if p.repeats && r.atOnce(p) {
		r.repeat(ctx, p) //nolint:errcheck // the ledger counts what fails
	}
	if nth(p.number, r.plan.Reset) {
		r.reset(ctx, p)
	}
}

// atOnce reports whether the event of the user is repeated at once, or later.
func (r *run) atOnce(p *person) bool { return p.number/r.plan.Repeat%2 == 0 }

// repeat hands the trigger the same event again, as Cognito may.
func (r *run) repeat(ctx context.Context, p *person) error {
	event := r.ledger.eventOf(p)
	if event == nil {
		return errors.New("the trigger was not invoked")
	}
	_, err := r.aws.InvokeTrigger(ctx, event)
	return err
}

// repeatLate repeats the events that are repeated when the executions have ended.
func (r *run) repeatLate(ctx context.Context) error {
	for _, p := range r.people {
		if p.repeats && !r.atOnce(p) && r.ledger.eventOf(p) != nil {
			if err := r.repeat(ctx, p); err != nil {
				return fmt.Errorf("repeat an event: %w", err)
			}
		}
	}
	return nil
}

// reset resets the password.
func (r *run) reset(ctx context.Context, p *person) {
	_, err := r.users.ForgotPassword(ctx, &cognitoidentityprovider.ForgotPasswordInput{
		ClientId: &r.aws.Stack.ClientID, Username: &p.user.Email,
	})
	if err != nil {
		return // the ledger has counted it
	}
	r.users.ConfirmForgotPassword(ctx, &cognitoidentityprovider.ConfirmForgotPasswordInput{ //nolint:errcheck // likewise
		ClientId: &r.aws.Stack.ClientID, Username: &p.user.Email, ConfirmationCode: aws.String("123456"),
		Password: aws.String("Another-horse-8-battery"),
	})
}

// sleepUntil reports whether the time came before ctx ended.
func sleepUntil(ctx context.Context, at time.Time) bool {
	select {
	case <-time.After(time.Until(at)):
		return true
	case <-ctx.Done():
		return false
	}
}

// kindOf names an error that the app got.
func kindOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return "no answer"
}
