package verify

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/ops/internal/apierror"
	"example.com/onboarding/statemachine/ops/internal/pace"
)

// Result is what a check comes to.
type Result string

// The results.
const (
	OK         Result = "ok"
	Failed     Result = "FAILED"
	NotChecked Result = "not checked"
)

// Row is what one check saw.
type Row struct {
	Check string `json:"check"`
	// Seen is one line; of what was not checked it is the reason.
	Seen   string `json:"seen"`
	Result Result `json:"result"`
}

// check is one check. It returns what it saw; an error, if that is not what should be.
type check struct {
	name string
	run  func(context.Context) (seen string, err error)
}

// uncheckedError is why a check could not be made, which says nothing of the stack.
type uncheckedError string

func (e uncheckedError) Error() string { return string(e) }

// runChecks makes all checks at once, and returns what they saw in their order.
func runChecks(ctx context.Context, checks []check) []Row {
	rows := make([]Row, len(checks))
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() { rows[i] = c.row(ctx) })
	}
	running.Wait()
	return rows
}

func (c check) row(ctx context.Context) Row {
	seen, err := c.run(ctx)
	row := Row{c.name, seen, OK}
	if err != nil {
		row.Seen, row.Result = judge(err)
	}
	return row
}

// judge tells a check that failed from one that could not be made: because the endpoint
// lacks the operation, as an AWS on this machine may, or the caller may not call it.
func judge(err error) (seen string, result Result) {
	if unchecked, is := errors.AsType[uncheckedError](err); is {
		return string(unchecked), NotChecked
	}
	if operation := apierror.LackingOperation(err); operation != "" {
		return "there is no " + operation + " here", NotChecked
	}
	if action := apierror.DeniedAction(err); action != "" {
		return "allow " + action + " to whoever runs this", NotChecked
	}
	return strings.ReplaceAll(err.Error(), "\n", " "), Failed
}

// patience is how long AWS is given to show something, and how often it is asked.
type patience struct{ wait, pause time.Duration }

// until asks until it is so, fails, or the time is up; that is no error.
func (p patience) until(ctx context.Context, isSo func() (bool, error)) (bool, error) {
	for end := time.Now().Add(p.wait); ; {
		so, err := isSo()
		if so || err != nil || time.Now().Add(p.pause).After(end) {
			return so, err
		}
		if err := pace.Sleep(ctx, p.pause); err != nil {
			return false, err
		}
	}
}
