package local_test

import (
	"net"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// TestParametersOfTheTemplate finds a constraint that Go cannot check.
func TestParametersOfTheTemplate(t *testing.T) {
	parameters, err := local.Parameters(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range parameters {
		if err := p.Check("welcome@example.com"); err != nil && strings.Contains(err.Error(), "pattern") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, found := parameters["ExistingUserPoolId"]; found {
		t.Error("the local AWS makes the pool itself")
	}
}

func TestCheckBeforeTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) //nolint:errcheck // nobody has called
	tests := map[string]struct {
		options local.Options
		want    string
	}{
		"a pattern":        {withParameter("AppUrl", "http://x"), "parameter AppUrl, \"http://x\": must be empty or start with https://"},
		"a list of values": {withParameter("LogLevel", "warn"), "must be one of DEBUG, INFO"},
		"a number":         {withParameter("LogRetentionDays", "2"), "must be one of 1, 3, 5"},
		"a length":         {withParameter("ProfileAttributes", strings.Repeat("a", 1025)), "must be names of attributes"},
		"JSON":             {withParameter("GroupRules", `[{"attribute": }]`), "parameter GroupRules"},
		"a rule":           {withParameter("GroupRules", `[{"attribute": "email", "groups": ["a"]}]`), "parameter GroupRules"},
		"an unknown one":   {withParameter("AppNmae", "x"), "no parameter AppNmae"},
		"the pool":         {withParameter("ExistingUserPoolId", "us-east-1_A"), "no parameter ExistingUserPoolId"},
		"an engine":        {local.Options{Root: root, Engine: "localhost"}, "is not like http://127.0.0.1:8083"},
		"a port in use":    {local.Options{Root: root, Port: taken.Addr().(*net.TCPAddr).Port}, "address already in use"},
		"no template":      {local.Options{Root: "."}, "read the template"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.options.Check(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want it to say %q", err, test.want)
			}
		})
	}
	good := local.Options{Root: root, Parameters: map[string]string{"AppName": "My Shop", "LogRetentionDays": "3", "GroupRules": "[]"}}
	if err := good.Check(t.Context()); err != nil {
		t.Errorf("%v, want nothing wrong with %v", err, good.Parameters)
	}
}

func withParameter(name, value string) local.Options {
	return local.Options{Root: root, Parameters: map[string]string{name: value}}
}
