// Package metrics makes log lines count: it returns the attributes from which
// CloudWatch extracts metrics, in its embedded metric format. So a metric costs a
// function no call, no permission and no time.
//
// All metrics are in the namespace Onboarding and have the dimension Stack, the
// stack's name: two stacks may share an account.
//
//	metric          unit          further dimensions     counts                                     at most
//	Confirmations   Count                                sign-ups that the trigger understood       1
//	StartsDeferred  Count                                starts that the trigger put into the queue 1
//	StartsLost      Count                                starts that not even the queue took        1
//	DeferredStarts  Count                                of those, made by now, or found made       1
//	UsersFound      Count                                users whose onboarding the sweep started   1
//	MailsSentAgain  Count                                mails that SES left without an answer      1
//	MailsSent …     Count                                mails of which SES told so: see Counters   7
//	StepsEnded      Count         State, Status, Reason  attempts that ended well                   1 a step, and 1 a reason
//	SinceConfirmed  Milliseconds  State, Status, Reason  from the execution's start to that end     1 a step, and 1 a reason
//	StepFailures    Count         State, ErrorType       attempts that returned an error            6 a step
//
// State is the state's name, Status and Reason are those of the step's outcome
// (Reason is "none" for a step that was done), ErrorType is what the definition's
// Retry fields match. All are constants of this project, so none can be personal
// data. An attempt that crashed or timed out wrote no line: Lambda's own metrics
// have it.
//
// Metrics count what happened, not users: Cognito may repeat a confirmation, a step
// that is done twice counts twice, and CloudWatch itself extracts a value at least
// once. SinceConfirmed starts with the execution, milliseconds after the
// confirmation, unless the start was deferred, or made by backfill.
//
// # Cost
//
// Each combination of name and dimension values is a metric of its own, for $0.30
// a month, less if it had values in some hours only; an account has ten for free
// (https://aws.amazon.com/cloudwatch/pricing/). Here they are at most 13, and for each
// step 8, and 2 more for each reason for which it may skip: it ends done or with one of
// the reasons, both counted and timed, and fails with one of six types of error; the one
// that sends mail has a seventh. A stack in which all goes well has 3, and 2 a step. So
// nothing is there that can be had from another one: the total of a state is the sum of
// its outcomes, and no metric is kept for it.
//
// # Sources
//
// The format, and its limits of 100 metrics and 30 dimensions a set:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
// Lambda hands a line that is JSON already to CloudWatch as it is, with the log
// format JSON too:
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html.
// It drops lines below the log level, metrics or not, so the template offers no
// level above INFO:
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.
package metrics

import (
	"encoding/json"
	"log/slog"
	"time"

	"example.com/onboarding/statemachine"
)

// Counter is a metric that has no dimension but the stack.
type Counter string

// The counters.
const (
	Confirmations  Counter = "Confirmations"
	StartsDeferred Counter = "StartsDeferred"
	StartsLost     Counter = "StartsLost"
	DeferredStarts Counter = "DeferredStarts"
	// UsersFound leaves out whom the sweep started again.
	UsersFound Counter = "UsersFound"
	// MailsSentAgain may be second mails.
	MailsSentAgain Counter = "MailsSentAgain"

	// What SES tells of mails: see record.Fate.
	MailsSent      Counter = "MailsSent"
	MailsDelayed   Counter = "MailsDelayed"
	MailsDelivered Counter = "MailsDelivered"
	MailsRejected  Counter = "MailsRejected"
	// MailsBounced leaves out MailsReturned: bounces that are not permanent.
	MailsBounced    Counter = "MailsBounced"
	MailsReturned   Counter = "MailsReturned"
	MailsComplained Counter = "MailsComplained"
)

// Counters has all of them.
var Counters = []Counter{
	Confirmations, StartsDeferred, StartsLost, DeferredStarts, UsersFound, MailsSentAgain,
	MailsSent, MailsDelayed, MailsDelivered, MailsRejected, MailsBounced, MailsReturned, MailsComplained,
}

// Stack makes the metrics of one stack.
type Stack struct {
	Name string
	Now  func() time.Time
}

// Count returns the attributes of a line that counts one in each counter.
func (s Stack) Count(counters ...Counter) []slog.Attr {
	metrics := make([]metric, len(counters))
	for i, c := range counters {
		metrics[i] = count(string(c))
	}
	return s.embed(metrics)
}

// StepEnded returns the attributes of the line of a step that ended well, in an
// execution that started at that time.
func (s Stack) StepEnded(state string, o statemachine.Outcome, started time.Time) []slog.Attr {
	metrics := []metric{count("StepsEnded")}
	if !started.IsZero() { // no task of Step Functions is without it
		since := max(0, s.Now().Sub(started).Milliseconds()) // two clocks
		metrics = append(metrics, metric{"SinceConfirmed", "Milliseconds", since})
	}
	reason := string(o.Reason)
	if reason == "" {
		reason = "none" // a dimension cannot be empty
	}
	return s.embed(metrics, slog.String("State", state), slog.String("Status", string(o.Status)), slog.String("Reason", reason))
}

// StepFailed returns the attributes of the line of a step that returned an error of
// that type.
func (s Stack) StepFailed(state, errorType string) []slog.Attr {
	return s.embed([]metric{count("StepFailures")}, slog.String("State", state), slog.String("ErrorType", errorType))
}

type metric struct {
	name, unit string
	value      int64
}

func count(name string) metric { return metric{name, "Count", 1} }

// embed returns values, dimensions and the directive that says which are which.
// Names and units need no escapes, so the directive is not worth a marshaller: the
// trigger logs while Cognito waits.
func (s Stack) embed(metrics []metric, dimensions ...slog.Attr) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(metrics)+len(dimensions)+2)
	directive := append(make([]byte, 0, 256), `[{"Namespace":"Onboarding","Dimensions":[["Stack"`...)
	for _, d := range dimensions {
		directive = append(directive, `,"`+d.Key+`"`...)
	}
	directive = append(directive, `]],"Metrics":[`...)
	for i, m := range metrics {
		if i > 0 {
			directive = append(directive, ',')
		}
		directive = append(directive, `{"Name":"`+m.name+`","Unit":"`+m.unit+`"}`...)
		attrs = append(attrs, slog.Int64(m.name, m.value))
	}
	directive = append(directive, `]}]`...)
	attrs = append(append(attrs, slog.String("Stack", s.Name)), dimensions...)
	return append(attrs, slog.Group("_aws",
		slog.Int64("Timestamp", s.Now().UnixMilli()), slog.Any("CloudWatchMetrics", json.RawMessage(directive))))
}
