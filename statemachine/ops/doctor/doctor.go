package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/ops/internal/session"
)

const mendRules = "correct the parameter GroupRules, try it with go run ./statemachine/ops doctor --group-rules JSON, and deploy it"

// Command is the command doctor.
type Command struct {
	Stack      string `placeholder:"NAME" help:"Name of the stack to check."`
	GroupRules string `placeholder:"JSON|@FILE" help:"Check this value for the parameter GroupRules, and nothing else. It needs no AWS account."`
	JSON       bool   `name:"json" help:"Print one JSON document instead of tables."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It only reads. Each check is ok, a warning, a fault, or could not be done; for all but the first it says what was found and how to mend it. A fault loses mails, or stops executions, or will; a warning is worth a look.

The exit code is 0 when there are at most warnings, 2 when there are faults or checks that could not be done, and 1 when the stack could not be read.`
}

// Validate implements kong's check of the flags.
func (c Command) Validate() error {
	if (c.Stack == "") == (c.GroupRules == "") {
		return errors.New("give either --stack or --group-rules")
	}
	return nil
}

// Run makes the checks and prints what they found.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	checks, err := c.checks(ctx, s)
	if err != nil {
		return err
	}
	report := Report{Stack: c.Stack, Findings: runChecks(ctx, checks)}
	if err := session.Ended(ctx); err != nil {
		return err
	}
	report.count()
	if c.JSON {
		s.PrintJSON(report)
	} else {
		report.print(s)
	}
	if report.needsAttention() {
		return session.ErrAttention
	}
	return nil
}

func (c Command) checks(ctx context.Context, s *session.Session) ([]check, error) {
	if c.GroupRules == "" {
		k, err := readStack(ctx, s, c.Stack)
		if err != nil {
			return nil, err
		}
		return stackChecks(ctx, s, k), nil
	}
	text := c.GroupRules
	if name, isFile := strings.CutPrefix(text, "@"); isFile {
		content, err := os.ReadFile(name) //nolint:gosec // the operator names the file
		if err != nil {
			return nil, fmt.Errorf("read the group rules: %w", err)
		}
		text = string(content)
	}
	return []check{{"group rules", func(context.Context) ([]Finding, error) {
		return checkRules(text, "correct it before you deploy it"), nil
	}}}, nil
}

// stackChecks returns the checks of a stack, along the way of a user: from the pool
// to what becomes of its events. A check that is about a state is passed over where
// that state is not deployed.
func stackChecks(ctx context.Context, s *session.Session, k *stack) []check {
	users, functions := cognitoidentityprovider.NewFromConfig(s.Config), lambda.NewFromConfig(s.Config)
	queues, machines := sqs.NewFromConfig(s.Config), sfn.NewFromConfig(s.Config)
	mail, pool := sesv2.NewFromConfig(s.Config), describePool(ctx, users, k.outputs["UserPoolId"])
	clients := describeClients(ctx, users, k.outputs["UserPoolId"])
	started := startedDefinitions(ctx, machines, k)
	return []check{
		{"stack", func(context.Context) ([]Finding, error) { return checkStatus(k), nil }},
		{"tables", func(ctx context.Context) ([]Finding, error) {
			return checkTables(ctx, dynamodb.NewFromConfig(s.Config), k)
		}},
		{"trigger", func(context.Context) ([]Finding, error) { return checkTrigger(k, pool) }},
		{"pool mail", func(context.Context) ([]Finding, error) { return checkPoolMail(k, pool) }},
		{"permission", func(ctx context.Context) ([]Finding, error) { return checkPermission(ctx, functions, k, pool) }},
		{"former pools", func(ctx context.Context) ([]Finding, error) { return checkFormerPools(ctx, functions, users, k) }},
		{"functions", func(ctx context.Context) ([]Finding, error) { return checkFunctions(ctx, functions, k, started) }},
		{"concurrency", func(ctx context.Context) ([]Finding, error) { return checkConcurrency(ctx, functions, k) }},
		{"deferred starts", func(ctx context.Context) ([]Finding, error) { return checkDeferred(ctx, queues, k) }},
		{"dead letters", func(ctx context.Context) ([]Finding, error) { return checkDeadLetters(ctx, queues, k) }},
		{"queue mapping", func(ctx context.Context) ([]Finding, error) { return checkMapping(ctx, functions, k) }},
		{"definition", func(context.Context) ([]Finding, error) { return checkDefinition(k, started) }},
		{"state machine", func(ctx context.Context) ([]Finding, error) { return checkMachine(ctx, machines, k) }},
		{"executions", func(ctx context.Context) ([]Finding, error) { return checkExecutions(ctx, machines, k, s.Now()) }},
		{"expired", func(ctx context.Context) ([]Finding, error) {
			return checkExpired(ctx, expiredAPI{machines, dynamodb.NewFromConfig(s.Config), users}, k, s.Now())
		}},
		{"sweep", func(ctx context.Context) ([]Finding, error) { return checkSweep(ctx, machines, k, s.Now()) }},
		{"groups", started.of("AddUserToGroup", func(ctx context.Context) ([]Finding, error) { return checkGroupsExist(ctx, users, k, pool) })},
		{"group rules", started.of("AddUserToGroup", func(context.Context) ([]Finding, error) { return checkRules(k.groupRules(), mendRules), nil })},
		{"rule attributes", started.of("AddUserToGroup", func(context.Context) ([]Finding, error) { return checkAttributes(k, pool, clients) })},
		{"app clients", func(context.Context) ([]Finding, error) { return checkVerified(k, pool, clients) }},
		{"identity providers", started.of("SendWelcomeEmail", func(ctx context.Context) ([]Finding, error) {
			return checkProviders(ctx, users, k, pool)
		})},
		{"sender", started.of("SendWelcomeEmail", func(ctx context.Context) ([]Finding, error) {
			return checkSender(ctx, mail, k.parameters["SenderEmail"])
		})},
		{"authentication", started.of("SendWelcomeEmail", func(ctx context.Context) ([]Finding, error) { return checkAuthentication(ctx, mail, k) })},
		{"mail receipts", started.of("SendWelcomeEmail", func(ctx context.Context) ([]Finding, error) { return checkReceipts(ctx, mail, k) })},
		{"SES account", started.of("SendWelcomeEmail", func(ctx context.Context) ([]Finding, error) { return checkAccount(ctx, mail, k) })},
		{"event rules", func(ctx context.Context) ([]Finding, error) {
			return checkEvents(ctx, eventbridge.NewFromConfig(s.Config), k)
		}},
		{"undelivered events", func(ctx context.Context) ([]Finding, error) { return checkUndelivered(ctx, queues, k) }},
		{"alarms", func(ctx context.Context) ([]Finding, error) {
			return checkAlarmMails(ctx, sns.NewFromConfig(s.Config), k)
		}},
	}
}

// poolFunc returns the description of the user pool.
type poolFunc func() (*types.UserPoolType, error)

// describePool describes the pool once, for all the checks that need it.
func describePool(ctx context.Context, api describePoolAPI, id string) poolFunc {
	return sync.OnceValues(func() (*types.UserPoolType, error) {
		out, err := api.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &id})
		if err != nil {
			return nil, fmt.Errorf("describe user pool: %w", err)
		}
		return out.UserPool, nil
	})
}
