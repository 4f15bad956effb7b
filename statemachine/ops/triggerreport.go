package main

import (
	"fmt"
	"strings"
)

// triggerResult is what became of a change of the trigger.
type triggerResult string

const (
	resultChanged     triggerResult = "done"
	resultAlready     triggerResult = "nothing to do"
	resultWouldChange triggerResult = "dry run"
	resultUnchanged   triggerResult = "failed, nothing was changed"
	resultRestored    triggerResult = "failed, the former settings were restored"
	resultNotRestored triggerResult = "failed, not all former settings were restored"
	resultUnknown     triggerResult = "failed, how the pool is now is not known"
)

// permissionResult is what became of Cognito's permission to invoke the function.
type permissionResult string

const (
	permissionKept      permissionResult = "unchanged"
	permissionToAdd     permissionResult = "to be added"
	permissionToRemove  permissionResult = "to be removed"
	permissionAdded     permissionResult = "added"
	permissionRemoved   permissionResult = "removed"
	permissionTakenBack permissionResult = "added, and removed again"
)

// triggerReport is what attach and detach print.
type triggerReport struct {
	DryRun   bool   `json:"dryRun"`
	UserPool string `json:"userPool"`
	// Setting is the only one that is to be changed.
	Setting string `json:"setting"`
	Before  string `json:"before"`
	// Wanted is the trigger that was asked for, After the one that the pool has
	// in the end.
	Wanted     string           `json:"wanted"`
	After      string           `json:"after"`
	Permission permissionResult `json:"permission"`
	Result     triggerResult    `json:"result"`
	// Differences are the settings that were not as expected after the change,
	// NotRestored those that are not as before.
	Differences []difference `json:"differences"`
	NotRestored []difference `json:"notRestored"`
}

// begin makes the report.
func (c *triggerChange) begin(dryRun bool) {
	r := &triggerReport{
		DryRun: dryRun, UserPool: c.before.id(), Setting: "LambdaConfig.PostConfirmation",
		Before: c.before.trigger(), Wanted: c.trigger, After: c.before.trigger(), Permission: permissionKept,
		Differences: []difference{}, NotRestored: []difference{},
	}
	if c.grant {
		r.Permission = permissionToAdd
	}
	if c.revoke {
		r.Permission = permissionToRemove
	}
	c.report = r
}

// plan shows the difference.
func (r *triggerReport) plan() string {
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

func (c *triggerChange) print(asJSON bool) {
	r := c.report
	if asJSON {
		c.printJSON(r)
		return
	}
	fmt.Fprint(c.stdout, r.plan())
	for _, d := range r.Differences {
		fmt.Fprintf(c.stdout, "  after the change: %s\n", d)
	}
	for _, d := range r.NotRestored {
		fmt.Fprintf(c.stdout, "  not restored: %s\n", d)
	}
	fmt.Fprintln(c.stdout, r.Result)
	if r.Result == resultChanged && r.Before != r.Wanted {
		fmt.Fprintln(c.stdout, "every other setting of the pool is as it was")
	}
	if r.Result == resultChanged && r.Before != "" && r.Wanted != "" {
		fmt.Fprintf(c.stdout, "to put the former trigger back: ops detach --restore %s, with the other flags as they were\n", r.Before)
	}
}
