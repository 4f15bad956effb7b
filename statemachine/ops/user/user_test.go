package user

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

func TestPersonalDataIsShownIfAskedFor(t *testing.T) {
	p := &person.Person{
		Key: "key", User: &person.User{Username: "jane", Email: "jane@example.com", Enabled: true, Status: types.UserStatusTypeConfirmed},
		Executions: []execution.Execution{{Name: "key", Status: "FAILED", Input: `{"username":"jane@example.com"}`}},
	}
	for _, show := range []bool{false, true} {
		s := opstest.NewSession(t)
		r := newReport(person.Stack{Name: "onboarding"}, p, opstest.Now, show)
		r.print(s.Session)
		encoded, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range []string{s.Out.String(), string(encoded)} {
			if got := strings.Contains(out, "jane"); got != show {
				t.Errorf("shown: %t, want %t", got, show)
			}
		}
	}
}

func TestCommandsDoWhatIsNext(t *testing.T) {
	confirmed := &person.User{Enabled: true, Status: types.UserStatusTypeConfirmed}
	for want, p := range map[string]*person.Person{
		"onboard": {Key: "key", User: confirmed},
		"forget":  {Key: "key", HasProfile: true},
		"resend":  {Key: "key", User: confirmed, Record: record.Record{Attempt: "a"}, Deadline: opstest.Now},
		"":        {Key: "key", User: confirmed, Record: record.Record{MessageID: "m"}},
	} {
		got := strings.Join(newReport(person.Stack{Name: "s"}, p, opstest.Now, false).Commands, "\n")
		if command := "go run ./statemachine/ops " + want + " key --stack s"; got != command && (want != "" || got != "") {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
}
