package main

import "context"

// checkPermission checks that Cognito may invoke the trigger for the pool, and not
// for any pool that somebody else made. A version or an alias of the function, if
// that is what the pool names, has a policy of its own.
func checkPermission(ctx context.Context, s *session, k *stack, pool poolFunc) ([]finding, error) {
	function := k.outputs["TriggerFunctionArn"]
	if described, err := pool(); err == nil && isOurs(k, triggerOf(described)) {
		function = triggerOf(described)
	}
	p, err := s.permissionFor(function, k.poolARN())
	if err != nil {
		return nil, err
	}
	statements, err := p.statements(ctx)
	if err != nil {
		return nil, err
	}
	target := " --function-name " + p.function
	if p.qualifier != nil {
		target += " --qualifier " + quote(*p.qualifier)
	}
	add := "aws lambda add-permission --statement-id " + p.statementID() + " --action lambda:InvokeFunction --principal " + cognitoPrincipal +
		" --source-arn " + p.pool + " --source-account " + p.account + target
	granted := false
	for _, s := range statements {
		if s.allowsStrangers(k) {
			return []finding{warning("the statement "+s.Sid+" lets Cognito invoke the trigger for anybody's pool",
				add+" && aws lambda remove-permission --statement-id "+quote(s.Sid)+target)}, nil
		}
		granted = granted || s.allows(p.pool, p.account)
	}
	if !granted {
		return []finding{fault("Cognito may not invoke the trigger for the pool: users see an error, and nobody is onboarded", add)}, nil
	}
	return nil, nil
}

// allowsStrangers reports whether the statement is for the pools of any account.
func (s statement) allowsStrangers(k *stack) bool {
	stranger := k.id
	stranger.Service, stranger.AccountID, stranger.Resource = "cognito-idp", "000000000000", "userpool/"+k.id.Region+"_Stranger0"
	return s.allows(stranger.String(), stranger.AccountID)
}
