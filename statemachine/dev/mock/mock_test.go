package mock

import (
	"slices"
	"strings"
	"testing"
)

// file returns a mock file with one case of one state, answered as given.
func file(responses string) string {
	return `{"StateMachines":{"OnboardingStateMachine":{"TestCases":{"C":{"A":"R"}}}},"MockedResponses":{"R":` + responses + `}}`
}

const (
	returns = `{"Return":{"StatusCode":200,"Payload":{"status":"done"}}}`
	throws  = `{"Throw":{"Error":"E","Cause":"why"}}`
)

func TestRangesOfAttempts(t *testing.T) {
	cases, err := parse([]byte(file(`{"0":` + throws + `,"1-3":` + throws + `,"4":` + returns + `}`)))
	if err != nil {
		t.Fatal(err)
	}
	responses := cases["C"]["A"]
	if len(responses) != 5 || responses[3].Throw == nil || string(responses[4].Return.Payload) != `{"status":"done"}` {
		t.Errorf("responses %+v", responses)
	}
}

func TestFilesThatWouldMislead(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"gap":              {file(`{"0":` + throws + `,"2":` + returns + `}`), "attempt 1 is not mocked"},
		"start after 0":    {file(`{"1":` + returns + `}`), "attempt 0 is not mocked"},
		"overlap":          {file(`{"0-1":` + throws + `,"1":` + returns + `}`), "attempt 1 is mocked twice"},
		"backward range":   {file(`{"2-0":` + throws + `}`), "2-0"},
		"no number":        {file(`{"first":` + throws + `}`), "first"},
		"no answer":        {file(`{"0":{}}`), "either Return or Throw"},
		"misspelt":         {file(`{"0":{"Returns":{}}}`), "Returns"},
		"unknown response": {strings.Replace(file(`{"0":`+returns+`}`), `"A":"R"`, `"A":"S"`, 1), "no mocked response S"},
		"unused response":  {strings.Replace(file(`{"0":`+returns+`}`), `"A":"R"`, ``, 1), "no case uses"},
		"other machine":    {strings.Replace(file(`{"0":`+returns+`}`), Machine, "Other", 1), Machine},
		"no JSON":          {`{`, "decode"},
	} {
		t.Run(name, func(t *testing.T) {
			if cases, err := parse([]byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("parse(%s) = %v, %v; want an error with %q", test.file, cases, err, test.want)
			}
		})
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
	if err != nil || o.Cause != "why" || len(o.Results) != 1 || string(o.Results["a"]) != "1" || !slices.Equal(o.Of("B"), []string{"E"}) {
		t.Errorf("outcome %+v, %v", o, err)
	}
	if _, err := Expect(`{"StartAt":"Z"}`, c); err == nil || !strings.Contains(err.Error(), `"Z"`) {
		t.Errorf("error %v, want one that names the state", err)
	}
}
