package doctor

import (
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// runDenied runs the command against a server that has the stack, if it is not nil, and
// denies all other calls.
func runDenied(t *testing.T, k *stack, asJSON bool) (string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := r.FormValue("Action")
		switch {
		case action != "" && k == nil:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id onboarding does not exist</Message></Error></ErrorResponse>`)
		case action == "DescribeStacks":
			fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>%s</StackId><StackName>onboarding</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
				<Parameters><member><ParameterKey>GroupRules</ParameterKey><ParameterValue>%s</ParameterValue></member></Parameters><Outputs>`, k.id, staffRules)
			for key, value := range k.outputs {
				fmt.Fprintf(w, `<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>`, key, value)
			}
			fmt.Fprint(w, `</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`)
		case action == "DescribeStackResources":
			fmt.Fprint(w, `<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources>`)
			for _, r := range k.resources {
				fmt.Fprintf(w, `<member><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId><ResourceType>%s</ResourceType></member>`,
					*r.LogicalResourceId, *r.PhysicalResourceId, *r.ResourceType)
			}
			fmt.Fprint(w, `</StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>`)
		case action != "":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AuthorizationError</Code><Message>not allowed</Message></Error></ErrorResponse>`)
		default:
			const denied = `{"__type": "AccessDeniedException", "message": "not allowed"}`
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.Header().Set("X-Amz-Crc32", strconv.Itoa(int(crc32.ChecksumIEEE([]byte(denied))))) // DynamoDB's client wants it
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, denied)
		}
	}))
	t.Cleanup(server.Close)
	return runDoctor(t, opstest.Config(server.URL), Command{Stack: "onboarding", JSON: asJSON})
}

// runDoctor runs the command and returns what it prints.
func runDoctor(t *testing.T, cfg aws.Config, c Command) (string, error) {
	t.Helper()
	s := opstest.NewSession(t)
	s.Config = cfg
	err := c.Run(t.Context(), s.Session)
	return s.Out.String(), err
}

func TestDoctorSaysWhichPermissionsAreMissing(t *testing.T) {
	stdout, err := runDenied(t, healthyStack(), true)
	if !errors.Is(err, session.ErrAttention) {
		t.Fatalf("error %v, want attention: %s", err, stdout)
	}
	report := opstest.Decode[Report](t, stdout)
	var checks, actions []string
	for _, f := range report.Findings {
		checks = append(checks, f.Check)
		if f.Verdict == Unknown {
			action := strings.TrimSuffix(strings.TrimPrefix(f.Mend, "allow "), " to whoever runs this")
			actions = append(actions, action)
		}
	}
	wantChecks := []string{
		"stack", "tables", "trigger", "pool mail", "permission", "former pools", "functions", "concurrency", "deferred starts", "dead letters", "queue mapping", "definition",
		"state machine", "executions", "expired", "sweep", "groups", "group rules", "rule attributes", "app clients", "identity providers", "sender", "authentication", "mail receipts", "SES account", "event rules", "undelivered events", "alarms",
	}
	if !slices.Equal(checks, wantChecks) {
		t.Errorf("checks %v, want %v", checks, wantChecks)
	}
	wantActions := []string{
		"dynamodb:DescribeTable", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPool", "lambda:GetPolicy", "lambda:GetPolicy", "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency", "sqs:GetQueueAttributes",
		"sqs:GetQueueAttributes", "lambda:ListEventSourceMappings", "states:DescribeStateMachine", "states:DescribeStateMachine", "states:ListExecutions", "states:ListExecutions", "states:ListExecutions",
		"cognito-idp:GetGroup", "cognito-idp:DescribeUserPool", "cognito-idp:ListUserPoolClients", "cognito-idp:ListIdentityProviders",
		"ses:GetEmailIdentity", "ses:GetEmailIdentity", "ses:GetConfigurationSet", "ses:GetAccount", "events:DescribeRule", "sqs:GetQueueAttributes", "sns:ListSubscriptionsByTopic",
	}
	if !slices.Equal(actions, wantActions) {
		t.Errorf("actions %v, want %v", actions, wantActions)
	}
	if s := report.Summary; s.OK != 2 || s.CouldNotCheck != len(wantActions) || s.Faults+s.Warnings != 0 {
		t.Errorf("summary %+v", s)
	}
}

func TestDoctorPrintsTheMendsOnLinesOfTheirOwn(t *testing.T) {
	stdout, _ := runDenied(t, healthyStack(), false)
	for _, want := range []string{
		"SES account          could not check   access denied\n",
		"SES account: access denied\n    allow ses:GetAccount to whoever runs this\n",
		"deferred starts: access denied\ndead letters: access denied\n    allow sqs:GetQueueAttributes",
		"2 ok, 0 warnings, 0 faults, 26 could not be checked\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

func TestStackOfAnotherTemplateIsAnError(t *testing.T) {
	other := healthyStack()
	delete(other.outputs, "TriggerFunctionArn")
	for want, k := range map[string]*stack{"does not exist": nil, "no output TriggerFunctionArn": other} {
		stdout, err := runDenied(t, k, false)
		if err == nil || errors.Is(err, session.ErrAttention) || stdout != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("stdout %q, error %v; want nothing, %q", stdout, err, want)
		}
	}
}

func TestWarningsAreNoFailure(t *testing.T) {
	for _, test := range []struct {
		found []Finding
		want  bool
	}{
		{[]Finding{fine(""), warning("w", "m")}, false},
		{[]Finding{fine(""), fault("f", "m")}, true},
		{[]Finding{failure(opstest.APIError("AccessDenied"))}, true},
	} {
		r := Report{Findings: test.found}
		r.count()
		if got := r.needsAttention(); got != test.want {
			t.Errorf("%+v needs attention: %t, want %t", test.found, got, test.want)
		}
	}
}

func TestGroupRulesAreCheckedWithoutAWS(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.json"), filepath.Join(t.TempDir(), "bad.json")
	for name, text := range map[string]string{good: staffRules, bad: `[{"attribute": "email", "groups": ["staff"]}]`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		rules  string
		fails  bool
		stdout string
	}{
		{"[]", false, "1 ok, 0 warnings, 0 faults"},
		{"@" + good, false, "1 ok, 0 warnings, 0 faults"},
		{"@" + bad, true, "group rules   fault"},
		{"[{", true, "group rules   fault"},
		{"@nowhere.json", true, ""},
	} {
		stdout, err := runDoctor(t, opstest.Config("http://127.0.0.1:1"), Command{GroupRules: test.rules})
		if (err != nil) != test.fails || errors.Is(err, session.ErrAttention) != (test.fails && test.stdout != "") || !strings.Contains(stdout, test.stdout) {
			t.Errorf("%s: stdout %q, error %v; want %q", test.rules, stdout, err, test.stdout)
		}
	}
}
