package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/trigger/internal/onboard"
)

// safeName is what an execution name may be, on the safe side
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
var safeName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)

// FuzzTrigger hands the trigger any bytes: it returns them, and starts one
// execution at the most.
func FuzzTrigger(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		event, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		sent := bytes.Clone(payload)
		answer, call, _ := run(t, payload, nil)
		if !bytes.Equal(answer, sent) {
			t.Errorf("event %q: answer %q", sent, answer)
		}
		if call != nil {
			checkStart(t, sent, call)
		}
	})
}

// checkStart reports a start that Step Functions would refuse, and one that tells
// the user's mail address.
func checkStart(t *testing.T, payload []byte, call *sfn.StartExecutionInput) {
	t.Helper()
	if !safeName.MatchString(*call.Name) {
		t.Errorf("event %q: execution name %q", payload, *call.Name)
	}
	var in statemachine.Input
	if err := json.Unmarshal([]byte(*call.Input), &in); err != nil {
		t.Errorf("event %q: execution input %s: %v", payload, *call.Input, err)
	}
	e, err := onboard.ParseEvent(payload)
	if err != nil {
		t.Fatalf("event %q: started, and not readable: %v", payload, err)
	}
	// A federated user, and one without a sub, is known by the username only.
	if *call.Name == in.Sub && !e.Federated() && in.Username != in.Sub {
		t.Errorf("event %q: execution input %s has the username", payload, *call.Input)
	}
	var private struct {
		Request struct {
			UserAttributes struct{ Email string } `json:"userAttributes"`
		} `json:"request"`
	}
	json.Unmarshal(payload, &private) //nolint:errcheck // other members may be of any type
	address := private.Request.UserAttributes.Email
	if !strings.Contains(address, "@") {
		return
	}
	for _, value := range in.Metadata {
		if strings.Contains(value, address) {
			t.Errorf("event %q: execution input %s has the address", payload, *call.Input)
		}
	}
}
