package local_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// TestDashboardIsDeployed reads the dashboard back, whose references the stack has
// replaced.
func TestDashboardIsDeployed(t *testing.T) {
	aws := startAWS(t)
	body := dashboardBody(t, aws, "onboarding-"+local.Region)
	var dashboard struct{ Widgets []struct{ Type string } }
	if err := json.Unmarshal([]byte(body), &dashboard); err != nil || len(dashboard.Widgets) == 0 {
		t.Fatalf("no widgets (error %v) in %s", err, body)
	}
	for _, want := range []string{
		`"Onboarding", "Confirmations", "Stack", "onboarding"`,
		`"AWS/States", "ExecutionsStarted", "StateMachineArn", "` + aws.Stack.StateMachineARN + `"`,
		`"FunctionName", "` + aws.PhysicalID("TriggerFunction") + `"`,
		`QueueName=onboarding'`,
		`"label": "${PROP('Dim.State')} ${PROP('Dim.ErrorType')}"`, // for CloudWatch to replace
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the dashboard has no %s: %s", want, body)
		}
	}
	// moto's CloudFormation makes no alarms, so it cannot name them.
	if left := regexp.MustCompile(`\$\{[\w:.]*\}`).FindAllString(body, -1); slices.ContainsFunc(left, isNoAlarm) {
		t.Errorf("the stack left the references %q", left)
	}
}

func isNoAlarm(reference string) bool { return !strings.HasSuffix(reference, "Alarm}") }

// dashboardBody calls GetDashboard, without a client that nothing else would use.
func dashboardBody(t *testing.T, aws *local.AWS, name string) string {
	t.Helper()
	query := url.Values{"Action": {"GetDashboard"}, "Version": {"2010-08-01"}, "DashboardName": {name}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, aws.Endpoint, strings.NewReader(query.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/"+local.Region+"/monitoring/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	var answer struct {
		Body string `xml:"GetDashboardResult>DashboardBody"`
	}
	if err := xml.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GetDashboard: %s, %v", resp.Status, err)
	}
	return answer.Body
}
