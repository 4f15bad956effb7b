package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/mock"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/internal/asl"
)

const (
	root = "../../.."
	user = `{"userPoolId":"p","username":"u"}`
)

func asItIs(*asl.Definition) {}

func readProject(t *testing.T) *project.Project {
	t.Helper()
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryCaseEndsAsTheDefinitionSays(t *testing.T) {
	p := readProject(t)
	var stdout strings.Builder
	if err := runCases(t.Context(), fake(asItIs), "us-gov-west-1", p, &stdout); err != nil {
		t.Errorf("%v\n%s", err, stdout.String())
	}
	for name := range mock.Cases(p) {
		if !strings.Contains(stdout.String(), "ok    "+name+"\n") {
			t.Errorf("nothing says that %s is ok", name)
		}
	}
}

func TestCasesThatDifferAreCounted(t *testing.T) {
	p := readProject(t)
	var stdout strings.Builder
	err := runCases(t.Context(), fake(func(d *asl.Definition) { d.States[d.StartAt].ResultPath = "$.other" }), "us-east-1", p, &stdout)
	failed := strings.Count(stdout.String(), "FAIL  ")
	if want := fmt.Sprintf("%d of %d cases end otherwise than the definition says", failed, len(mock.Cases(p))); failed == 0 || fmt.Sprint(err) != want {
		t.Errorf("error %v after\n%s\nwant %s", err, stdout.String(), want)
	}
}

func TestCallThatFailsEndsIt(t *testing.T) {
	var stdout strings.Builder
	err := runCases(t.Context(), fake(func(d *asl.Definition) { clear(d.States) }), "us-east-1", readProject(t), &stdout)
	if err == nil || !strings.HasPrefix(err.Error(), "case ") || !strings.Contains(err.Error(), "ValidationException: no such state") || stdout.Len() > 0 {
		t.Errorf("error %v after %q, want the call's and the case", err, stdout.String())
	}
}

// TestOtherAnswersAreDifferences lets the API answer as for another definition.
func TestOtherAnswersAreDifferences(t *testing.T) {
	p := readProject(t)
	definition, err := p.Definition("aws", "us-east-1", account)
	if err != nil {
		t.Fatal(err)
	}
	cases, first := mock.Cases(p), p.Steps[0]
	last := len(first.Definition.Retry) - 1
	retries := "Retries" + first.Definition.Retry[last].ErrorEquals[0]
	exhausts := "Exhausts" + first.Definition.Retry[0].ErrorEquals[0]
	stops := "StopsOnConfigurationError"
	for name, test := range map[string]struct {
		of     string // the case of the first state
		change func(*asl.Definition, *asl.State)
		want   string
	}{
		"no retries":              {retries, func(_ *asl.Definition, s *asl.State) { s.Retry = nil }, "want SUCCEEDED"},
		"a retry less":            {exhausts, func(_ *asl.Definition, s *asl.State) { *s.Retry[0].MaxAttempts-- }, "attempts\n got "},
		"a retry more":            {exhausts, func(_ *asl.Definition, s *asl.State) { *s.Retry[0].MaxAttempts++ }, "is not mocked"},
		"another order":           {retries, func(_ *asl.Definition, s *asl.State) { slices.Reverse(s.Retry) }, "should take the error"},
		"everything is retried":   {stops, func(_ *asl.Definition, s *asl.State) { s.Retry[last].ErrorEquals = []string{"States.ALL"} }, "retrier -1 should take the error"},
		"the state is the last":   {retries, func(_ *asl.Definition, s *asl.State) { s.Next = "" }, "attempts\n got "},
		"it leads to itself":      {retries, func(d *asl.Definition, s *asl.State) { s.Next = d.StartAt }, "which there is not or was before"},
		"it leads nowhere":        {retries, func(_ *asl.Definition, s *asl.State) { s.Next = "Nowhere" }, "the next state is Nowhere, which there is not"},
		"the result is elsewhere": {retries, func(_ *asl.Definition, s *asl.State) { s.ResultPath = "$.other" }, "output map["},
		"the result is lost":      {retries, func(_ *asl.Definition, s *asl.State) { s.ResultSelector = nil }, "output map["},
		"no count in the task":    {retries, func(_ *asl.Definition, s *asl.State) { delete(payload(s), "retryCount.$") }, "the function would get the task"},
		"no user in the task":     {retries, func(_ *asl.Definition, s *asl.State) { delete(payload(s), "state.$") }, "task of the function"},
	} {
		t.Run(name, func(t *testing.T) {
			api := fake(func(d *asl.Definition) { test.change(d, d.States[d.StartAt]) })
			j, err := newJudge(api, definition)
			if err != nil {
				t.Fatal(err)
			}
			err = j.compare(t.Context(), cases[first.State+test.of], user)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func payload(s *asl.State) map[string]any { return s.Parameters["Payload"].(map[string]any) }

// recorder keeps what it is asked.
type recorder struct {
	fake

	asked []*sfn.TestStateInput
}

func (r *recorder) TestState(ctx context.Context, in *sfn.TestStateInput, o ...func(*sfn.Options)) (*sfn.TestStateOutput, error) {
	r.asked = append(r.asked, in)
	return r.fake.TestState(ctx, in, o...)
}

const twoRetriers = `{"StartAt":"A","States":{"A":{"Type":"Task","End":true,"ResultPath":"$.a","ResultSelector":{"status.$":"$.Payload.status"},
	"Parameters":{"Payload":{"state.$":"$","executionName.$":"$$.Execution.Name","startTime.$":"$$.Execution.StartTime","retryCount.$":"$$.State.RetryCount"}},
	"Retry":[{"ErrorEquals":["E"],"MaxAttempts":1000},{"ErrorEquals":["F","G"]}]}}}`

// TestRetriesOfEachRetrierAreCounted compares the questions, as state, retry count of the
// retrier, and how often the state was retried.
func TestRetriesOfEachRetrierAreCounted(t *testing.T) {
	throw := func(name string) mock.Response { return mock.Response{Throw: &mock.Throw{Error: name}} }
	done := mock.Response{Return: &mock.Return{StatusCode: 200, Payload: []byte(`{"status":"done"}`)}}
	e, f, g := throw("E"), throw("F"), throw("G")
	for name, test := range map[string]struct {
		responses mock.Responses
		want      string
	}{
		"each alone":                         {mock.Responses{e, f, e, g, f, done}, "E0/0 F0/1 E1/2 G1/3 F2/4 -/5"},
		"a thousand, first and last of them": {append(slices.Repeat(mock.Responses{e}, 1000), done), "E0/0 E998/998 E999/999 -/1000"},
		"one too many":                       {slices.Repeat(mock.Responses{e}, 1001), "E0/0 E999/999 E1000/1000"},
	} {
		t.Run(name, func(t *testing.T) {
			api := &recorder{fake: asItIs}
			j, err := newJudge(api, twoRetriers)
			if err != nil {
				t.Fatal(err)
			}
			c := mock.Case{"A": test.responses}
			if err := j.compare(t.Context(), c, user); err != nil {
				t.Error(err)
			}
			var got []string
			for _, in := range api.asked {
				got = append(got, asText(t, in))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("asked %s, want %s", strings.Join(got, " "), test.want)
			}
			before := len(api.asked)
			if err := j.compare(t.Context(), c, user); err != nil || len(api.asked) != before {
				t.Errorf("error %v, and %d of the same questions again", err, len(api.asked)-before)
			}
		})
	}
}

func asText(t *testing.T, in *sfn.TestStateInput) string {
	t.Helper()
	var given struct{ State struct{ RetryCount int } }
	if err := json.Unmarshal([]byte(*in.Context), &given); err != nil {
		t.Fatal(err)
	}
	text := "-"
	if e := in.Mock.ErrorOutput; e != nil {
		text = fmt.Sprintf("%s%d", *e.Error, *in.StateConfiguration.RetrierRetryCount)
	}
	return fmt.Sprintf("%s/%d", text, given.State.RetryCount)
}

func TestWithoutCredentialsItSaysWhatItNeeds(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	var stdout strings.Builder
	err := run(t.Context(), root, &stdout)
	if err == nil || !strings.Contains(err.Error(), "credentials that allow states:TestState") || stdout.Len() > 0 {
		t.Errorf("error %v after %q", err, stdout.String())
	}
}
