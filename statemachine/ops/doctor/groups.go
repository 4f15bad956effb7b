package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/grouprules"
)

type groupsAPI interface {
	GetGroup(context.Context, *cognitoidentityprovider.GetGroupInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetGroupOutput, error)
}

// checkGroupsExist checks that every group of a rule exists. The default group is made
// when a user needs it.
func checkGroupsExist(ctx context.Context, api groupsAPI, k *stack, pool poolFunc) ([]Finding, error) {
	if _, err := pool(); isGone(err) { // Cognito says the same of a group that does not exist
		return nil, errNoPool
	}
	var names []string
	if rules, err := grouprules.Parse(k.groupRules()); err == nil { // if not, that is another check's finding
		names = rules.GroupNames()
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == k.parameters["DefaultGroup"] })
	slices.Sort(names)
	var found []Finding
	id := k.outputs["UserPoolId"]
	for _, name := range names {
		_, err := api.GetGroup(ctx, &cognitoidentityprovider.GetGroupInput{UserPoolId: &id, GroupName: &name})
		if isGone(err) {
			found = append(found, fault("the group "+name+" does not exist in the pool",
				"aws cognito-idp create-group --user-pool-id "+id+" --group-name "+quote(name)))
			continue
		}
		if err != nil {
			return found, fmt.Errorf("get group: %w", err)
		}
	}
	if len(found) == 0 {
		found = append(found, fine(strings.Join(append(names, k.parameters["DefaultGroup"]), ", ")))
	}
	return found, nil
}

// checkRules checks the text of the group rules, and returns a finding for each
// problem.
func checkRules(text, mend string) []Finding {
	_, err := grouprules.Parse(text)
	if err == nil {
		return nil
	}
	problems := []error{err}
	if joined, is := err.(interface{ Unwrap() []error }); is {
		problems = joined.Unwrap()
	}
	var found []Finding
	for _, problem := range problems {
		found = append(found, fault(strings.ReplaceAll(problem.Error(), "\n", " "), mend))
	}
	return found
}
