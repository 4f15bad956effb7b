package main

import (
	"strings"
	"testing"
)

// templates is the statement that the template makes.
func templates() map[string]any {
	return map[string]any{
		"Sid": "onboarding-TriggerPermission-1", "Effect": "Allow", "Action": "lambda:InvokeFunction",
		"Principal": map[string]any{"Service": cognitoPrincipal},
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": poolARN}},
	}
}

func TestDetachUndoesAttach(t *testing.T) {
	c := newCognitoPool(t)
	former := c.settings
	if _, err := c.run(t.Context(), t, attachCommand{triggerFlags: given}, "none"); err != nil {
		t.Fatal(err)
	}
	c.policy, c.calls = append(c.policy, templates()), nil
	r, err := c.run(t.Context(), t, detachCommand{triggerFlags: given}, "none")
	if err != nil || r.Result != resultChanged || r.Before != functionARN || r.After != "" || r.Permission != permissionRemoved {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantCalls(t, "UpdateUserPool", "RemovePermission") // in that order
	c.wantPool(t, former, "")
	if len(c.policy) != 1 || c.policy[0]["Sid"] != templates()["Sid"] {
		t.Errorf("the policy is %v, want the template's statement", c.policy)
	}
	r, err = c.run(t.Context(), t, detachCommand{triggerFlags: given}, "none")
	if err != nil || r.Result != resultAlready {
		t.Errorf("detached twice: %+v, %v", r, err)
	}
	c.wantCalls(t, "UpdateUserPool", "RemovePermission")
}

func TestDetachLeavesAnotherTrigger(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(otherARN)
	if _, err := c.run(t.Context(), t, detachCommand{triggerFlags: given}, "none"); err == nil || !strings.Contains(err.Error(), otherARN) {
		t.Errorf("error %v, want one that names the other trigger", err)
	}
	c.wantCalls(t)
}

func TestDetachRestoresTheFormerTrigger(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(functionARN)
	former := c.settings
	command := detachCommand{triggerFlags: given, Restore: otherARN}
	if _, err := c.run(t.Context(), t, command, "none"); err == nil || !strings.Contains(err.Error(), "may not invoke "+otherARN) {
		t.Errorf("error %v, want that Cognito may not invoke it", err)
	}
	c.wantCalls(t)
	c.policy = append(c.policy, templates())
	r, err := c.run(t.Context(), t, command, "none")
	if err != nil || r.After != otherARN || r.Permission != permissionKept {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantPool(t, former, otherARN)
	if r, err := c.run(t.Context(), t, command, "none"); err != nil || r.Result != resultAlready {
		t.Errorf("restored twice: %+v, %v", r, err)
	}
	command.Restore = functionARN
	if _, err := c.run(t.Context(), t, command, "none"); err == nil {
		t.Error("the stack's function is restored in its own place")
	}
}
