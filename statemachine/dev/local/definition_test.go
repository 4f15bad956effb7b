package local

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// smallDefinition has a state with two retries and one without any.
const smallDefinition = `{
	"StartAt": "Send",
	"States": {
		"Send": {
			"Type": "Task",
			"Retry": [
				{
					"ErrorEquals": ["ThrottledError"], "IntervalSeconds": 2, "BackoffRate": 2,
					"MaxDelaySeconds": 900, "MaxAttempts": 240, "JitterStrategy": "FULL"
				},
				{"ErrorEquals": ["TransientError"], "MaxAttempts": 10}
			],
			"Next": "Done"
		},
		"Done": {"Type": "Succeed"}
	}
}`

func TestHurryRetries(t *testing.T) {
	d := mustParse(t, smallDefinition)
	d.hurryRetries()
	wantDefinition(t, d, `{
		"StartAt": "Send",
		"States": {
			"Send": {
				"Type": "Task",
				"Retry": [
					{
						"ErrorEquals": ["ThrottledError"], "IntervalSeconds": 1, "BackoffRate": 1,
						"MaxDelaySeconds": 900, "MaxAttempts": 240, "JitterStrategy": "NONE"
					},
					{"ErrorEquals": ["TransientError"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 10}
				],
				"Next": "Done"
			},
			"Done": {"Type": "Succeed"}
		}
	}`)
}

func TestDropNewRetryFields(t *testing.T) {
	d := mustParse(t, smallDefinition)
	dropped := d.dropNewRetryFields()
	if want := []string{"MaxDelaySeconds", "JitterStrategy"}; !reflect.DeepEqual(dropped, want) {
		t.Errorf("dropNewRetryFields() = %q; want %q", dropped, want)
	}
	wantDefinition(t, d, `{
		"StartAt": "Send",
		"States": {
			"Send": {
				"Type": "Task",
				"Retry": [
					{"ErrorEquals": ["ThrottledError"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 240},
					{"ErrorEquals": ["TransientError"], "MaxAttempts": 10}
				],
				"Next": "Done"
			},
			"Done": {"Type": "Succeed"}
		}
	}`)
}

func TestParseDefinition(t *testing.T) {
	t.Run("keeps everything", func(t *testing.T) {
		wantDefinition(t, mustParse(t, smallDefinition), smallDefinition)
	})
	t.Run("says that it is the definition that cannot be read", func(t *testing.T) {
		const text = `{"StartAt":`
		if d, err := parseDefinition(text); err == nil || !strings.Contains(err.Error(), "definition") {
			t.Errorf("parseDefinition(%s) = %v, %v; want an error about the definition", text, d, err)
		}
	})
}

func mustParse(t *testing.T, text string) definition {
	t.Helper()
	d, err := parseDefinition(text)
	if err != nil {
		t.Fatalf("parseDefinition(%s): %v", text, err)
	}
	return d
}

// wantDefinition compares what String returns, as that is what is deployed.
func wantDefinition(t *testing.T, d definition, want string) {
	t.Helper()
	var got, wanted any
	if err := json.Unmarshal([]byte(d.String()), &got); err != nil {
		t.Fatalf("unmarshal %s: %v", d, err)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("unmarshal %s: %v", want, err)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("definition = %s; want %s", d, want)
	}
}
