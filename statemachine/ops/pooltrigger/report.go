package pooltrigger

import (
	"fmt"
	"strings"
)

// Result is what became of a change of the trigger.
type Result string

// The results.
const (
	Changed     Result = "done"
	Already     Result = "nothing to do"
	WouldChange Result = "dry run"
	Unchanged   Result = "failed, nothing was changed"
	Restored    Result = "failed, the former settings were restored"
	NotRestored Result = "failed, not all former settings were restored"
	Unknown     Result = "failed, how the pool is now is not known"
)

// PermissionResult is what became of Cognito's permission to invoke the function.
type PermissionResult string

// What may become of the permission.
const (
	PermissionKept      PermissionResult = "unchanged"
	PermissionToAdd     PermissionResult = "to be added"
	PermissionToRemove  PermissionResult = "to be removed"
	PermissionAdded     PermissionResult = "added"
	PermissionRemoved   PermissionResult = "removed"
	PermissionTakenBack PermissionResult = "added, and removed again"
)

// Trigger is what becomes of one trigger of the pool.
type Trigger struct {
	Setting string `json:"setting"`
	Before  string `json:"before"`
	// Wanted is the trigger that was asked for, After the one that the pool has
	// in the end.
	Wanted     string           `json:"wanted"`
	After      string           `json:"after"`
	Permission PermissionResult `json:"permission"`
	// Note says why a trigger is not changed, and what to do.
	Note string `json:"note,omitempty"`
}

// Report is what attach and detach print.
type Report struct {
	DryRun   bool   `json:"dryRun"`
	UserPool string `json:"userPool"`
	// Trigger is the one of PostConfirmation, and FirstToken that of
	// PreTokenGeneration; nil if the stack has it off. No other setting is to be
	// changed.
	Trigger

	FirstToken *Trigger `json:"firstToken,omitempty"`
	Result     Result   `json:"result"`
	// Differences are the settings that were not as expected after the change,
	// NotRestored those that are not as before.
	Differences []Difference `json:"differences"`
	NotRestored []Difference `json:"notRestored"`
}

// begin makes the report.
func (c *change) begin(dryRun bool) {
	c.report = &Report{DryRun: dryRun, UserPool: c.before.id(), Differences: []Difference{}, NotRestored: []Difference{}}
	for _, t := range c.triggers {
		t.report = &c.report.Trigger
		if t.kind == preTokenGeneration {
			t.report = new(Trigger)
			c.report.FirstToken = t.report
		}
		before := c.before.trigger(t.kind)
		*t.report = Trigger{
			Setting: "LambdaConfig." + string(t.kind), Before: before, Wanted: t.arn, After: before,
			Permission: PermissionKept, Note: t.note,
		}
		if t.grant {
			t.report.Permission = PermissionToAdd
		}
		if t.revoke {
			t.report.Permission = PermissionToRemove
		}
	}
}

// plan shows the difference.
func (r *Report) plan() string {
	var text strings.Builder
	fmt.Fprintf(&text, "user pool %s\n", r.UserPool)
	text.WriteString(r.Trigger.plan())
	if r.FirstToken != nil {
		text.WriteString(r.FirstToken.plan())
	}
	return text.String()
}

func (t *Trigger) plan() string {
	switch {
	case t.Note != "":
		return fmt.Sprintf("  %s: %v, which stays: %s\n", t.Setting, t.Before, t.Note)
	case t.Before == t.Wanted:
		return fmt.Sprintf("  %s: %v, as it is\n%s", t.Setting, orNone(t.Before), t.permissionLine())
	}
	return fmt.Sprintf("  %s: %v → %v\n%s", t.Setting, orNone(t.Before), orNone(t.Wanted), t.permissionLine())
}

func (t *Trigger) permissionLine() string {
	return fmt.Sprintf("  permission for Cognito to invoke the function: %s\n", t.Permission)
}

func (c *change) print(asJSON bool) {
	r := c.report
	if asJSON {
		c.PrintJSON(r)
		return
	}
	fmt.Fprint(c.Stdout, r.plan())
	for _, d := range r.Differences {
		fmt.Fprintf(c.Stdout, "  after the change: %s\n", d)
	}
	for _, d := range r.NotRestored {
		fmt.Fprintf(c.Stdout, "  not restored: %s\n", d)
	}
	fmt.Fprintln(c.Stdout, r.Result)
	if r.Result == Changed && (r.Before != r.Wanted || r.FirstToken != nil && r.FirstToken.Before != r.FirstToken.Wanted) {
		fmt.Fprintln(c.Stdout, "every other setting of the pool is as it was")
	}
	if r.Result == Changed && r.Before != "" && r.Wanted != "" {
		fmt.Fprintf(c.Stdout, "to put the former trigger back: ops detach --restore %s, with the other flags as they were\n", r.Before)
	}
}
