// Package permission reads and changes whether Cognito may invoke a function for a
// user pool.
package permission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// CognitoPrincipal is who invokes the triggers of a pool
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const CognitoPrincipal = "cognito-idp.amazonaws.com"

// API is the part of Lambda's API that permissions need.
type API interface {
	AddPermission(context.Context, *lambda.AddPermissionInput, ...func(*lambda.Options)) (*lambda.AddPermissionOutput, error)
	GetPolicy(context.Context, *lambda.GetPolicyInput, ...func(*lambda.Options)) (*lambda.GetPolicyOutput, error)
	RemovePermission(context.Context, *lambda.RemovePermissionInput, ...func(*lambda.Options)) (*lambda.RemovePermissionOutput, error)
}

// Permission is that of a pool to invoke a function.
type Permission struct {
	functions API
	// Function is the ARN without version and alias, which Qualifier has.
	Function  string
	Qualifier *string
	// Pool is the ARN of the pool, and Account its account.
	Pool, Account string
}

// For returns the permission of a pool, given by its ARN, to invoke a
// function.
func For(functions API, function, poolARN string) (Permission, error) {
	invoked, err := arn.Parse(function)
	parts := strings.Split(invoked.Resource, ":")
	if err != nil || invoked.Service != "lambda" || parts[0] != "function" || len(parts) < 2 || len(parts) > 3 {
		return Permission{}, fmt.Errorf("%q is not the ARN of a Lambda function", function)
	}
	p := Permission{functions: functions, Pool: poolARN}
	if len(parts) == 3 {
		p.Qualifier = &parts[2]
	}
	invoked.Resource = parts[0] + ":" + parts[1]
	p.Function = invoked.String()
	invoker, err := arn.Parse(poolARN)
	if err != nil {
		return Permission{}, fmt.Errorf("ARN of the user pool: %w", err)
	}
	p.Account = invoker.AccountID
	return p, nil
}

// StatementID names the statement that attach adds, and no other.
func (p Permission) StatementID() string {
	return "ops-attach-" + p.Pool[strings.LastIndex(p.Pool, "/")+1:]
}

// Read reports whether Cognito may invoke the function for the pool, and whether
// that is, at least too, by the statement that attach added.
func (p Permission) Read(ctx context.Context) (granted, byUs bool, err error) {
	statements, err := p.Statements(ctx)
	for _, s := range statements {
		granted = granted || s.Allows(p.Pool, p.Account)
		byUs = byUs || s.Sid == p.StatementID()
	}
	return granted, byUs, err
}

// Statements returns the function's policy.
func (p Permission) Statements(ctx context.Context) ([]Statement, error) {
	out, err := p.functions.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &p.Function, Qualifier: p.Qualifier})
	if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
		return nil, nil // no policy, or no function, as add will tell
	}
	if err != nil {
		return nil, fmt.Errorf("get the policy of %s: %w", p.Function, err)
	}
	var policy struct{ Statement []Statement }
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
		return nil, fmt.Errorf("decode the policy of %s: %w", p.Function, err)
	}
	return policy.Statement, nil
}

// Add adds the statement of attach.
func (p Permission) Add(ctx context.Context) error {
	_, err := p.functions.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: &p.Function, Qualifier: p.Qualifier, StatementId: aws.String(p.StatementID()),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String(CognitoPrincipal),
		SourceArn: &p.Pool, SourceAccount: &p.Account,
	})
	if err != nil {
		return fmt.Errorf("let Cognito invoke %s: %w", p.Function, err)
	}
	return nil
}

// Remove removes the statement that attach added.
func (p Permission) Remove(ctx context.Context) error {
	_, err := p.functions.RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: &p.Function, Qualifier: p.Qualifier, StatementId: aws.String(p.StatementID()),
	})
	if err != nil {
		return fmt.Errorf("remove statement %s from the policy of %s: %w", p.StatementID(), p.Function, err)
	}
	return nil
}

// Statement is one of a function's policy. A text and a list of texts mean the
// same there.
type Statement struct {
	Sid, Effect string
	Principal   any
	Action      any
	Condition   map[string]map[string]any
}

// Allows reports whether the statement lets Cognito invoke the function for the
// pool. A statement that is hard to read counts as one that does not.
func (s Statement) Allows(pool, account string) bool {
	principal, ok := s.Principal.(map[string]any)
	if !ok || s.Effect != "Allow" || !slices.Contains(texts(principal["Service"]), CognitoPrincipal) ||
		!slices.ContainsFunc(texts(s.Action), func(action string) bool { return Like(action, "lambda:InvokeFunction") }) {
		return false
	}
	actual := map[string]string{"aws:sourcearn": pool, "aws:sourceaccount": account}
	for operator, keys := range s.Condition {
		matches := Like
		switch operator {
		case "StringEquals":
			matches = func(pattern, text string) bool { return pattern == text }
		case "ArnLike", "ArnEquals", "StringLike":
		default:
			return false
		}
		for key, values := range keys {
			value, known := actual[strings.ToLower(key)]
			if !known || !slices.ContainsFunc(texts(values), func(pattern string) bool { return matches(pattern, value) }) {
				return false
			}
		}
	}
	return true
}

// Pools returns the IDs of the user pools that the statement names.
func (s Statement) Pools() []string {
	var ids []string
	for _, keys := range s.Condition {
		for key, values := range keys {
			for _, value := range texts(values) {
				if _, id, isPool := strings.Cut(value, ":userpool/"); isPool && strings.EqualFold(key, "aws:SourceArn") && !strings.ContainsAny(id, "*?") {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, texts(element)...)
		}
		return all
	}
	return nil
}

// Like matches a pattern of IAM, with * and ?.
func Like(pattern, text string) bool {
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + quoted + "$").MatchString(text)
}
