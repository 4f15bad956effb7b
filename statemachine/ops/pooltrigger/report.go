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

// Report is what attach and detach print.
type Report struct {
	DryRun   bool   `json:"dryRun"`
	UserPool string `json:"userPool"`
	// Setting is the only one that is to be changed.
	Setting string `json:"setting"`
	Before  string `json:"before"`
	// Wanted is the trigger that was asked for, After the one that the pool has
	// in the end.
	Wanted     string           `json:"wanted"`
	After      string           `json:"after"`
	Permission PermissionResult `json:"permission"`
	Result     Result           `json:"result"`
	// Differences are the settings that were not as expected after the change,
	// NotRestored those that are not as before.
	Differences []Difference `json:"differences"`
	NotRestored []Difference `json:"notRestored"`
}

// begin makes the report.
func (c *change) begin(dryRun bool) {
	r := &Report{
		DryRun: dryRun, UserPool: c.before.id(), Setting: "LambdaConfig.PostConfirmation",
		Before: c.before.trigger(), Wanted: c.trigger, After: c.before.trigger(), Permission: PermissionKept,
		Differences: []Difference{}, NotRestored: []Difference{},
	}
	if c.grant {
		r.Permission = PermissionToAdd
	}
	if c.revoke {
		r.Permission = PermissionToRemove
	}
	c.report = r
}

// plan shows the difference.
func (r *Report) plan() string {
	var text strings.Builder
	fmt.Fprintf(&text, "user pool %s\n", r.UserPool)
	if r.Before == r.Wanted {
		fmt.Fprintf(&text, "  %s: %v, as it is\n", r.Setting, orNone(r.Before))
	} else {
		fmt.Fprintf(&text, "  %s: %v → %v\n", r.Setting, orNone(r.Before), orNone(r.Wanted))
	}
	fmt.Fprintf(&text, "  permission for Cognito to invoke the function: %s\n", r.Permission)
	return text.String()
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
	if r.Result == Changed && r.Before != r.Wanted {
		fmt.Fprintln(c.Stdout, "every other setting of the pool is as it was")
	}
	if r.Result == Changed && r.Before != "" && r.Wanted != "" {
		fmt.Fprintf(c.Stdout, "to put the former trigger back: ops detach --restore %s, with the other flags as they were\n", r.Before)
	}
}
