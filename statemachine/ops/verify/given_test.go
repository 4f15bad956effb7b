package verify

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

type describeMachine string

func (d describeMachine) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return &sfn.DescribeStateMachineOutput{Definition: aws.String(string(d))}, nil
}

func TestUserMustHaveAllThatThereIs(t *testing.T) {
	member := &person.Person{User: &person.User{Groups: []string{"members"}}, HasProfile: true}
	other := &person.Person{User: &person.User{Groups: []string{"staff"}}}
	for name, test := range map[string]struct {
		run  func() (string, error)
		want string
	}{
		"in the group":     {func() (string, error) { return checkMembership(member, "members") }, "ok: groups members"},
		"not in the group": {func() (string, error) { return checkMembership(other, "members") }, `FAILED: the user is in the groups ["staff"]`},
		"not in the pool":  {func() (string, error) { return checkMembership(&person.Person{}, "members") }, "FAILED: the pool"},
		"a profile":        {func() (string, error) { return checkProfile(member) }, "ok"},
		"no profile":       {func() (string, error) { return checkProfile(other) }, "FAILED: the profile table"},
	} {
		want(t, name, outcome(t, func(context.Context) (string, error) { return test.run() }), test.want)
	}
}

func TestRecordMustHaveEachStateAsDone(t *testing.T) {
	done, skipped := record.Step{Status: statemachine.StatusDone}, record.Step{Status: statemachine.StatusSkipped, Reason: "no reason"}
	at := time.Unix(1, 0)
	for name, test := range map[string]struct {
		record record.Record
		want   string
	}{
		"all done":  {record.Record{Steps: map[string]record.Step{"A": done, "B": done}, OnboardedAt: at}, "ok: 2 steps done"},
		"one lacks": {record.Record{Steps: map[string]record.Step{"A": done}, OnboardedAt: at}, "FAILED: the record does not have B"},
		"skipped":   {record.Record{Steps: map[string]record.Step{"A": done, "B": skipped}, OnboardedAt: at}, "FAILED: B is skipped: no reason"},
		"no end":    {record.Record{Steps: map[string]record.Step{"A": done, "B": done}}, "FAILED: the record does not have the end"},
		"none":      {record.Record{}, "FAILED: the record does not have A"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkRecord(ctx, describeMachine(`{"States": {"A": {}, "B": {}}}`), "machine", &person.Person{Record: test.record})
		}), test.want)
	}
}
