// Package resend sends a user's welcome mail once more, on purpose.
package resend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/definition"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

// Command is the command resend.
type Command struct {
	person.Flags

	Yes    bool `help:"Do not ask."`
	DryRun bool `help:"Say what would be done, and do nothing."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It takes out of the user's record how SendWelcomeEmail ended and what is known of its mail, and starts the onboarding again: the steps that the record has as done are not done again. Broken off in between, it is run again and goes on. The mail may be the user's second one.`
}

// Report is what resend prints as JSON.
type Report struct {
	User   string `json:"user"`
	DryRun bool   `json:"dryRun"`
	// Mail is what was known of the former one.
	Mail string `json:"mail"`
	// Execution is the name of the one that sends the mail.
	Execution string `json:"execution"`
	// Started says that it was started now, and not before.
	Started bool `json:"started"`
}

// Run sends the mail again.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, p, err := c.Open(ctx, s)
	if err != nil {
		return err
	}
	executions := sfn.NewFromConfig(s.Config)
	states, err := definition.States(ctx, executions, k.Machine)
	if err != nil {
		return err
	}
	if !slices.Contains(states, person.MailState) {
		return fmt.Errorf("the deployed definition has no state %s: there is no mail to send again", person.MailState)
	}
	cause, begun, err := causeOf(p, s.Now())
	if err != nil {
		return err
	}
	r := Report{User: p.Key, DryRun: c.DryRun, Mail: p.Mail(s.Now()), Execution: p.Input().ExecutionName(cause)}
	if c.DryRun {
		c.print(s, r)
		return session.ErrAttention
	}
	if !c.Yes {
		if err := s.Confirm(ctx, fmt.Sprintf("Mail the user %s again? The former mail: %s.", p.Key, r.Mail)); err != nil {
			return err
		}
	}
	if !begun {
		if err := forgetMail(ctx, dynamodb.NewFromConfig(s.Config), k.Records, p, cause, s.Now()); err != nil {
			return err
		}
	}
	if r.Started, err = start.Again(ctx, executions, k.Alias, p.Input(), cause); err != nil {
		return fmt.Errorf("the record is ready for another mail, and the execution was not started; run the same command again: %w", err)
	}
	c.print(s, r)
	return nil
}

func (c Command) print(s *session.Session, r Report) {
	switch {
	case c.JSON:
		s.PrintJSON(r)
	case r.DryRun:
		fmt.Fprintf(s.Stdout, "dry run: user %s would be mailed again by the execution %s; the former mail: %s\n", r.User, r.Execution, r.Mail)
	case r.Started:
		fmt.Fprintf(s.Stdout, "user %s: started the execution %s, which sends the mail\n", r.User, r.Execution)
	default:
		fmt.Fprintf(s.Stdout, "user %s: the execution %s was started before\n", r.User, r.Execution)
	}
}

// causeOf returns the cause for which the mail is sent again: what is known of the
// former one, so that nobody sends it twice for the same. A resend that has begun has
// taken that out of the record and left the cause.
func causeOf(p *person.Person, now time.Time) (cause string, begun bool, err error) {
	step, ended := p.Record.Steps[person.MailState]
	former := cmp.Or(p.Record.MessageID, p.Record.Attempt, step.Execution)
	next := p.Next()
	switch {
	case p.User == nil:
		return "", false, errors.New("the user is not in the pool any more: there is nobody to mail")
	case next.Runs:
		return "", false, errors.New(next.Why + ": wait for its end")
	case !p.CanSignIn():
		return "", false, errors.New(next.Why)
	case p.User.Email == "" || !p.User.Verified:
		return "", false, errors.New("the user has no verified mail address, so that none would be sent")
	case former == "" && p.Resend != "" && len(p.Executions) > 0 && next.Action != person.Nothing:
		return "", false, errors.New(next.Why + ": run ops onboard for this user")
	case former == "" && p.Resend != "":
		return p.Resend, true, nil
	case former == "":
		return "", false, errors.New("no mail was sent yet: run ops onboard for this user")
	case !ended && p.Record.MessageID == "" && now.Before(p.Deadline):
		return "", false, errors.New("the mail is being sent: run ops user for this user in a minute")
	}
	return "resend after " + former, false, nil
}

type updateAPI interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// forgetMail takes the mail out of the record, if the record is still as it was read,
// and leaves the cause there in the same write.
func forgetMail(ctx context.Context, api updateAPI, table string, p *person.Person, cause string, now time.Time) error {
	in := &dynamodb.UpdateItemInput{
		TableName: &table, Key: record.KeyOf(p.Key),
		ExpressionAttributeNames:  map[string]string{"#mail": person.MailState},
		ExpressionAttributeValues: map[string]types.AttributeValue{":cause": text(cause), ":now": &types.AttributeValueMemberN{Value: strconv.FormatInt(now.UnixMilli(), 10)}},
	}
	update := "REMOVE #mail, " + strings.Join(record.MailMembers(), ", ") + " SET resend = :cause"
	conditions := []string{"(attribute_not_exists(deadline) OR deadline <= :now OR attribute_exists(messageId) OR attribute_exists(#mail))"}
	for _, m := range []struct{ path, value string }{
		{"messageId", p.Record.MessageID}, {"attempt", p.Record.Attempt}, {"#mail.execution", p.Record.Steps[person.MailState].Execution},
	} {
		if m.value == "" {
			conditions = append(conditions, "attribute_not_exists("+m.path+")")
			continue
		}
		name := fmt.Sprintf(":v%d", len(in.ExpressionAttributeValues))
		in.ExpressionAttributeValues[name] = text(m.value)
		conditions = append(conditions, m.path+" = "+name)
	}
	in.UpdateExpression, in.ConditionExpression = &update, aws.String(strings.Join(conditions, " AND "))
	_, err := api.UpdateItem(ctx, in)
	if _, changed := errors.AsType[*types.ConditionalCheckFailedException](err); changed {
		return errors.New("the record changed meanwhile, so nothing was done: look at it with ops user, and run the same command again")
	}
	if err != nil {
		return fmt.Errorf("update the record: %w", err)
	}
	return nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
