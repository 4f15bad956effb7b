package mock

import (
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
		t.Errorf("ranges %s, want %s", encoded(got), encoded(want))
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
