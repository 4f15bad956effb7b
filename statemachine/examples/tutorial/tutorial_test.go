// Package tutorial_test checks the definitions of the example. The workflow tests of
// package local run them.
package tutorial_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// machine is the part of Amazon States Language that the example may use; decoding
// refuses everything else.
type machine struct {
	Comment, StartAt string
	States           map[string]state
}

type state struct {
	Comment, Type, Resource, SecondsPath string
	Parameters, ResultSelector           map[string]any
	TimeoutSeconds                       int
	ResultPath                           any
	Retry                                []retrier
	Catch                                []catcher
	Choices                              []any
	Next, Default                        string
	End                                  bool
}

type retrier struct {
	Comment                      string
	ErrorEquals                  []string
	IntervalSeconds, MaxAttempts int
	MaxDelaySeconds              int
	BackoffRate                  float64
	JitterStrategy               string
}

type catcher struct {
	Comment     string
	ErrorEquals []string
	Next        string
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func definition(t *testing.T, file string) machine {
	t.Helper()
	var m machine
	decoder := json.NewDecoder(bytes.NewReader(readFile(t, file)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return m
}

// definitions are the state machines by logical ID.
func definitions(t *testing.T) map[string]machine {
	t.Helper()
	return map[string]machine{
		"StartTutorialStateMachine": definition(t, "starttutorial.asl.json"),
		"TutorialStateMachine":      definition(t, "tutorial.asl.json"),
	}
}

// The tasks stand in a row: whatever is put was looked up after the wait.
func TestTutorialLooksBeforeEachStep(t *testing.T) {
	m := definitions(t)["TutorialStateMachine"]
	want := []string{"WaitForStep", "FindUser", "ReadProfile", "IsStepDue", "StepIsDue", "WasItTheLast"}
	var path []string
	for name := m.StartAt; len(path) <= len(want) && name != ""; name = cmp.Or(m.States[name].Next, m.States[name].Default) {
		path = append(path, name)
	}
	if !slices.Equal(path, append(want, "TutorialIsDone")) || m.States["NextStep"].Next != m.StartAt {
		t.Errorf("path %v, NextStep leads to %s; want %v", path, m.States["NextStep"].Next, want)
	}
}

// History keeps what the tasks answer and put.
func TestTutorialAsksForNoPersonalData(t *testing.T) {
	m := definitions(t)["TutorialStateMachine"]
	want := map[string]string{
		"FindUser":    `{"AttributesToGet":["sub"],"Filter.$":"States.Format('sub = \"{}\"', $.sub)","UserPoolId.$":"$.userPoolId"}`,
		"ReadProfile": `{"Key":{"sub":{"S.$":"$.sub"}},"ProjectionExpression":"tutorial","TableName":"${ProfileTableName}"}`,
		"StepIsDue": `{"Entries":[{"Detail":{"step.$":"$.step","sub.$":"$.sub","userPoolId.$":"$.userPoolId","version":"1"},` +
			`"DetailType":"TutorialStepDue","Source":"tutorial"}]}`,
	}
	for name, s := range m.States {
		if got, err := json.Marshal(s.Parameters); s.Type == "Task" && (err != nil || string(got) != want[name]) {
			t.Errorf("%s asks for %s, %v, want %s", name, got, err, want[name])
		}
	}
}

// What is caught must not be retried first: States.TaskFailed would match it.
func TestRefusedNameIsCaughtAndNotRetried(t *testing.T) {
	m := definitions(t)["StartTutorialStateMachine"]
	s := m.States[m.StartAt]
	if len(s.Catch) != 1 || m.States[s.Catch[0].Next].Type != "Succeed" {
		t.Fatalf("Catch %+v, want one to a Succeed state", s.Catch)
	}
	if first := s.Retry[0]; !slices.Equal(first.ErrorEquals, s.Catch[0].ErrorEquals) || first.MaxAttempts != 0 {
		t.Errorf("the first Retry is of %v, %d times; want %v, never", first.ErrorEquals, first.MaxAttempts, s.Catch[0].ErrorEquals)
	}
}

func TestEveryTaskIsRetriedForHoursAndExplained(t *testing.T) {
	want := retrier{
		ErrorEquals: []string{"States.TaskFailed", "States.Timeout"}, IntervalSeconds: 2, BackoffRate: 2,
		MaxDelaySeconds: 1800, MaxAttempts: 20, JitterStrategy: "FULL",
	}
	for _, m := range definitions(t) {
		for name, s := range m.States {
			if s.Type != "Task" {
				continue
			}
			if s.Comment == "" || m.Comment == "" || s.TimeoutSeconds == 0 {
				t.Errorf("%s: comments %q and %q, time-out %d", name, m.Comment, s.Comment, s.TimeoutSeconds)
			}
			for _, r := range s.Retry {
				if r.Comment == "" {
					t.Errorf("%s, Retry of %v: no Comment", name, r.ErrorEquals)
				}
			}
			last := s.Retry[len(s.Retry)-1]
			if last.Comment = ""; !reflect.DeepEqual(last, want) {
				t.Errorf("%s: Retry %+v, want %+v", name, last, want)
			}
		}
	}
}

var substitution = regexp.MustCompile(`\$\{(\w+)\}`)

func TestSubstitutionsAreTheOnesUsed(t *testing.T) {
	var template struct {
		Resources map[string]struct {
			Properties struct {
				Type                    string               `yaml:"Type"`
				DefinitionURI           string               `yaml:"DefinitionUri"`
				DefinitionSubstitutions map[string]yaml.Node `yaml:"DefinitionSubstitutions"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(readFile(t, "template.yaml"), &template); err != nil {
		t.Fatal(err)
	}
	for id := range definitions(t) {
		machine := template.Resources[id].Properties
		if machine.Type != "STANDARD" {
			t.Errorf("%s is %s: only STANDARD knows names and redrives", id, machine.Type)
		}
		used := make(map[string]bool)
		for _, found := range substitution.FindAllStringSubmatch(string(readFile(t, machine.DefinitionURI)), -1) {
			used[found[1]] = true
			if _, given := machine.DefinitionSubstitutions[found[1]]; !given {
				t.Errorf("%s: the template gives no %s", id, found[1])
			}
		}
		if len(used) != len(machine.DefinitionSubstitutions) {
			t.Errorf("%s: the definition uses %v of %d substitutions", id, used, len(machine.DefinitionSubstitutions))
		}
	}
}
