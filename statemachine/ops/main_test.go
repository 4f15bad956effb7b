package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

func TestUsageErrorsExit1(t *testing.T) {
	for _, test := range []struct {
		name, args, says string
	}{
		{"no command", "", "expected one of"},
		{"unknown flag", "redrive --al", "unknown flag"},
		{"no state machine", "redrive", "--state-machine"},
		{"all and a choice", "redrive --stack s --all --state A", "exclude each other"},
		{"no rate", "redrive --stack s --rate 0", "--rate"},
		{"nothing to backfill", "backfill", "--stack"},
		{"since is no time", "backfill --stack s --since soon", "neither a duration"},
		{"since in the future", "backfill --stack s --since 2999-01-01", "future"},
		{"no pool to attach to", "attach --trigger " + opstest.FunctionARN, "--user-pool and --trigger"},
		{"no function to detach", "detach --user-pool " + opstest.PoolID, "--user-pool and --trigger"},
		{"nothing to check", "doctor", "either --stack or --group-rules"},
		{"stack and rules", "doctor --stack s --group-rules []", "either --stack or --group-rules"},
		{"no user", "user --stack s", "expected \"<user>\""},
		{"no stack of a user", "onboard " + opstest.PoolID, "--stack"},
		{"no inbox", "testmail --stack s", "--to"},
		{"no address of an inbox", "testmail --stack s --to me", "plain mail address"},
		{"no rate of forgetting", "orphans --stack s --rate 0", "--rate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
			if code != 1 || !strings.Contains(stderr.String(), test.says) || stdout.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q; want 1, nothing, %q", code, &stdout, &stderr, test.says)
			}
		})
	}
}

// unreachable makes the command call an AWS that does not answer.
func unreachable(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
	} {
		t.Setenv(name, value)
	}
}

func TestFailedCallExits1(t *testing.T) {
	unreachable(t)
	for _, args := range []string{"redrive --stack s", "redrive --all --state-machine " + opstest.MachineARN, "backfill --stack s", "attach --stack s", "detach --user-pool " + opstest.PoolID + " --trigger " + opstest.FunctionARN, "doctor --stack s", "user me --stack s", "onboard me --stack s", "resend me --stack s", "forget me --stack s", "orphans --stack s", "testmail --stack s --to me@example.com"} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "connection refused") {
			t.Errorf("ops %s: exit code %d, stderr %q", args, code, &stderr)
		}
	}
}

func TestInterruptionExits1AndSaysThatItMayGoOn(t *testing.T) {
	unreachable(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"redrive", "--state-machine", opstest.MachineARN}, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "run the same command again") {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}

func TestHelpExplainsExitCodes(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "Exit codes") {
		t.Errorf("exit code %d, stdout %q", code, &stdout)
	}
}
