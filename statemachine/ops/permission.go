package main

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

// cognitoPrincipal is who invokes the triggers of a pool
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const cognitoPrincipal = "cognito-idp.amazonaws.com"

// permission is that of a pool to invoke a function.
type permission struct {
	functions permissionsAPI
	// function is the ARN without version and alias, which qualifier has.
	function  string
	qualifier *string
	pool      string
	account   string
}

// permissionFor returns the permission of a pool, given by its ARN, to invoke a
// function.
func (s *session) permissionFor(function, poolARN string) (permission, error) {
	invoked, err := arn.Parse(function)
	parts := strings.Split(invoked.Resource, ":")
	if err != nil || invoked.Service != "lambda" || parts[0] != "function" || len(parts) < 2 || len(parts) > 3 {
		return permission{}, fmt.Errorf("%q is not the ARN of a Lambda function", function)
	}
	p := permission{functions: s.functions, pool: poolARN}
	if len(parts) == 3 {
		p.qualifier = &parts[2]
	}
	invoked.Resource = parts[0] + ":" + parts[1]
	p.function = invoked.String()
	invoker, err := arn.Parse(poolARN)
	if err != nil {
		return permission{}, fmt.Errorf("ARN of the user pool: %w", err)
	}
	p.account = invoker.AccountID
	return p, nil
}

// statementID names the statement that attach adds, and no other.
func (p permission) statementID() string {
	return "ops-attach-" + p.pool[strings.LastIndex(p.pool, "/")+1:]
}

// read reports whether Cognito may invoke the function for the pool, and whether
// that is, at least too, by the statement that attach added.
func (p permission) read(ctx context.Context) (granted, byUs bool, err error) {
	statements, err := p.statements(ctx)
	for _, s := range statements {
		granted = granted || s.allows(p.pool, p.account)
		byUs = byUs || s.Sid == p.statementID()
	}
	return granted, byUs, err
}

// statements returns the function's policy.
func (p permission) statements(ctx context.Context) ([]statement, error) {
	out, err := p.functions.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &p.function, Qualifier: p.qualifier})
	if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
		return nil, nil // no policy, or no function, as add will tell
	}
	if err != nil {
		return nil, fmt.Errorf("get the policy of %s: %w", p.function, err)
	}
	var policy struct{ Statement []statement }
	if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
		return nil, fmt.Errorf("decode the policy of %s: %w", p.function, err)
	}
	return policy.Statement, nil
}

func (p permission) add(ctx context.Context) error {
	_, err := p.functions.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: &p.function, Qualifier: p.qualifier, StatementId: aws.String(p.statementID()),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String(cognitoPrincipal),
		SourceArn: &p.pool, SourceAccount: &p.account,
	})
	if err != nil {
		return fmt.Errorf("let Cognito invoke %s: %w", p.function, err)
	}
	return nil
}

// remove removes the statement that attach added.
func (p permission) remove(ctx context.Context) error {
	_, err := p.functions.RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: &p.function, Qualifier: p.qualifier, StatementId: aws.String(p.statementID()),
	})
	if err != nil {
		return fmt.Errorf("remove statement %s from the policy of %s: %w", p.statementID(), p.function, err)
	}
	return nil
}

// statement is one of a function's policy. A text and a list of texts mean the
// same there.
type statement struct {
	Sid, Effect string
	Principal   any
	Action      any
	Condition   map[string]map[string]any
}

// allows reports whether the statement lets Cognito invoke the function for the
// pool. A statement that is hard to read counts as one that does not.
func (s statement) allows(pool, account string) bool {
	principal, ok := s.Principal.(map[string]any)
	if !ok || s.Effect != "Allow" || !slices.Contains(texts(principal["Service"]), cognitoPrincipal) ||
		!slices.ContainsFunc(texts(s.Action), func(action string) bool { return like(action, "lambda:InvokeFunction") }) {
		return false
	}
	actual := map[string]string{"aws:sourcearn": pool, "aws:sourceaccount": account}
	for operator, keys := range s.Condition {
		matches := like
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

// like matches a pattern of IAM, with * and ?.
func like(pattern, text string) bool {
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + quoted + "$").MatchString(text)
}
