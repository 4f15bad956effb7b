package permission

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

func TestStatementsThatLetCognitoInvoke(t *testing.T) {
	for _, test := range []struct {
		name, statement string
		want            bool
	}{
		{"the template's", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"AWS:SourceAccount":"123456789012"},"ArnLike":{"AWS:SourceArn":"POOL"}}}`, true},
		{"lists", `{"Effect":"Allow","Principal":{"Service":["a.amazonaws.com","cognito-idp.amazonaws.com"]},"Action":["lambda:InvokeFunction"],"Condition":{"ArnEquals":{"aws:SourceArn":["x","POOL"]}}}`, true},
		{"any pool", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:us-east-1:123456789012:userpool/*"}}}`, true},
		{"no condition", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction"}`, true},
		{"another pool", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"ArnLike":{"AWS:SourceArn":"POOLx"}}}`, false},
		{"pattern as a text", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"AWS:SourceArn":"*"}}}`, false},
		{"another account", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"AWS:SourceAccount":"999999999999"}}}`, false},
		{"another service", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"lambda:InvokeFunction"}`, false},
		{"an account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"lambda:InvokeFunction"}`, false},
		{"another action", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:GetFunction"}`, false},
		{"deny", `{"Effect":"Deny","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction"}`, false},
		{"unknown condition", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, false},
		{"unknown key", `{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},"Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`, false},
	} {
		var s Statement
		if err := json.Unmarshal([]byte(strings.ReplaceAll(test.statement, "POOL", opstest.PoolARN)), &s); err != nil {
			t.Fatal(err)
		}
		if got := s.Allows(opstest.PoolARN, "123456789012"); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

func TestPermissionOfAFunction(t *testing.T) {
	for function, want := range map[string]string{
		opstest.FunctionARN:                                      opstest.FunctionARN + " ",
		opstest.FunctionARN + ":live":                            opstest.FunctionARN + " live",
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:1": "arn:aws-cn:lambda:cn-north-1:123456789012:function:f 1",
		"trigger": "", "arn:aws:sqs:us-east-1:123456789012:function:f": "", "arn:aws:lambda:us-east-1:123456789012:layer:f": "",
		opstest.FunctionARN + ":live:x": "", "": "",
	} {
		p, err := For(nil, function, opstest.PoolARN)
		qualifier := ""
		if p.Qualifier != nil {
			qualifier = *p.Qualifier
		}
		if got := p.Function + " " + qualifier; (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%q: %q, %v; want %q", function, got, err, want)
		}
		if id := p.StatementID(); err == nil && (!regexp.MustCompile(`^[a-zA-Z0-9-_]{1,100}$`).MatchString(id) || !strings.Contains(id, opstest.PoolID)) {
			t.Errorf("statement ID %q", id)
		}
	}
}
