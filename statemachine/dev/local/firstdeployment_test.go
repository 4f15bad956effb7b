package local_test

import (
	"maps"
	"reflect"
	"testing"
)

func TestPoolMailsBySESIfItIsGivenAnIdentity(t *testing.T) {
	all, parameters, conditions := translated(t)
	values := map[string]any{"SenderEmail": "welcome@example.com"}
	for name, p := range parameters {
		if values[name] == nil {
			values[name] = p.Default
		}
	}
	for identity, want := range map[string]map[string]any{
		"": {"EmailSendingAccount": "COGNITO_DEFAULT"},
		"example.com": {
			"EmailSendingAccount": "DEVELOPER", "From": "welcome@example.com",
			"SourceArn": map[string]any{"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com"},
		},
	} {
		given := maps.Clone(values)
		given["PoolMailIdentity"] = identity
		if got := deploymentOf(all, conditions, given).resources["UserPool"].properties["EmailConfiguration"]; !reflect.DeepEqual(got, any(want)) {
			t.Errorf("identity %q: the pool mails by %v, want %v", identity, got, want)
		}
	}
}

// TestNoPolicyOfTheAccountIsTaken: an account has ten resource policies of CloudWatch
// Logs besides those of the groups.
func TestNoPolicyOfTheAccountIsTaken(t *testing.T) {
	for id, r := range resources(t) {
		if r.kind == "AWS::Logs::ResourcePolicy" {
			t.Errorf("%s is one of the ten of the account", id)
		}
		if id == "AnalyticsLogGroup" && r.properties["ResourcePolicyDocument"] == nil {
			t.Errorf("%s has no policy that lets EventBridge write", id)
		}
	}
}
