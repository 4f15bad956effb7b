package page

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
)

const second = time.Second

func TestStatesShowWhatBecameOfThem(t *testing.T) {
	done, skipped := json.RawMessage(`{"status":"done"}`), json.RawMessage(`{"status":"skipped"}`)
	begun := feed.Event{Kind: feed.AttemptStarted, State: "A", Attempt: 1}
	failed := feed.Event{Kind: feed.AttemptFailed, State: "A", Error: "ThrottledError", Duration: second}
	for name, test := range map[string]struct {
		status string
		events []feed.Event
		want   Node
	}{
		"waiting":  {"RUNNING", nil, Node{"A", []string{"A"}, "waiting"}},
		"running":  {"RUNNING", []feed.Event{begun}, Node{"A", []string{"A", "running", "1× in 0s"}, "RUNNING"}},
		"retrying": {"RUNNING", []feed.Event{begun, failed}, Node{"A", []string{"A", "retrying", "1× in 1s", "ThrottledError"}, "retrying"}},
		"failed":   {"FAILED", []feed.Event{begun, failed}, Node{"A", []string{"A", "failed", "1× in 1s", "ThrottledError"}, "FAILED"}},
		"done": {
			"RUNNING",
			[]feed.Event{begun, failed, begun, {Kind: feed.AttemptSucceeded, State: "A", Duration: second, Result: done}},
			Node{"A", []string{"A", "done", "2× in 2s"}, "done"},
		},
		"skipped":   {"RUNNING", []feed.Event{begun, {Kind: feed.AttemptSucceeded, State: "A", Result: skipped}}, Node{"A", []string{"A", "skipped", "1× in 0s"}, "skipped"}},
		"no result": {"RUNNING", []feed.Event{begun, {Kind: feed.AttemptSucceeded, State: "A"}}, Node{"A", []string{"A", "done", "1× in 0s"}, "done"}},
	} {
		r := Run{Execution: Execution{Status: test.status}}
		r.tell(test.events)
		if got := r.node("A"); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestARedriveForgetsTheError(t *testing.T) {
	var r Run
	r.tell([]feed.Event{{Kind: feed.Ended, Error: "E", Message: "m"}})
	if r.Error != "E" || r.Message != "m" {
		t.Errorf("after the end: %q, %q", r.Error, r.Message)
	}
	r.tell([]feed.Event{{Kind: feed.Redriven}})
	if r.Error != "" || r.Message != "" {
		t.Errorf("after the redrive: %q, %q", r.Error, r.Message)
	}
}

func TestGraphHasEveryWay(t *testing.T) {
	got, err := graph(`{"StartAt": "A", "States": {
		"A": {"Type": "Task", "Next": "B", "Catch": [{"Next": "D"}]},
		"B": {"Type": "Choice", "Choices": [{"Next": "C"}], "Default": "D"},
		"C": {"Type": "Task", "End": true}, "D": {"Type": "Fail"}}}`, Run{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Edge{{"[start]", "A"}, {"A", "D"}, {"A", "B"}, {"B", "C"}, {"B", "D"}, {"C", "[end]"}, {"D", "[end]"}}
	if !reflect.DeepEqual(got.Edges, want) || len(got.Nodes) != 6 {
		t.Errorf("%v with %d nodes, want %v with 6", got.Edges, len(got.Nodes), want)
	}
	if _, err := graph("{", Run{}); err == nil {
		t.Error("a broken definition is drawn")
	}
}

func TestExecutionsAreNamedByTheirUsers(t *testing.T) {
	users := []User{{Sub: "s1", Email: "one@example.com"}, {Sub: "s2", Username: "two"}, {}}
	executions := []Execution{{Name: "s1_cause"}, {Name: "s1"}, {Name: "s2"}, {Name: "s3"}}
	name(users, executions)
	var got []string
	for _, e := range executions {
		got = append(got, e.User)
	}
	if want := []string{"one@example.com", "one@example.com", "two", ""}; !reflect.DeepEqual(got, want) {
		t.Errorf("users %v, want %v", got, want)
	}
	if users[0].Execution.Name != "s1_cause" || users[2].Execution.Name != "" {
		t.Errorf("the latest executions are %q and %q, want s1_cause and none", users[0].Execution.Name, users[2].Execution.Name)
	}
	if mine := of(users[1], executions); len(mine) != 1 || mine[0].Name != "s2" {
		t.Errorf("of the second user: %v", mine)
	}
}
