package main

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/project"
)

const root = "../../.."

// fixture is a template of a function with an environment, one that reads a queue, and
// one with an event of its own.
func fixture(t *testing.T) template {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"template.yaml": `
Parameters:
  Keys: { Type: String, Default: "a,b" }
Globals:
  Function:
    Environment:
      Variables: { LITERAL: "1", SHARED: global, STACK: !Ref AWS::StackName }
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables: { SHARED: own, KEYS: !Ref Keys, TABLE: !Ref Table }
  Table: { Type: AWS::DynamoDB::Table }
  Mapping: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref Reader } }
`,
		confirmation: "confirmation", task: "task", input: `{"sub":"1"}`, "other/testdata/event.json": "own",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read, err := readTemplate(dir)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestEnvironmentIsTheTemplates(t *testing.T) {
	environment, err := fixture(t).environment("One")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"LITERAL": "1", "SHARED": "own", "STACK": "onboarding", "KEYS": "a,b", "TABLE": "Table"} {
		if got := environment[key]; got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestEventIsWhatTheFunctionTakes(t *testing.T) {
	f := fixture(t)
	for _, test := range []struct {
		id, folder string
		isStep     bool
		want       string
	}{
		{"One", "trigger", false, "confirmation"},
		{"Two", "steps/two", true, "task"},
		{"Other", "other", false, "own"},
	} {
		got, err := f.event(project.Function{LogicalID: test.id, Folder: test.folder}, test.isStep)
		if err != nil || string(got) != test.want {
			t.Errorf("event of %s: %q (error %v), want %q", test.id, got, err, test.want)
		}
	}
	message, err := f.event(project.Function{LogicalID: "Reader", Folder: "reader"}, false)
	var queued struct{ Records []struct{ Body string } }
	if err != nil || json.Unmarshal(message, &queued) != nil || len(queued.Records) != 1 || queued.Records[0].Body != `{"sub":"1"}` {
		t.Errorf("event of who reads a queue: %s (error %v), want a message with the input", message, err)
	}
}

func TestEveryFunctionOfTheTemplateIsMeasured(t *testing.T) {
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	all, err := subjects(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Functions {
		if !slices.ContainsFunc(all, func(s subject) bool { return s.folder == f.Folder && len(s.payload) > 0 }) {
			t.Errorf("%s is in the template, and not among the subjects", f.LogicalID)
		}
	}
	if only := chosen(all, []string{trigger}); len(only) != 2 || only[0].name != hello || only[1].name != trigger {
		t.Errorf("chosen are %+v, want hello and the trigger", only)
	}
}

func TestGoalsTellByHowMuch(t *testing.T) {
	for want, got := range map[string]float64{"met by 20 %": 1.2, "MISSED by 20 %": 1.8} {
		if verdict := (goal{got: got, most: 1.5}).verdict(); verdict != want {
			t.Errorf("%v of 1.5 at most: %q, want %q", got, verdict, want)
		}
	}
}

// measuredOnce is a result without the TLS path.
func measuredOnce() results {
	return results{
		all: []subject{{name: hello}, {name: trigger, zip: 3e6}, {name: "Quick", isStep: true}, {name: "Slow", isStep: true}},
		plain: map[string][]sample{
			hello:   {{Init: 10, CPU: 1, Memory: 10}, {Init: 12, CPU: 1, Memory: 10}, {Init: 100, CPU: 1, Memory: 10}},
			trigger: {{Init: 12, CPU: 2, Memory: 12}, {Init: 12, CPU: 2, Memory: 12}, {Init: 12, CPU: 2, Memory: 12}},
			"Quick": {{Init: 6, First: math.NaN()}}, "Slow": {{Init: 48}, {Init: 48}, {Init: 48}},
		},
	}
}

func TestGoalsAreJudgedByMedians(t *testing.T) {
	got := make(map[string]bool)
	for _, g := range measuredOnce().goals() {
		got[g.what] = g.met()
	}
	want := map[string]bool{"Trigger: init": true, "Trigger: memory": true, "Trigger: CPU, warm": false, "Trigger: zip": true, "slowest step, Slow: init": false}
	for what, met := range want {
		if was, judged := got[what]; !judged || was != met {
			t.Errorf("%s: judged %v and met %v, want met %v", what, judged, was, met)
		}
	}
	if err := measuredOnce().missed(); err == nil || err.Error() != "2 goals are missed" {
		t.Errorf("error %v, want one that counts the goals missed", err)
	}
	if len(got) != len(want) {
		t.Errorf("%d goals without the TLS path, want %d", len(got), len(want))
	}
}

func TestReportHasARowForEachFunction(t *testing.T) {
	report := measuredOnce().report()
	for _, want := range []string{
		"| hello | 12.0 ms | – ms | – ms | 1.00 ms | 10.0 MB | 0.00 |",
		"| Trigger | 1.00 | – | – | 2.00 | 1.20 | 3.00 |",
		"| Quick | 0.500 | – |",
		"| Trigger: CPU, warm | 2.00 × hello | 1.90 | MISSED by 5 % |",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report has no %q:\n%s", want, report)
		}
	}
}

func TestCallsOfBothProtocolsAreAnswered(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/%/aws4_request, SignedHeaders=host, Signature=0"
	asJSON := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	asJSON.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	asJSON.Header.Set("Authorization", strings.Replace(signed, "%", "dynamodb", 1))
	asForm := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=SendEmail&Source=x"))
	asForm.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asForm.Header.Set("Authorization", strings.Replace(signed, "%", "ses", 1))
	s := &services{}
	for _, r := range []struct{ got, want string }{{answer(s, asJSON), "{}"}, {answer(s, asForm), answers["SendEmail"]}} {
		if r.got != r.want {
			t.Errorf("answer %s, want %s", r.got, r.want)
		}
	}
	answer(s, httptest.NewRequest(http.MethodGet, "/", nil)) // as a connection is opened
	if got := s.taken(); !slices.Equal(got, []string{"dynamodb PutItem", "ses SendEmail"}) {
		t.Errorf("calls %v, want PutItem and SendEmail", got)
	}
	if got := s.taken(); len(got) != 0 {
		t.Errorf("calls %v since then, want none", got)
	}
}

// answer returns what a request is answered.
func answer(s *services, r *http.Request) string {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Body.String()
}
