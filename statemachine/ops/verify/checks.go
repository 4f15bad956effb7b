package verify

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"example.com/onboarding/statemachine/ops/internal/definition"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

// early are the checks of what must be at once.
func (r *run) early(client string, u user) []check {
	group := r.stack.parameters["DefaultGroup"]
	return []check{
		{"first token", func(ctx context.Context) (string, error) {
			if r.stack.parameters["FirstToken"] == "off" {
				return "", uncheckedError("the stack has FirstToken=off")
			}
			return checkFirstToken(ctx, r.pool.api, r.pool.id, client, u, group)
		}},
		{"execution", func(ctx context.Context) (string, error) {
			return checkExecution(ctx, r.machine, execution.ARN(r.stack.Machine, u.sub), onboards)
		}},
	}
}

// given are the checks of what the user has then. One that is about a step is passed over
// where the stack does not have what the step needs.
func (r *run) given(p *person.Person) []check {
	var checks []check
	if r.stack.physical("AddUserToGroupFunction") != "" {
		checks = append(checks, check{"group", func(context.Context) (string, error) {
			return checkMembership(p, r.stack.parameters["DefaultGroup"])
		}})
	}
	if r.stack.Profiles != "" {
		checks = append(checks, check{"profile", func(context.Context) (string, error) { return checkProfile(p) }})
	}
	checks = append(checks, check{"record", func(ctx context.Context) (string, error) {
		return checkRecord(ctx, r.machine, r.stack.Machine, p)
	}})
	if r.stack.physical(person.MailState+"Function") != "" {
		checks = append(checks, check{"mail receipt", func(ctx context.Context) (string, error) {
			records := record.Table{API: dynamodb.NewFromConfig(r.s.Config), Name: r.stack.Records}
			return checkReceipt(ctx, records, p, patience{r.late.wait, time.Second})
		}})
	}
	return checks
}

// later are the checks of what AWS shows late, and of what has no need of the first user.
func (r *run) later(first, second user) []check {
	k, metrics, roles := r.stack, cloudwatch.NewFromConfig(r.s.Config), iam.NewFromConfig(r.s.Config)
	firstARN, secondARN := execution.ARN(k.Machine, first.sub), execution.ARN(k.Machine, second.sub)
	var checks []check
	if group := k.outputs["AnalyticsLogGroupName"]; group != "" {
		checks = append(checks, check{"event", func(ctx context.Context) (string, error) {
			return checkEvent(ctx, cloudwatchlogs.NewFromConfig(r.s.Config), group, first.sub, r.since, r.late)
		}})
	}
	return append(checks, []check{
		{"metric of alarms", func(ctx context.Context) (string, error) {
			return checkDimensions(ctx, metrics, slices.Sorted(maps.Values(k.ofType("AWS::CloudWatch::Alarm"))), k.Machine, r.since, r.late)
		}},
		{"trace", func(ctx context.Context) (string, error) {
			functions, err := r.functions(ctx)
			if err != nil {
				return "", err
			}
			return checkTrace(ctx, traces{r.machine, xray.NewFromConfig(r.s.Config)}, firstARN, functions, r.late)
		}},
		{"stop and redrive", func(ctx context.Context) (string, error) {
			if err := r.pool.confirm(ctx, second); err != nil {
				return "", err
			}
			return checkRedrive(ctx, r.machine, secondARN, func(ctx context.Context) error {
				return redriveOne(ctx, r.s, k.Machine, secondARN)
			}, onboards)
		}},
		{"test alarm", func(ctx context.Context) (string, error) {
			if !r.alarm {
				return "", uncheckedError("--no-alarm")
			}
			return checkAlarm(ctx, metrics, k.physical(testedAlarm), r.late)
		}},
		{"roles", func(ctx context.Context) (string, error) {
			return checkRoles(ctx, roles, k.ofType("AWS::IAM::Role"), k.roleARN, k.forbidden())
		}},
	}...)
}

// functions returns the names of the functions that an onboarding passes through.
func (r *run) functions(ctx context.Context) ([]string, error) {
	states, err := definition.States(ctx, r.machine, r.stack.Machine)
	if err != nil {
		return nil, err
	}
	names := []string{r.stack.physical("TriggerFunction")}
	for _, state := range states {
		if name := r.stack.physical(state + "Function"); name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}
