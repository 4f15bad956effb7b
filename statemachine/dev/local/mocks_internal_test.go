package local

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/mock"
)

func TestCapRetries(t *testing.T) {
	d := mustParse(t, `{"States":{"A":{"Retry":[{"MaxAttempts":240},{"MaxAttempts":2},{}]}}}`)
	d.capRetries(6)
	wantDefinition(t, d, `{"States":{"A":{"Retry":[{"MaxAttempts":6},{"MaxAttempts":2},{}]}}}`)
}

func TestFunctionsOfStates(t *testing.T) {
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:"
	d := mustParse(t, `{"States":{"A":{"Parameters":{"FunctionName":"`+arn+`f"}},"B":{"Parameters":{"FunctionName":"`+arn+`g"}},"C":{"Type":"Succeed"}}}`)
	if got, want := d.functions(), map[string]string{"f": "A", "g": "B"}; !maps.Equal(got, want) {
		t.Errorf("functions() = %v, want %v", got, want)
	}
}

func TestMocksAnswerOnlyWhatTheirCaseMocks(t *testing.T) {
	responses := mock.Responses{
		{Throw: &mock.Throw{Error: "ThrottledError", Cause: "slow down"}},
		{Return: &mock.Return{StatusCode: 200, Payload: []byte(`{"status":"done"}`)}},
	}
	m := &Mocks{
		states:  map[string]string{"f": "A", "g": "B"},
		running: map[string]mock.Case{"case-1": {"A": responses}},
	}
	for name, test := range map[string]struct{ function, task, want string }{
		"first attempt":         {"f", task("case-1", 0), `200 Unhandled {"errorMessage":"slow down","errorType":"ThrottledError"}`},
		"retry":                 {"f", task("case-1", 1), `200  {"status":"done"}`},
		"too many attempts":     {"f", task("case-1", 2), `400  {"__type":"NotMocked","message":"attempt 2 of A is not mocked"}`},
		"state left out":        {"g", task("case-1", 0), "left alone"},
		"other execution":       {"f", task("case-2", 0), "left alone"},
		"no task":               {"f", `[]`, "left alone"},
		"call of other service": {"", task("case-1", 0), "left alone"},
	} {
		t.Run(name, func(t *testing.T) {
			handler := m.answer(Call{Function: test.function, Body: []byte(test.task)})
			got := "left alone"
			if handler != nil {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, nil)
				got = fmt.Sprint(w.Code, " ", w.Header().Get("X-Amz-Function-Error"), " ", strings.TrimSpace(w.Body.String()))
			}
			if got != test.want {
				t.Errorf("answer %s, want %s", got, test.want)
			}
		})
	}
}

func task(execution string, retryCount int) string {
	return fmt.Sprintf(`{"executionName":%q,"retryCount":%d}`, execution, retryCount)
}
