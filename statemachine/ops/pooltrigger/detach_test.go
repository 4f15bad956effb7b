package pooltrigger

import (
	"strings"
	"testing"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/permission"
)

// templates is the statement that the template makes.
func templates() map[string]any {
	return map[string]any{
		"Sid": "onboarding-TriggerPermission-1", "Effect": "Allow", "Action": "lambda:InvokeFunction",
		"Principal": map[string]any{"Service": permission.CognitoPrincipal},
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": opstest.PoolARN}},
	}
}

func TestDetachUndoesAttach(t *testing.T) {
	c := newCognitoPool(t)
	former := c.settings
	if _, err := c.run(t.Context(), t, Attach{Flags: given}, "none"); err != nil {
		t.Fatal(err)
	}
	c.policy, c.calls = append(c.policy, templates()), nil
	r, err := c.run(t.Context(), t, Detach{Flags: given}, "none")
	if err != nil || r.Result != Changed || r.Before != opstest.FunctionARN || r.After != "" || r.Permission != PermissionRemoved {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantCalls(t, "UpdateUserPool", "RemovePermission") // in that order
	c.wantPool(t, former, "")
	if len(c.policy) != 1 || c.policy[0]["Sid"] != templates()["Sid"] {
		t.Errorf("the policy is %v, want the template's statement", c.policy)
	}
	r, err = c.run(t.Context(), t, Detach{Flags: given}, "none")
	if err != nil || r.Result != Already {
		t.Errorf("detached twice: %+v, %v", r, err)
	}
	c.wantCalls(t, "UpdateUserPool", "RemovePermission")
}

func TestDetachLeavesAnotherTrigger(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(opstest.OtherARN)
	if _, err := c.run(t.Context(), t, Detach{Flags: given}, "none"); err == nil || !strings.Contains(err.Error(), opstest.OtherARN) {
		t.Errorf("error %v, want one that names the other trigger", err)
	}
	c.wantCalls(t)
}

func TestDetachRestoresTheFormerTrigger(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(opstest.FunctionARN)
	former := c.settings
	command := Detach{Flags: given, Restore: opstest.OtherARN}
	if _, err := c.run(t.Context(), t, command, "none"); err == nil || !strings.Contains(err.Error(), "may not invoke "+opstest.OtherARN) {
		t.Errorf("error %v, want that Cognito may not invoke it", err)
	}
	c.wantCalls(t)
	c.policy = append(c.policy, templates())
	r, err := c.run(t.Context(), t, command, "none")
	if err != nil || r.After != opstest.OtherARN || r.Permission != PermissionKept {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantPool(t, former, opstest.OtherARN)
	if r, err := c.run(t.Context(), t, command, "none"); err != nil || r.Result != Already {
		t.Errorf("restored twice: %+v, %v", r, err)
	}
	command.Restore = opstest.FunctionARN
	if _, err := c.run(t.Context(), t, command, "none"); err == nil {
		t.Error("the stack's function is restored in its own place")
	}
}
