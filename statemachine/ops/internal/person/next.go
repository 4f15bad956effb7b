package person

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

// Action is what brings a user's onboarding to its end.
type Action string

// The actions.
const (
	// Nothing is to be done by an operator, or can be.
	Nothing Action = "nothing"
	// Start the first execution.
	Start Action = "start"
	// Redrive the execution that stopped.
	Redrive Action = "redrive"
	// StartAgain starts an execution for a cause.
	StartAgain Action = "start again"
	// Forget what is left of a user who was deleted.
	Forget Action = "forget"
)

// Next is what is to be done next for a user, and why.
type Next struct {
	Action Action `json:"action"`
	Why    string `json:"why"`
	// Done says that the user has all that there is to be given.
	Done bool `json:"done"`
	// Runs says that an execution is giving it.
	Runs bool `json:"runs"`
	// Execution is the one to redrive.
	Execution execution.Execution `json:"-"`
	// Cause is that of an execution to start again; empty if the first one's name is
	// free again, because Step Functions has forgotten it.
	Cause string `json:"-"`
}

// Next returns what is to be done next.
func (p *Person) Next() Next {
	if next, decided := p.nextInPool(); decided {
		return next
	}
	if last, ok := p.last(); ok {
		switch {
		case last.Status == types.ExecutionStatusRunning:
			return Next{Action: Nothing, Why: "the execution " + last.Name + " runs, and is at " + last.State, Runs: true}
		case last.Stopped() && !p.Record.OnboardedAt.After(last.StopDate):
			return afterStop(last)
		}
	}
	if next, waits := p.waiting(); waits {
		return next
	}
	switch {
	case p.Record.Onboarded():
		return Next{Action: Nothing, Why: "the user is onboarded", Done: true}
	case p.Record.Exists():
		return Next{Action: StartAgain, Why: "the onboarding did not come to its end, and Step Functions does not know its execution any more"}
	case len(p.Executions) > 0:
		return Next{Action: Nothing, Why: "the user is onboarded, by an execution from before there were records", Done: true}
	}
	return Next{Action: Start, Why: "the user is confirmed, and no onboarding was started"}
}

// nextInPool decides for users who cannot be onboarded.
func (p *Person) nextInPool() (Next, bool) {
	switch {
	case p.User == nil && (p.HasProfile || p.Record.Exists()):
		return Next{Action: Forget, Why: "the user is not in the pool any more"}, true
	case p.User == nil:
		return Next{Action: Nothing, Why: "the user is not in the pool, and has neither profile nor record"}, true
	case !p.User.Enabled:
		return Next{Action: Nothing, Why: "the user is disabled"}, true
	case !p.User.Confirmed():
		return Next{Action: Nothing, Why: "the user is not confirmed: " + string(p.User.Status)}, true
	}
	return Next{}, false
}

func afterStop(e execution.Execution) Next {
	why := fmt.Sprintf("the execution %s %s at %s with %s", e.Name, e.Status, e.State, e.Error)
	if e.NotRedrivable == "" {
		return Next{Action: Redrive, Why: why, Execution: e}
	}
	return Next{Action: StartAgain, Why: why + ", and cannot be redriven any more", Cause: start.CauseStopped(e.Name, e.StopDate)}
}

// last returns the execution that was started last.
func (p *Person) last() (execution.Execution, bool) {
	if len(p.Executions) == 0 {
		return execution.Execution{}, false
	}
	return p.Executions[len(p.Executions)-1], true
}

// waiting decides for a user who has been through all steps, of which one was skipped
// until something comes true. Of several for which that is so it takes the latest one.
func (p *Person) waiting() (next Next, waits bool) {
	var last time.Time
	for _, state := range slices.Sorted(maps.Keys(p.Record.Steps)) {
		s := p.Record.Steps[state]
		if !p.Record.Onboarded() || s.Status != statemachine.StatusSkipped || s.Until == "" {
			continue
		}
		why := fmt.Sprintf("%s was skipped: %s", state, s.Reason)
		unverified := p.User.Email == "" || !p.User.Verified
		switch {
		case s.Until == statemachine.UntilVerified && unverified:
			if !waits {
				next = Next{Action: Nothing, Why: why + "; that goes on when the user has a verified address"}
			}
		case !s.At.Before(last):
			last = s.At
			next = Next{Action: StartAgain, Why: why + ", and that has passed", Cause: start.CauseSkipped(state, s.Reason, s.At)}
		}
		waits = true
	}
	return next, waits
}

// MailState is the name of the state that sends the welcome mail.
const MailState = "SendWelcomeEmail"

// The reason of SendWelcomeEmail for which nobody can tell whether there was a mail.
const deliveryUnknown statemachine.Reason = "delivery unknown"

// MailUnknown reports whether nobody can tell if the welcome mail was sent.
func (p *Person) MailUnknown(now time.Time) bool {
	step, ended := p.Record.Steps[MailState]
	if ended || p.Record.MessageID != "" {
		return p.Record.MessageID == "" && step.Reason == deliveryUnknown
	}
	return p.Record.Attempt != "" && !now.Before(p.Deadline)
}

// Mail says what became of the welcome mail.
func (p *Person) Mail(now time.Time) string {
	step, ended := p.Record.Steps[MailState]
	if fate, told := p.Record.Mail.Fate(); told {
		return describe(fate)
	}
	switch {
	case p.MailUnknown(now):
		return "unknown: an attempt may have sent it"
	case p.Record.MessageID != "" || step.Status == statemachine.StatusDone:
		return "sent"
	case ended:
		return "not sent: " + string(step.Reason)
	case p.Record.Attempt != "":
		return "being sent"
	}
	return "not sent yet"
}

// fates are what became of a mail, in words.
var fates = map[record.Fate]string{
	record.Sent: "sent", record.Delayed: "sent, and delayed", record.Returned: "returned", record.Delivered: "delivered",
	record.Rejected: "rejected by SES, for a virus", record.Bounced: "bounced", record.Complained: "marked as spam",
}

// describe says what became of a mail, and when.
func describe(r record.Receipt) string {
	text := fates[r.Fate] + " " + r.At.UTC().Format("2006-01-02 15:04:05Z")
	if r.Bounce != "" {
		text += ": " + r.Bounce
	}
	return text
}
