// Package doctor checks a stack, and says how to mend what it finds. What it looks
// at it takes from the deployed definition and the stack's resources.
package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/ops/internal/apierror"
)

// Verdict is what a check comes to.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Warning Verdict = "warning"
	Fault   Verdict = "fault"
	Unknown Verdict = "could not check"
)

// Finding is what a check found.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	// Found and Mend are a line each; Mend is a command, or says where to click.
	Found string `json:"found,omitempty"`
	Mend  string `json:"mend,omitempty"`
}

func fine(found string) Finding { return Finding{Verdict: OK, Found: found} }

func warning(found, mend string) Finding {
	return Finding{Verdict: Warning, Found: found, Mend: mend}
}

func fault(found, mend string) Finding {
	return Finding{Verdict: Fault, Found: found, Mend: mend}
}

// check is one check. No finding means that all is well; an error, that it could
// not be made to its end.
type check struct {
	name string
	run  func(context.Context) ([]Finding, error)
}

// runChecks makes all checks at once, and returns what they found in their order.
func runChecks(ctx context.Context, checks []check) []Finding {
	found := make([][]Finding, len(checks))
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() { found[i] = c.findings(ctx) })
	}
	running.Wait()
	return slices.Concat(found...)
}

func (c check) findings(ctx context.Context) []Finding {
	found, err := c.run(ctx)
	if err != nil {
		found = append(found, failure(err))
	}
	if len(found) == 0 {
		found = append(found, fine(""))
	}
	for i := range found {
		found[i].Check = c.name
	}
	return found
}

// mendDeleted is for what somebody else than CloudFormation has deleted.
const mendDeleted = "take the resource out of the template, deploy, put it back, and deploy again: CloudFormation does not see that it was deleted"

// goneCodes are the errors that say that what the call names does not exist.
var goneCodes = []string{"ResourceNotFoundException", "StateMachineDoesNotExist", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}

func isGone(err error) bool {
	api, is := errors.AsType[smithy.APIError](err)
	return is && slices.Contains(goneCodes, api.ErrorCode())
}

// failure returns what it means that a check's call failed. What the stack made and
// is not there any more is a fault; otherwise nothing is known.
func failure(err error) Finding {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	if _, is := errors.AsType[*noResourceError](err); is {
		return Finding{Verdict: Unknown, Found: text, Mend: "sam build && sam deploy"}
	}
	if isGone(err) {
		return fault(text, mendDeleted)
	}
	if action := apierror.DeniedAction(err); action != "" {
		return Finding{Verdict: Unknown, Found: "access denied", Mend: "allow " + action + " to whoever runs this"}
	}
	return Finding{Verdict: Unknown, Found: text, Mend: "run it again"}
}
