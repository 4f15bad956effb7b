package statemachine_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/project"
)

// machine is the part of Amazon States Language that the definition may use;
// decoding refuses everything else, Catch and Fail included.
type machine struct {
	Comment, StartAt string
	States           map[string]state
}

type state struct {
	Comment, Type, Resource string
	Parameters              struct {
		FunctionName string
		Payload      map[string]string
	}
	TimeoutSeconds int
	ResultSelector map[string]string
	ResultPath     string
	Retry          []retrier
	Next           string
	End            bool
}

type retrier struct {
	Comment                      string
	ErrorEquals                  []string
	IntervalSeconds, MaxAttempts int
	MaxDelaySeconds              int
	BackoffRate                  float64
	JitterStrategy               string
}

func definition(t *testing.T) machine {
	t.Helper()
	var m machine
	decodeStrictly(t, []byte(statemachine.Definition), &m)
	return m
}

func TestEveryStateIsOnThePath(t *testing.T) {
	m := definition(t)
	if got := steps(t).States(); len(m.States) != len(got) {
		t.Errorf("%d states, of which the path has %v", len(m.States), got)
	}
}

func TestEveryStateIsATaskThatInvokesItsFunction(t *testing.T) {
	for name, s := range definition(t).States {
		if s.Type != "Task" || s.Resource != "arn:${Partition}:states:::lambda:invoke" {
			t.Errorf("%s is a %s of %s", name, s.Type, s.Resource)
		}
		if want := "${" + name + "FunctionArn}"; s.Parameters.FunctionName != want {
			t.Errorf("%s invokes %s, want %s", name, s.Parameters.FunctionName, want)
		}
		if s.Comment == "" {
			t.Errorf("%s has no Comment", name)
		}
	}
}

func TestPayloadIsTheTask(t *testing.T) {
	want := slices.Sorted(maps.Values(map[string]string{
		"state": "$", "executionName": "$$.Execution.Name", "startTime": "$$.Execution.StartTime", "retryCount": "$$.State.RetryCount",
	}))
	fields := jsonNames(reflect.TypeFor[statemachine.Task]())
	for name, s := range definition(t).States {
		if got := paths(t, s.Parameters.Payload); !slices.Equal(got, fields) {
			t.Errorf("%s: payload has %v, Task has %v", name, got, fields)
		}
		if got := slices.Sorted(maps.Values(s.Parameters.Payload)); !slices.Equal(got, want) {
			t.Errorf("%s: payload is made of %v, want %v", name, got, want)
		}
	}
}

func TestGoldenTaskIsATask(t *testing.T) {
	golden, err := os.ReadFile("testdata/task.json")
	if err != nil {
		t.Fatal(err)
	}
	var task statemachine.Task
	decodeStrictly(t, golden, &task)
	input, err := json.Marshal(task.State.Input)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(input); got != strings.TrimSpace(string(want)) {
		t.Errorf("task.json has the input %s, input.json %s", got, want)
	}
	if task.ExecutionName != task.State.UserKey() || task.StartTime.IsZero() {
		t.Errorf("task %+v", task)
	}
}

func TestEachResultIsWholeAndHasANameOfItsOwn(t *testing.T) {
	taken := jsonNames(reflect.TypeFor[statemachine.Input]())
	outcome := jsonNames(reflect.TypeFor[statemachine.Outcome]())
	m, p := definition(t), steps(t)
	for _, s := range p.Steps {
		if !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(s.Result) || slices.Contains(taken, s.Result) {
			t.Errorf("%s: the result %q has no plain name, or one that is taken by %v", s.State, s.Result, taken)
		}
		taken = append(taken, s.Result)
		want := slices.Clone(outcome)
		for _, f := range s.Fields {
			want = append(want, f.Name)
			if f.Doc == "" || f.Type == "any" {
				t.Errorf("%s: %s of its Result has no comment, or no plain type", s.State, f.Name)
			}
		}
		slices.Sort(want)
		selector := m.States[s.State].ResultSelector
		if got := paths(t, selector); !slices.Equal(got, want) {
			t.Errorf("%s: ResultSelector has %v, the type Result %v", s.State, got, want)
		}
		for key, path := range selector {
			if want := "$.Payload." + strings.TrimSuffix(key, ".$"); path != want {
				t.Errorf("%s: ResultSelector %s is %s, want %s", s.State, key, path, want)
			}
		}
	}
}

func steps(t *testing.T) *project.Project {
	t.Helper()
	p, err := project.Read("..")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// paths returns the sorted keys of a payload template, all of whose values are
// paths.
func paths(t *testing.T, template map[string]string) []string {
	t.Helper()
	var keys []string
	for key := range template {
		name, isPath := strings.CutSuffix(key, ".$")
		if !isPath {
			t.Errorf("%s is not a path", key)
		}
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys
}

// jsonNames returns the sorted names of a struct's fields in JSON.
func jsonNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		if field.Anonymous {
			names = append(names, jsonNames(field.Type)...)
			continue
		}
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
