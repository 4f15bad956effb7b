package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/cost"
	"example.com/onboarding/statemachine/dev/section"
)

func TestEnvironmentIsTheTemplates(t *testing.T) {
	name := filepath.Join(t.TempDir(), "template.yaml")
	const text = `
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
      CodeUri: steps/one/
      Environment:
        Variables: { SHARED: own, KEYS: !Ref Keys, TABLE: !Ref Table }
  Table: { Type: AWS::DynamoDB::Table }
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := readTemplate(name)
	if err != nil {
		t.Fatal(err)
	}
	functions, err := read.functions()
	if err != nil || len(functions) != 1 || functions["One"].folder != "steps/one" {
		t.Fatalf("functions %+v, error %v; want One in steps/one", functions, err)
	}
	for key, want := range map[string]string{"LITERAL": "1", "SHARED": "own", "STACK": "onboarding", "KEYS": "a,b", "TABLE": "Table"} {
		if got := functions["One"].environment[key]; got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestEveryFunctionOfTheTemplateIsMeasured(t *testing.T) {
	for id := range testFunctions(t) {
		if !slices.ContainsFunc(subjects(), func(s subject) bool { return s.logicalID == id }) {
			t.Errorf("%s is in the template, and not among the subjects", id)
		}
	}
}

func TestQuantiles(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, 0.25: 2, 0.5: 3, 0.75: 4, 0.99: 5, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %v of %v = %v, want %v", q, values, got, want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want NaN", got)
	}
	want := ratio{Medians: 2, Low: 1, High: 4}
	if got := ratioOf([]float64{2, 4, 4, 8}, []float64{2, 2, 1, 2}); got != want {
		t.Errorf("ratio %+v, want %+v", got, want)
	}
}

func TestGoalsTellByHowMuch(t *testing.T) {
	for want, g := range map[string]goal{
		"init: 1.20 × hello, at most 1.50 × hello: met, 20 % below":    {"init", 1.2, 1.5, " × hello"},
		"init: 1.80 × hello, at most 1.50 × hello: MISSED, 20 % above": {"init", 1.8, 1.5, " × hello"},
	} {
		if got := g.String(); got != want {
			t.Errorf("%+v reads %q, want %q", g, got, want)
		}
	}
}

func TestGoalsAreJudgedByMedians(t *testing.T) {
	r := results{
		all: []subject{{name: hello}, {name: trigger, zip: 3e6}, {name: "saveprofile", file: task}},
		plain: map[string][]sample{
			hello:         {{Init: 10, CPU: 1, Memory: 10}, {Init: 12, CPU: 1, Memory: 10}, {Init: 100, CPU: 1, Memory: 10}},
			trigger:       {{Init: 12, CPU: 2, Memory: 12}, {Init: 12, CPU: 2, Memory: 12}, {Init: 12, CPU: 2, Memory: 12}},
			"saveprofile": {{Init: 24}, {Init: 24}, {Init: 24}},
		},
	}
	got := make(map[string]bool)
	for _, g := range r.goals() {
		got[g.What] = g.met()
	}
	want := map[string]bool{
		"trigger, plain: init": true, "trigger, plain: memory": true, "trigger, plain: CPU of a warm invocation": false,
		"trigger: zip": true, "saveprofile, plain: init": false,
	}
	for what, met := range want {
		if was, judged := got[what]; !judged || was != met {
			t.Errorf("%s: judged %v and met %v, want met %v", what, judged, was, met)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d goals without the TLS path, want %d", len(got), len(want))
	}
}

func TestOperationsOfBothProtocols(t *testing.T) {
	asJSON := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	asJSON.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	asForm := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=SendEmail&Source=x"))
	asForm.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s := &services{calls: make(map[string]int)}
	for _, r := range []struct{ got, want string }{{answer(s, asJSON), "{}"}, {answer(s, asForm), answers["SendEmail"]}} {
		if r.got != r.want {
			t.Errorf("answer %s, want %s", r.got, r.want)
		}
	}
	answer(s, httptest.NewRequest(http.MethodGet, "/", nil)) // as a connection is opened
	if got := s.taken(); len(got) != 2 || got["PutItem"] != 1 || got["SendEmail"] != 1 {
		t.Errorf("calls %v, want PutItem and SendEmail once each", got)
	}
	if got := s.taken(); len(got) != 0 {
		t.Errorf("calls %v since then, want none", got)
	}
}

func TestPriceOfAMillion(t *testing.T) {
	m := modelled{MemoryMB: 512}
	if got, want := m.dollars(100, cost.X86Second), cost.Request.Of(1e6)+cost.X86Second.Of(50_000); math.Abs(got-want) > 1e-9 {
		t.Errorf("a million invocations of 100 ms with 512 MB cost %v, want %v", got, want)
	}
	if got := roundUp(1001 * time.Microsecond); got != 2*time.Millisecond {
		t.Errorf("1.001 ms are billed as %v, want 2 ms", got)
	}
}

func TestTablesReplaceThoseOfTheDocument(t *testing.T) {
	const begin, end = "<!-- make bench UPDATE=1 writes this: one -->\n", "<!-- end -->"
	got, err := section.Replace("before\n"+begin+"old\n"+end+"\nafter\n", places([]table{{"one", "new\n"}})...)
	if want := "before\n" + begin + "\nnew\n\n" + end + "\nafter\n"; err != nil || got != want {
		t.Errorf("document %q, error %v; want %q", got, err, want)
	}
	if _, err := section.Replace("no place", places([]table{{"one", "new\n"}})...); err == nil {
		t.Error("a table without a place is lost without an error")
	}
}

func TestDocumentHasAPlaceForEachTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	r := results{tls: map[string][]sample{hello: nil}, models: []modelled{{}}}
	if _, err := section.Replace(string(text), places(r.tables())...); err != nil {
		t.Errorf("%s: %v", document, err)
	}
}

// answer returns what a request is answered.
func answer(s *services, r *http.Request) string {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Body.String()
}
