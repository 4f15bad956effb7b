package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/project"
)

func TestFileNumbersAttemptsInRanges(t *testing.T) {
	e, f := Response{Throw: &Throw{Error: "E"}}, Response{Throw: &Throw{Error: "F"}}
	got := ranges(Responses{e, e, e, f, e})
	want := map[string]Response{"0-2": e, "3": f, "4": e}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("ranges %s, want %s", Encode(got), Encode(want))
	}
}

func TestMockedResultsHaveEmptyMembers(t *testing.T) {
	s := project.Step{
		Members: []string{"count", "id", "names", "other", "reason", "sent", "status"},
		Fields:  []project.Field{{Name: "count", Type: "int64"}, {Name: "id", Type: "string"}, {Name: "names", Type: "[]string"}, {Name: "sent", Type: "bool"}},
	}
	got := string(returns(s, statemachine.Skipped("why")).Return.Payload)
	if want := `{"count":0,"id":"","names":[],"other":null,"reason":"why","sent":false,"status":"skipped"}`; got != want {
		t.Errorf("result %s, want %s", got, want)
	}
}

func TestReasonsMakeNames(t *testing.T) {
	if got, want := camel("mail address: 2 rejected"), "MailAddress2Rejected"; got != want {
		t.Errorf("name %s, want %s", got, want)
	}
}

const twoStates = `{"StartAt":"A","States":{
	"A":{"ResultPath":"$.a","Next":"B","Retry":[{"ErrorEquals":["E"],"MaxAttempts":2},{"ErrorEquals":["F","G"]}]},
	"B":{"ResultPath":"$.b","End":true}}}`

func TestExpect(t *testing.T) {
	ok := Response{Return: &Return{StatusCode: 200, Payload: []byte("{}")}}
	throw := func(name string) Response { return Response{Throw: &Throw{Error: name, Cause: "why"}} }
	e, f, g, h := throw("E"), throw("F"), throw("G"), throw("H")
	for name, test := range map[string]struct {
		a, b      Responses
		errorName string
		attempts  string
	}{
		"success":                     {Responses{ok}, Responses{ok}, "", "A:,B:"},
		"retry":                       {Responses{e, ok}, Responses{ok}, "", "A:E,A:,B:"},
		"each retrier counts alone":   {Responses{e, f, e, g, f, ok}, Responses{ok}, "", "A:E,A:F,A:E,A:G,A:F,A:,B:"},
		"retries used up":             {Responses{e, e, f, e, ok}, nil, "E", "A:E,A:E,A:F,A:E"},
		"three retries if unsaid":     {Responses{f, g, f, f, ok}, nil, "F", "A:F,A:G,A:F,A:F"},
		"not retried":                 {Responses{h, ok}, nil, "H", "A:H"},
		"state without retries":       {Responses{ok}, Responses{e, ok}, "E", "A:,B:E"},
		"one attempt is not answered": {Responses{e}, nil, "A: attempt 1 is not mocked", ""},
		"one state is not answered":   {Responses{ok}, nil, "B: attempt 0 is not mocked", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := Expect(twoStates, Case{"A": test.a, "B": test.b})
			if err != nil {
				o = Outcome{Error: err.Error()}
			}
			var got []string
			for _, a := range o.Attempts {
				got = append(got, a.State+":"+a.Error)
			}
			if o.Error != test.errorName || strings.Join(got, ",") != test.attempts {
				t.Errorf("ended with %q after %v, want %q after %s", o.Error, got, test.errorName, test.attempts)
			}
		})
	}
}

func TestExpectedResults(t *testing.T) {
	c := Case{"A": {{Return: &Return{Payload: []byte(`1`)}}}, "B": {{Throw: &Throw{Error: "E", Cause: "why"}}}}
	o, err := Expect(twoStates, c)
	if err != nil || o.Cause != "why" || len(o.Results) != 1 || string(o.Results["a"]) != "1" {
		t.Errorf("outcome %+v, %v", o, err)
	}
	if _, err := Expect(`{"StartAt":"Z"}`, c); err == nil || !strings.Contains(err.Error(), `"Z"`) {
		t.Errorf("error %v, want one that names the state", err)
	}
}

func TestDifferences(t *testing.T) {
	failed := Outcome{Error: "E", Cause: "why", Attempts: []Attempt{{"A", "E"}, {"A", "E"}}}
	done := Outcome{Attempts: []Attempt{{"A", ""}}, Results: map[string]json.RawMessage{"a": []byte(`{"n":1}`)}}
	for name, test := range map[string]struct {
		want      Outcome
		ran       Ran
		different string
	}{
		"none when it stopped":  {failed, Ran{Status: "FAILED", Error: "E", Cause: `{"errorMessage":"why"}`, Attempts: failed.Attempts}, ""},
		"none when it was done": {done, Ran{Status: "SUCCEEDED", Attempts: done.Attempts, Input: `{"in":2}`, Output: `{"a":{"n":1},"in":2}`}, ""},
		"attempts":              {failed, Ran{Status: "FAILED", Error: "E", Cause: "why", Attempts: []Attempt{{"A", "E"}, {"A", ""}, {"B", "E"}}}, "attempts\n got A E, A, B E\nwant A E ×2"},
		"status":                {failed, Ran{Status: "ABORTED", Error: "E", Cause: "why", Attempts: failed.Attempts}, `ABORTED with E "why", want FAILED with E "why"`},
		"error":                 {failed, Ran{Status: "FAILED", Error: "F", Cause: "why", Attempts: failed.Attempts}, `FAILED with F "why", want FAILED with E "why"`},
		"cause":                 {failed, Ran{Status: "FAILED", Error: "E", Cause: "no", Attempts: failed.Attempts}, `FAILED with E "no", want FAILED with E "why"`},
		"stopped":               {done, Ran{Status: "FAILED", Error: "E", Attempts: done.Attempts}, `FAILED with E "", want SUCCEEDED`},
		"result":                {done, Ran{Status: "SUCCEEDED", Attempts: done.Attempts, Input: `{"in":2}`, Output: `{"a":{},"in":2}`}, "output map[a:map[] in:2], want map[a:map[n:1] in:2]"},
		"input lost":            {done, Ran{Status: "SUCCEEDED", Attempts: done.Attempts, Input: `{"in":2}`, Output: `{"a":{"n":1}}`}, "output map[a:map[n:1]], want map[a:map[n:1] in:2]"},
		"no output":             {done, Ran{Status: "SUCCEEDED", Attempts: done.Attempts, Input: `{"in":2}`}, "decode input and output: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.want.Differences(test.ran)
			if got := fmt.Sprint(err); got != cmp.Or(test.different, "<nil>") {
				t.Errorf("differences %s, want %s", got, test.different)
			}
		})
	}
}
