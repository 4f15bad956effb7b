package doctor

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/grouprules"
)

// checkAttributes checks that no app client may write an attribute that a group
// rule reads: whoever signs up would choose the groups. A mail address and a
// telephone number count in a rule only when they are verified, and may be written.
func checkAttributes(k *stack, pool poolFunc, clients clientsFunc) ([]Finding, error) {
	rules, err := grouprules.Parse(k.groupRules())
	if err != nil {
		return nil, nil //nolint:nilerr // that is another check's finding
	}
	names := slices.DeleteFunc(slices.Clone(rules.Attributes()), func(name string) bool { return name == "email" || name == "phone_number" })
	if len(names) == 0 {
		return nil, nil
	}
	p, err := pool()
	if isGone(err) {
		return nil, errNoPool
	}
	if err != nil {
		return nil, err
	}
	var found []Finding
	writable := make([]string, 0, len(names))
	for _, name := range names {
		switch attribute := schemaOf(p, name); {
		case attribute == nil:
			found = append(found, warning("a group rule reads "+name+", which no user of the pool can have",
				"correct the parameter GroupRules, or add the attribute in the Cognito console: "+poolConsole(k, "sign-up")))
		case !aws.ToBool(attribute.DeveloperOnlyAttribute) && name != "sub":
			writable = append(writable, name)
		}
	}
	faults, err := clientsThatMayWrite(k, clients, writable)
	return append(found, faults...), err
}

// schemaOf returns the attribute of the pool; nil if there is none.
func schemaOf(p *types.UserPoolType, name string) *types.SchemaAttributeType {
	i := slices.IndexFunc(p.SchemaAttributes, func(a types.SchemaAttributeType) bool { return aws.ToString(a.Name) == name })
	if i < 0 {
		return nil
	}
	return &p.SchemaAttributes[i]
}

func clientsThatMayWrite(k *stack, clients clientsFunc, names []string) ([]Finding, error) {
	if len(names) == 0 {
		return nil, nil
	}
	all, err := clients()
	var found []Finding
	for _, c := range all {
		for _, name := range names {
			if mayWrite(c, name) {
				found = append(found, fault("a group rule reads "+name+", which the app client "+nameOf(c)+" may write", mendWritable(k, c, name)))
			}
		}
	}
	return found, err
}

// poolConsole returns the address of a page about the pool.
func poolConsole(k *stack, page string) string {
	return k.console() + "/cognito/v2/idp/user-pools/" + k.outputs["UserPoolId"] + "/" + page + "?region=" + k.id.Region
}
