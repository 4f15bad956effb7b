package main

import "testing"

func TestVariables(t *testing.T) {
	for parameter, want := range map[string]string{
		"AppName": "APP_NAME", "AppUrl": "APP_URL", "GroupRules": "GROUP_RULES", "Deployment": "DEPLOYMENT", "LogRetentionDays": "LOG_RETENTION_DAYS",
	} {
		if got := variable(parameter); got != want {
			t.Errorf("%s is chosen by %s, want %s", parameter, got, want)
		}
	}
	t.Chdir("../../..")
	chosen, err := parameters(func(name string) (string, bool) { return "My Shop", name == "APP_NAME" })
	if err != nil || len(chosen) != 2 || chosen["AppName"] != "My Shop" || chosen["GroupRules"] != groupRules {
		t.Errorf("chosen are %v, %v", chosen, err)
	}
}

func TestUserIsChecked(t *testing.T) {
	for email, good := range map[string]bool{
		"jane@example.com": true, "j@x": true, "": false, "jane": false, "Jane <jane@example.com>": false, "jane@example.com ": false, "a@b, c@d": false,
	} {
		if _, err := (runCommand{Email: email}).check(); (err == nil) != good {
			t.Errorf("%q: %v", email, err)
		}
	}
	if _, err := (runCommand{Email: "jane@example.com", Metadata: "campaign"}).check(); err == nil {
		t.Error("metadata without a value is taken")
	}
}
