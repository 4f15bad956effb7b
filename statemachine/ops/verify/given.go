package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/definition"
	"example.com/onboarding/statemachine/ops/internal/person"
)

// checkMembership checks that Cognito has the user in the group.
func checkMembership(p *person.Person, group string) (seen string, err error) {
	if p.User == nil {
		return "", errors.New("the pool does not have the user any more")
	}
	if !slices.Contains(p.User.Groups, group) {
		return "", fmt.Errorf("the user is in the groups %q, and not in %s", p.User.Groups, group)
	}
	return "groups " + strings.Join(p.User.Groups, ", "), nil
}

// checkProfile checks that the profile table has the user.
func checkProfile(p *person.Person) (seen string, err error) {
	if !p.HasProfile {
		return "", errors.New("the profile table does not have the user")
	}
	return "an item", nil
}

// checkRecord checks that the record has each state of the definition as done: of this
// user, nothing is missing for which a step is skipped.
func checkRecord(ctx context.Context, api definition.API, machine string, p *person.Person) (seen string, err error) {
	states, err := definition.States(ctx, api, machine)
	if err != nil {
		return "", err
	}
	for _, state := range states {
		step, ended := p.Record.Steps[state]
		switch {
		case !ended:
			return "", fmt.Errorf("the record does not have %s", state)
		case step.Status != statemachine.StatusDone:
			return "", fmt.Errorf("%s is %s: %s", state, step.Status, step.Reason)
		}
	}
	if p.Record.OnboardedAt.IsZero() {
		return "", errors.New("the record does not have the end of the onboarding")
	}
	return fmt.Sprintf("%d steps done", len(states)), nil
}
