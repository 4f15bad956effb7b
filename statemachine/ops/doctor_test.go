package main

import (
	"bytes"
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
)

// serveAWS makes the command call a server that has the stack, if it is not nil, and
// denies all other calls.
func serveAWS(t *testing.T, k *stack) {
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
		default:
			const denied = `{"__type": "AccessDeniedException", "message": "not allowed"}`
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
			w.Header().Set("X-Amz-Crc32", strconv.Itoa(int(crc32.ChecksumIEEE([]byte(denied))))) // DynamoDB's client wants it
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, denied)
		}
	}))
	t.Cleanup(server.Close)
	unreachable(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
}

func TestDoctorSaysWhichPermissionsAreMissing(t *testing.T) {
	serveAWS(t, healthyStack())
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"doctor", "--stack", "onboarding", "--json"}, &stdout, &stderr); code != 2 {
		t.Fatalf("exit code %d, want 2: %s%s", code, &stdout, &stderr)
	}
	report := decode[doctorReport](t, stdout.String())
	var checks, actions []string
	for _, f := range report.Findings {
		checks = append(checks, f.Check)
		if f.Verdict == verdictUnknown {
			action := strings.TrimSuffix(strings.TrimPrefix(f.Mend, "allow "), " to whoever runs this")
			actions = append(actions, action)
		}
	}
	wantChecks := []string{
		"stack", "tables", "trigger", "permission", "functions", "concurrency", "deferred starts", "dead letters", "queue mapping", "definition",
		"state machine", "executions", "groups", "group rules", "rule attributes", "sender", "SES account", "analytics",
	}
	if !slices.Equal(checks, wantChecks) {
		t.Errorf("checks %v, want %v", checks, wantChecks)
	}
	wantActions := []string{
		"dynamodb:DescribeTable", "cognito-idp:DescribeUserPool", "lambda:GetPolicy", "lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency", "sqs:GetQueueAttributes",
		"sqs:GetQueueAttributes", "lambda:ListEventSourceMappings", "states:DescribeStateMachine", "states:DescribeStateMachine", "states:ListExecutions",
		"cognito-idp:GetGroup", "cognito-idp:DescribeUserPool", "ses:GetEmailIdentity", "ses:GetAccount", "events:DescribeRule",
	}
	if !slices.Equal(actions, wantActions) {
		t.Errorf("actions %v, want %v", actions, wantActions)
	}
	if s := report.Summary; s.OK != 2 || s.CouldNotCheck != len(wantActions) || s.Faults+s.Warnings != 0 {
		t.Errorf("summary %+v", s)
	}
}

func TestDoctorPrintsTheMendsOnLinesOfTheirOwn(t *testing.T) {
	serveAWS(t, healthyStack())
	var stdout, stderr bytes.Buffer
	run(t.Context(), []string{"doctor", "--stack", "onboarding"}, &stdout, &stderr)
	for _, want := range []string{
		"SES account       could not check   access denied\n",
		"SES account: access denied\n    allow ses:GetAccount to whoever runs this\n",
		"deferred starts: access denied\ndead letters: access denied\n    allow sqs:GetQueueAttributes",
		"2 ok, 0 warnings, 0 faults, 16 could not be checked\n",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, &stdout)
		}
	}
}

func TestDoctorWithoutAStackOfTheTemplateExits1(t *testing.T) {
	other := healthyStack()
	delete(other.outputs, "TriggerFunctionArn")
	for want, k := range map[string]*stack{"does not exist": nil, "no output TriggerFunctionArn": other} {
		serveAWS(t, k)
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{"doctor", "--stack", "onboarding"}, &stdout, &stderr); code != 1 || stdout.Len() > 0 || !strings.Contains(stderr.String(), want) {
			t.Errorf("exit code %d, stdout %q, stderr %q; want 1, nothing, %q", code, &stdout, &stderr, want)
		}
	}
}

func TestWarningsAreNoFailure(t *testing.T) {
	for _, test := range []struct {
		found []finding
		want  bool
	}{
		{[]finding{fine(""), warning("w", "m")}, false},
		{[]finding{fine(""), fault("f", "m")}, true},
		{[]finding{failure(apiError("AccessDenied"))}, true},
	} {
		r := doctorReport{Findings: test.found}
		r.count()
		if got := r.needsAttention(); got != test.want {
			t.Errorf("%+v needs attention: %t, want %t", test.found, got, test.want)
		}
	}
}

func TestGroupRulesAreCheckedWithoutAWS(t *testing.T) {
	unreachable(t)
	good, bad := filepath.Join(t.TempDir(), "good.json"), filepath.Join(t.TempDir(), "bad.json")
	for name, text := range map[string]string{good: staffRules, bad: `[{"attribute": "email", "groups": ["staff"]}]`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		rules  string
		code   int
		stdout string
	}{
		{"[]", 0, "1 ok, 0 warnings, 0 faults"},
		{"@" + good, 0, "1 ok, 0 warnings, 0 faults"},
		{"@" + bad, 2, "group rules   fault"},
		{"[{", 2, "group rules   fault"},
		{"@nowhere.json", 1, ""},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{"doctor", "--group-rules", test.rules}, &stdout, &stderr); code != test.code || !strings.Contains(stdout.String(), test.stdout) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q; want %d, %q", test.rules, code, &stdout, &stderr, test.code, test.stdout)
		}
	}
}
