package doctor

import (
	"context"

	"example.com/onboarding/statemachine/ops/internal/permission"
)

// checkPermission checks that Cognito may invoke the triggers for the pool, and not
// for any pool that somebody else made. A version or an alias of the function, if
// that is what the pool names, has a policy of its own.
func checkPermission(ctx context.Context, api permission.API, k *stack, pool poolFunc) ([]Finding, error) {
	function, firstToken := k.outputs[triggerOutput], ""
	if described, err := pool(); err == nil {
		if trigger := triggerOf(described); isOurs(k, triggerOutput, trigger) {
			function = trigger
		}
		if trigger := firstTokenOf(described); isOurs(k, firstTokenOutput, trigger) {
			firstToken = trigger
		}
	}
	found, err := checkMayInvoke(ctx, api, k, function, "the trigger", "users see an error, and nobody is onboarded")
	if err != nil || firstToken == "" {
		return found, err
	}
	more, err := checkMayInvoke(ctx, api, k, firstToken, "FirstToken", "nobody can sign in")
	return append(found, more...), err
}

// checkMayInvoke checks the permission for one function; without says what is the matter
// when there is none.
func checkMayInvoke(ctx context.Context, api permission.API, k *stack, function, name, without string) ([]Finding, error) {
	p, err := permission.For(api, function, k.poolARN())
	if err != nil {
		return nil, err
	}
	statements, err := p.Statements(ctx)
	if err != nil {
		return nil, err
	}
	target := " --function-name " + p.Function
	if p.Qualifier != nil {
		target += " --qualifier " + quote(*p.Qualifier)
	}
	add := "aws lambda add-permission --statement-id " + p.StatementID() + " --action lambda:InvokeFunction --principal " + permission.CognitoPrincipal +
		" --source-arn " + p.Pool + " --source-account " + p.Account + target
	granted := false
	for _, s := range statements {
		if allowsStrangers(s, k) {
			return []Finding{warning("the statement "+s.Sid+" lets Cognito invoke "+name+" for anybody's pool",
				add+" && aws lambda remove-permission --statement-id "+quote(s.Sid)+target)}, nil
		}
		granted = granted || s.Allows(p.Pool, p.Account)
	}
	if !granted {
		return []Finding{fault("Cognito may not invoke "+name+" for the pool: "+without, add)}, nil
	}
	return nil, nil
}

// allowsStrangers reports whether the statement is for the pools of any account.
func allowsStrangers(s permission.Statement, k *stack) bool {
	stranger := k.id
	stranger.Service, stranger.AccountID, stranger.Resource = "cognito-idp", "000000000000", "userpool/"+k.id.Region+"_Stranger0"
	return s.Allows(stranger.String(), stranger.AccountID)
}
